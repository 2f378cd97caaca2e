import Foundation
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("The demonstration", .heavyAndLong)
struct DemoTests {
    private struct Ended {
        var status: Int32?
        var output: String
        /// What it left in the temporary directory.
        var left: [String]
    }

    /// Runs `hotfix` with a temporary directory and a home of its own, and nothing else in its environment.
    private func run(_ arguments: [String], in directory: String) async throws -> Ended {
        let temporary = "\(directory)/tmp"
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        let command = try SpawnedCommand.start(
            try SpawnedCommand.builtProgram("hotfix"), arguments,
            // A configuration of the user's is none of the demonstration's business.
            environment: ["TMPDIR": temporary, "HOTFIX_CONFIG": "\(directory)/none.yaml"],
            outputFile: "\(directory)/output")
        let ending = await command.ending()
        return Ended(
            status: ending.exitStatus, output: ending.output,
            left: try FileManager.default.contentsOfDirectory(atPath: temporary))
    }

    /// What follows a command line of the demonstration, up to the next command or scene.
    private func screen(after line: String, in output: Substring) -> String {
        let rest = output.firstRange(of: "\n$ \(line)\n").map { output[$0.upperBound...] } ?? ""
        let ends = ["\n\n$ ", "\n\n== ", "\n("].compactMap { rest.firstRange(of: $0)?.lowerBound }
        return String(rest[..<(ends.min() ?? rest.endIndex)])
    }

