import Foundation
import HotfixCore
import Testing

@testable import HotfixConfiguration

@Suite struct LoaderTests {
    /// Runs with a directory of its own.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        try body(url.path)
    }

    private func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private func problem(_ path: String) -> String {
        do {
            _ = try SettingsLoader.load(path: path, environment: [:])
            return "none"
        } catch { return "\(error)" }
    }

    @Test func theFileIsLookedForInOrder() throws {
        try withDirectory { directory in
            func found(_ explicit: String?, _ environment: [String: String]) -> String? {
                try? SettingsLoader.locate(explicit: explicit, environment: environment, currentDirectory: directory)
            }
            let isElsewhere = FileManager.default.fileExists(atPath: "/etc/hotfix/hotfix.yaml")
            #expect(found(nil, [:]) == (isElsewhere ? "/etc/hotfix/hotfix.yaml" : nil))
            try write("", "\(directory)/hotfix.yaml")
            #expect(found(nil, [:]) == "\(directory)/hotfix.yaml")
            #expect(found(nil, ["HOTFIX_CONFIG": "env.yaml"]) == "env.yaml")
            #expect(found(nil, ["HOTFIX_CONFIG": ""]) == "\(directory)/hotfix.yaml")
            #expect(found("explicit.yaml", ["HOTFIX_CONFIG": "env.yaml"]) == "explicit.yaml")
        }
    }

    @Test func aFileIsReadWithItsPolicyAndSecretsBesideIt() throws {
        try withDirectory { directory in
            try write(small.replacing("\"http://localhost:9090\"", with: "\"file:url\""), "\(directory)/hotfix.yaml")
            try write("http://localhost:9090\n", "\(directory)/url")
            try write(smallFiles.values.joined(), "\(directory)/p.yaml")
            let settings = try SettingsLoader.load(path: "\(directory)/hotfix.yaml", environment: [:])
            #expect(settings.sources.map(\.url) == ["http://localhost:9090"])
            #expect(settings.services.map(\.policyFile) == ["\(directory)/p.yaml"])
            #expect(settings.state == .sqlite(path: "\(directory)/.hotfix/ledger.db"))
        }
    }

    @Test func whatIsNoReadableTextIsRefused() throws {
        try withDirectory { directory in
            let path = "\(directory)/hotfix.yaml"
            #expect(problem(path) == "\(path): the file does not exist.")
            #expect(problem(directory) == "\(directory): the file is a directory.")
            try Data([0x61, 0x0A, 0x62, 0xE9, 0x0A]).write(to: URL(fileURLWithPath: path))
            #expect(problem(path) == "\(path): the file is not UTF-8 text (line 2); save it as UTF-8.")
            try Data("a: 1\nb: \u{0}".utf8).write(to: URL(fileURLWithPath: path))
            #expect(problem(path).hasPrefix("\(path):2: not valid YAML: control characters are not allowed"))
            try Data(count: 5 << 20).write(to: URL(fileURLWithPath: path))
            #expect(problem(path) == "\(path): the file is larger than 4 MiB.")
        }
    }

    @Test func damagedFilesGiveDiagnosticsAndNothingElse() throws {
        var generator = SplitMix(state: 20_261_120)
        let originals = try [
            ExampleSettings.text, small + "tracker: {publish: push}\nretention: 30d\n",
            repositoryText("thresholds/steady.yaml").replacing(/#.*/, with: ""), richPolicy,
        ].map { Array($0.utf8) }
        for round in 0..<2000 {
            var bytes = originals[round % 4]
            if round % 3 == 0 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
            for _ in 0..<Int.random(in: 0...4, using: &generator) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            expectSettingsOrDiagnostics(Data(bytes))
        }
    }

    private let richPolicy = """
        window: 10m
        guardrails:
          a: {source: otel, query: 'm{s="{service}"}[{window}]', limit: [+25%, {above: 1e3}, {below: 98%}], over: 1h30m}
          b: {source: sentry, measure: error-rate, limit: -20%, confirm: &c {breaching: 2, of: 3}, quiet: expected}
          c: {source: otel, measure: latency-p95, limit: +20%, confirm: *c, link: "https://[::1]:80/a?b#c", severe: 1.5}
        """

    @Test(arguments: [
        String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 5000),
        String(repeating: "- ", count: 100_000), "&a [*a]", "*a", "? [a]\n: b", "a: &a [*a]", "%YAML 9.9\n---\na: b",
        "sources: &s {a: *s}", "\u{FEFF}sources: 1", "--- |\n a", "!!binary x", "sources: !!set {a}", "'",
        "\"\\ud800\"",
        "a: " + String(repeating: "&x ", count: 3) + "1",
        (0..<40).map { "a\($0): &a\($0) [*a\($0 == 0 ? 0 : $0 - 1), *a\($0 == 0 ? 0 : $0 - 1)]" }.joined(
            separator: "\n"),
    ])
    func strangeYAMLGivesDiagnostics(text: String) {
        expectSettingsOrDiagnostics(Data(text.utf8))
        expectSettingsOrDiagnostics(Data("sources: {otel: \(text)}\nservices: \(text)".utf8))
    }

    private func expectSettingsOrDiagnostics(_ data: Data) {
        do {
            _ = try settings(utf8Text(data), environment: ["SENTRY_AUTH_TOKEN": "t"], files: smallFiles)
        } catch { expectDiagnostics(error) }
        do {
            _ = try parsePolicy(text: utf8Text(data), file: "p.yaml", sourceTypes: bothSources)
        } catch { expectDiagnostics(error) }
    }

    private func expectDiagnostics(_ error: any Error) {
        if let error = error as? SettingsError {
            #expect(!error.diagnostics.isEmpty)
        } else {
            #expect(error is FileProblem)
        }
    }
}

/// A small generator whose numbers are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
