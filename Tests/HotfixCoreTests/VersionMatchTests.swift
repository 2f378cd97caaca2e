import HotfixCore
import HotfixTestSupport
import Testing

@Suite("Versions")
struct VersionMatchTests {
    @Test(
        "a leading v, a package and a build count as documented",
        arguments: [
            ("1.2.3", "1.2.3", true), ("v1.2.3", "1.2.3", true), ("1.2.3", "v1.2.3", true), ("v1.2.3", "v1.2.3", true),
            ("vv1.2.3", "1.2.3", false), ("V1.2.3", "1.2.3", false), ("1.2.3", "1.2.4", false), ("1.2", "1.2.0", false),
            ("1.2.3 ", "1.2.3", false), ("", "1.2.3", false), ("version", "ersion", true),
            ("checkout@1.2.3", "1.2.3", true), ("checkout@v1.2.3", "1.2.3", true), ("checkout@1.2.3", "v1.2.3", true),
            ("@acme/checkout@1.2.3", "1.2.3", true), ("1.2.3", "checkout@1.2.3", true),
            ("checkout@1.2.3", "checkout@1.2.3", true), ("cart@1.2.3", "checkout@1.2.3", false),
            ("checkout@1.2.3+45", "1.2.3", true), ("checkout@1.2.3+45", "1.2.3+45", true),
            ("checkout@1.2.3+45", "1.2.3+46", false), ("checkout@1.2.3", "1.2.3+45", false),
            ("checkout@1.2.3+45", "checkout@1.2.3", true), ("1.2.3+45", "1.2.3", true), ("1.2.3-rc.1", "1.2.3", false),
            ("checkout@", "1.2.3", false), ("a1b2c3", "a1b2c3", true),
        ])
    func matching(_ seen: String, _ named: String, _ isSame: Bool) {
        #expect(isSameVersion(seen, named) == isSame)
    }

    @Test("runs hold what was set, in whatever order, and say it in the fewest runs", arguments: 0..<20)
    func runs(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var runs = VersionRuns()
        var model: [Int: [String]] = [:]
        for _ in 0..<200 {
            let window = Int.random(in: 0..<30, using: &random)
            let versions = [[], ["1"], ["2"], ["1", "2"]].randomElement(using: &random) ?? []
            runs.set(versions.shuffled(using: &random), in: Window(containing: Instant(window * 300), length: 300))
            model[window] = versions
            for window in 0..<30 { #expect(runs[Instant(window * 300)] == model[window]) }
        }
        for (left, right) in zip(runs.runs, runs.runs.dropFirst()) {
            #expect(left.end < right.start || left.end == right.start && left.versions != right.versions)
        }
        runs.forget(before: Instant(10 * 300))
        for window in 0..<30 { #expect(runs[Instant(window * 300)] == (window < 10 ? nil : model[window])) }
    }
}