    /// What Slack is shown to have got after each place where that is shown.
    private func told(in output: String) -> [[Substring]] {
        output.split(separator: "\nSlack (simulated) got, in #alerts:\n\n").dropFirst().map { part in
            Array(part.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("  | ") })
        }
    }

    @Test("ends on its page, which says that it is simulated, goes on by itself, and leaves nothing behind either")
    func page() async throws {
        try await withTemporaryDirectory { directory in
            let temporary = "\(directory)/tmp"
            try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
            let command = try SpawnedCommand.start(
                try SpawnedCommand.builtProgram("hotfix"), ["demo", "--page"],
                environment: ["TMPDIR": temporary, "HOTFIX_CONFIG": "\(directory)/none.yaml"],
                outputFile: "\(directory)/output")
            async let ending = command.ending()
            do {
                let url = try await address(in: "\(directory)/output")
                try await withChromium { browser in
                    let page = try await browser.open(url)
                    #expect(try await page.text("document.querySelector('.banner').textContent").contains("Simulated"))
                    #expect(try await page.text("document.querySelector('h1').textContent").contains("ready"))
                    let strips = try await page.value("document.querySelectorAll('.strip').length")
                    #expect(strips == .number("2"))
                    let mark = try await page.text("document.querySelector('main').dataset.mark")
                    try await page.waits(for: "document.querySelector('main').dataset.mark !== '\(mark)'")
                    #expect(browser.complaints == [])
                }
            } catch {
                command.kill()
                _ = await ending
                throw error
            }
            kill(command.pid, SIGTERM)
            #expect(await ending.exitStatus == 128 + SIGTERM)
            #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
        }
    }

    /// The address that a command prints, once it does.
    private func address(in file: String) async throws -> String {
        for _ in 0..<3000 {
            let output = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            if let match = output.firstMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+\n\nA window/) {
                return String(match.0.prefix { $0 != "\n" })
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw SpawnedCommand.Failure(description: "No address was printed.")
    }

    @Test("tells the whole story from the real commands, says that it is simulated, and leaves nothing behind")
    func story() async throws {
        try await withTemporaryDirectory { directory in
            let ended = try await run(["demo"], in: directory)
            let output = ended.output
            #expect(ended.status == 0, "\(output)")
            #expect(ended.left == [])

            let scenes = output.split(separator: "\n").filter { $0.hasPrefix("== ") }
            #expect(scenes.count == 9)
            for (index, scene) in scenes.enumerated() {
                #expect(scene.hasPrefix("== \(index + 1) of 9: ") && scene.contains("simulated services"))
            }
            #expect(output.firstMatch(of: /\+-\d/) == nil, "no figure has two signs")

            let breach = output[(output.firstRange(of: "== 4 of 9")?.upperBound ?? output.endIndex)...]
            #expect(
                screen(after: "hotfix check", in: breach).contains("breach: simulated-checkout/latency-p95 at "))
            let explained = screen(after: "hotfix explain simulated-checkout latency-p95", in: breach)
            for word in [
                "breach, confirmed", "value      0.8", "baseline   0.4", "limit      +20%, 0.5", "2016 of 2016 windows",
            ] {
                #expect(explained.contains(word), "\(explained)")
            }

            // What people are told has the figures of the verdict, and each beginning and end is told once.
            let told = told(in: output)
            let headlines = told.map { lines in lines.filter { $0.hasPrefix("  | [") }.map { $0.dropFirst(4) } }
            #expect(headlines.map(\.count) == [1, 1, 2, 1], "\(headlines)")
            let headings = [
                "[grey] Deployed: release/hotfix-simulated", "[red] Breach: latency-p95 of simulated-checkout",
                "[what was red turned green] Recovered: latency-p95 of simulated-checkout",
                "[in its thread] Recovered: latency-p95 of simulated-checkout",
                "[green] Ready: release/hotfix-simulated",
            ]
            for (line, heading) in zip(headlines.joined(), headings) { #expect(line.hasPrefix(heading)) }
            let figures = told.count > 1 ? told[1].map { $0.dropFirst(4).drop { $0 == " " } } : []
            for figure in ["Value: 0.8", "Baseline: 0.4", "Limit: at most 0.5", "Change: +"] {
                #expect(figures.contains { $0.hasPrefix(figure) }, "\(figure) in \(figures)")
            }
            let outage = output[(output.firstRange(of: "== 7 of 9")?.upperBound ?? output.endIndex)...]
            #expect(screen(after: "hotfix check", in: outage).contains("2 missing windows"))
            #expect(screen(after: "hotfix readiness", in: outage).hasPrefix("NOT READY: blind"))

            // Nothing is ready before the last scene.
            let last = output.firstRange(of: "== 9 of 9")?.lowerBound ?? output.startIndex
            #expect(!output[..<last].contains("\nREADY"))
            #expect(screen(after: "hotfix readiness", in: output[last...]).hasPrefix("READY since "))
            #expect(output[last...].contains("\nopen: 5afe"))
        }
    }

    @Test("--keep leaves a configuration and a ledger that give the same answer")
    func keep() async throws {
        try await withTemporaryDirectory { directory in
            let ended = try await run(["demo", "--keep", "\(directory)/kept"], in: directory)
            #expect(ended.status == 0, "\(ended.output)")
            #expect(ended.left == [])
            let config = "\(directory)/kept/hotfix.yaml"
            let last = ended.output[(ended.output.firstRange(of: "== 9 of 9")?.lowerBound ?? ended.output.endIndex)...]
            let shown = screen(after: "hotfix readiness", in: last)

            let ways = ended.output.split(separator: "\n").filter { $0.hasPrefix("    hotfix ") }
                .map { $0.split(separator: " ").dropFirst().map(String.init) }
            #expect(ways.map(\.first) == ["explain", "readiness", "ledger"])
            #expect(ways.allSatisfy { $0.suffix(2) == ["--config", config] })
            let runs = try await [
                run(ways[0], in: directory), run(ways[1], in: directory), run(ways[2], in: directory),
            ]
            #expect(runs.map(\.status) == [0, 0, 0])
            #expect(runs[0].output.hasPrefix("simulated-checkout/latency-p95: breach, confirmed\n"))
            #expect(shown.hasPrefix("READY since ") && runs[1].output == shown + "\n")
            #expect(runs[2].output.split(separator: "\n").count > 4800)
        }
    }

    @Test("--keep takes no directory that holds something", arguments: ["full", "file"])
    func notEmpty(_ name: String) async throws {
        try await withTemporaryDirectory { directory in
            try FileManager.default.createDirectory(atPath: "\(directory)/full", withIntermediateDirectories: true)
            for file in ["full/precious", "file"] {
                try "mine".write(toFile: "\(directory)/\(file)", atomically: true, encoding: .utf8)
            }
            let ended = try await run(["demo", "--keep", "\(directory)/\(name)"], in: directory)
            #expect(ended.status == 2)
            #expect(ended.output.hasPrefix("hotfix: --keep '\(directory)/\(name)' "))
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory)/full") == ["precious"])
        }
    }

    @Test("without a temporary directory it says so, and makes none")
    func noScratch() async throws {
        try await withTemporaryDirectory { directory in
            let command = try SpawnedCommand.start(
                try SpawnedCommand.builtProgram("hotfix"), ["demo"], environment: ["TMPDIR": "\(directory)/none"],
                outputFile: "\(directory)/output")
            let ending = await command.ending()
            #expect(ending.exitStatus == 5)
            #expect(ending.output.hasPrefix("hotfix: No temporary directory can be made in '\(directory)/none': "))
            #expect(ending.output.hasSuffix(" Set TMPDIR to one that can be written, or use --keep.\n"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["output"])
        }
    }

    @Test("interrupted, it leaves nothing behind either", arguments: [SIGINT, SIGTERM])
    func interrupted(_ signal: Int32) async throws {
        try await withTemporaryDirectory { directory in
            let command = try SpawnedCommand.start(
                try SpawnedCommand.builtProgram("hotfix"), ["demo"], environment: ["TMPDIR": directory],
                outputFile: "\(directory)/output")
            let interrupter = Task {
                // In the midst of it: its directory is there.
                while try FileManager.default.contentsOfDirectory(atPath: directory).count < 2 {
                    // Nothing tells but the directory itself; ends with the process.
                    try await Task.sleep(for: .milliseconds(1))
                }
                Foundation.kill(command.pid, signal)
            }
            let ending = await command.ending()
            interrupter.cancel()
            try await interrupter.value
            #expect(ending.exitStatus == 128 + signal)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["output"])
        }
    }
}
