import HotfixRelease
import Testing

@Suite("Versions by the rules of the clients")
struct VersionTests {
    @Test(
        "Versions of semver.org sort as section 11 has it",
        arguments: [
            [
                "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
                "1.0.0-rc.1", "1.0.0",
            ],
            ["1.0.0", "1.0.1-hotfix1", "1.0.1-hotfix2", "1.0.1", "1.0.2", "1.1.0", "2.0.0", "10.0.0"],
            ["v1.0.0", "1.0.1", "1.0.99999999999999999999999999"],
            // Words are compared letter by letter, so that the tenth hotfix comes before the second.
            ["1.0.1-hotfix10", "1.0.1-hotfix2"],
        ])
    func semantic(texts: [String]) throws {
        let versions = try texts.map { try #require(SemanticVersion($0)) }
        for (index, version) in versions.enumerated() {
            for (other, later) in versions.enumerated() {
                #expect((version < later) == (index < other), "\(texts[index]) and \(texts[other])")
                #expect((version == later) == (index == other))
            }
        }
    }

    @Test(
        "What is no version of semver.org is none",
        arguments: [
            "", "1", "1.0", "1.0.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0-a..b", "1.0.0+", "vv1.0.0", "1.0.0 ",
            "a.b.c", "1.-1.0",
        ])
    func notSemantic(text: String) {
        #expect(SemanticVersion(text) == nil)
    }

    @Test("Builds count for Tauri alone")
    func builds() throws {
        let plain = try #require(SemanticVersion("1.0.1"))
        let built = try #require(SemanticVersion("1.0.1+hotfix1"))
        let later = try #require(SemanticVersion("1.0.1+hotfix2"))
        #expect(plain == built && !(plain < built))
        #expect(plain.isLessByBuild(than: built) && built.isLessByBuild(than: later))
        #expect(!later.isLessByBuild(than: built) && !built.isLessByBuild(than: built))
    }

    @Test(
        "Versions sort as Sparkle's comparator has it",
        arguments: [
            ["1.0a1", "1.0a2", "1.0b1", "1.0", "1.0.1", "1.1", "1.10", "2"], ["1202", "1203", "12030"],
            ["1.0 (1203)", "1.0 (1234)"], ["1.0.0b5", "1.0.0", "1.0.0.1"], ["beta", "1"],
        ])
    func sparkle(texts: [String]) {
        let versions = texts.map(SparkleVersion.init)
        for (index, version) in versions.enumerated() {
            for (other, later) in versions.enumerated() {
                #expect((version < later) == (index < other), "\(texts[index]) and \(texts[other])")
                #expect((version == later) == (index == other), "\(texts[index]) and \(texts[other])")
            }
        }
    }

    @Test(
        "Sparkle takes these for the same",
        arguments: [
            ("1.0", "1.0.0"), ("1", "1.0.0.0"), ("1.0.1-hotfix1", "1.0.1"), ("1.01", "1.1"), ("1,0", "1 0"), ("", ""),
            ("1.0b", "1.0.0b"),
        ])
    func sameForSparkle(one: String, other: String) {
        #expect(SparkleVersion(one) == SparkleVersion(other))
        #expect(!(SparkleVersion(one) < SparkleVersion(other)) && !(SparkleVersion(other) < SparkleVersion(one)))
    }
}
