import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

/// Runs a body with an hour of checks since a deployment at noon, of which one window breaches.
private func withHour(environment: [String: String] = [:], _ body: (CommandLab) async throws -> Void) async throws {
    try await withSentry([project { $0 == noon + 1200 ? 80 : 50 }], now: noon) { lab in
        await lab.commands.run("deployed", "--commit", commit, "--no-incident")
        await lab.commands.checks(from: noon, to: noon + 3600)
        try await body(
            CommandLab(
                directory: lab.commands.directory, environment: environment.merging(lab.commands.environment) { $1 },
                now: lab.commands.now))
    }
}

private func plot(_ run: Run) -> [String] {
    Array(run.output.split(separator: "\n", omittingEmptySubsequences: false).drop { !$0.hasPrefix("Value in") })
        .map(String.init).dropLast()
}

@Suite("The plot of hotfix explain", .heavy)
struct ExplainPlotTests {
    @Test("six hours that end with the explained window: values, limit, baseline, breach and deployment")
    func drawing() async throws {
        try await withHour(environment: ["LANG": "en_US.UTF-8"]) { lab in
            let run = await lab.run("explain", "checkout", "error-rate", "--at", "2026-11-20T12:40:00Z")
            #expect(
                plot(run).joined(separator: "\n") == """
                    Value in /min, 2026-11-20T06:45:00Z to 2026-11-20T12:45:00Z
                    16 ┤                                                               ┊   ╭╮
                       │                                                               ┊   ││
                       │                                                               ┊   ││
                       │                                                               ┊   ││
                    14 ┤                                                               ┊   ││
                       │                                                               ┊   ││
                       │                                                               ┊   ││
                       │                                                               ════││═══
                    12 ┤                                                               ┊   ││
                       │                                                               ┊   ││
                       │                                                               ┊   ││
                       │                                                               ┊   ││
                    10 ┤───────────────────────────────────────────────────────────────────╯╰───
                       └───┬───────────┬───────────┬───────────┬───────────┬───────────┬────────
                                                                                       ····X····
                           07:00       08:00       09:00       10:00       11:00       12:00
                                                                                       ▲
                      ─ value  ═ limit  ┈ baseline  ▲ deployed
                      X breach  · clean
                      breach: 12:20-12:25
                      deployed: 2026-11-20T12:00:00Z
                    """)
        }
    }

    @Test(
        "characters are those of the locale",
        arguments: [
            ([:], true), (["LANG": "C"], true), (["LANG": "de_DE.utf8"], false),
            (["LANG": "de_DE.ISO-8859-1@euro"], true),
            (["LC_ALL": "C", "LANG": "C.UTF-8"], true), (["LC_ALL": "", "LC_CTYPE": "C.UTF-8"], false),
        ])
    func locale(_ environment: [String: String], _ isASCII: Bool) async throws {
        try await withHour(environment: environment) { lab in
            let lines = plot(await lab.run("explain", "checkout"))
            #expect(lines.count > 10)
            #expect(lines.allSatisfy { $0.allSatisfy(\.isASCII) } == isASCII)
        }
    }

    @Test(
        "colour is for terminals, and for those who want it",
        arguments: [
            ([:], true, true), ([:], false, false), (["NO_COLOR": "1"], true, false), (["NO_COLOR": ""], true, true),
            (["TERM": "dumb"], true, false),
        ])
    func color(_ environment: [String: String], _ isTerminal: Bool, _ isColored: Bool) async throws {
        try await withHour(environment: environment) { lab in
            let run = await lab.run("explain", "checkout", isTerminal: isTerminal)
            #expect(run.output.contains("\u{1B}[") == isColored)
            let json = await lab.run("explain", "checkout", "--format", "json", isTerminal: isTerminal)
            #expect(!json.output.contains("\u{1B}"))
        }
    }

    @Test("it is as wide as the terminal says", arguments: [("160", 100...160), ("80", 70...80), ("x", 70...80)])
    func width(_ columns: String, _ range: ClosedRange<Int>) async throws {
        try await withHour(environment: ["COLUMNS": columns]) { lab in
            let widest = plot(await lab.run("explain", "checkout")).map(\.count).max() ?? 0
            #expect(range.contains(widest), "\(widest)")
        }
    }

    @Test("windows of long ago are explained too, with the hours before them")
    func past() async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            await commands.checks(from: noon, to: noon + 900)
            await commands.run(at: noon + 3 * 86_400, "check")
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.run("check")
            let run = await commands.run("explain", "checkout", "--at", "2026-11-20T12:11:00Z")
            #expect(run.output.hasPrefix("checkout/error-rate: clean\n"))
            #expect(plot(run).first == "Value in /min, 2026-11-20T06:15:00Z to 2026-11-20T12:15:00Z")
        }
    }

    @Test("a unit is shown, never obeyed")
    func hostileUnit() async throws {
        let answer = prometheus([.init { _, _ in 3 }])
        let rule = #"query: 'load{service="{service}"}', limit: +20%, unit: "x\u202ey\u2028z""#
        try await withPrometheus(policy: loadPolicy(rule), answer) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            await lab.commands.checks(from: noon, to: noon + 600)
            let run = await lab.commands.run("explain", "checkout")
            #expect(plot(run).first?.hasPrefix("Value in x\u{FFFD}y\u{FFFD}z, ") == true)
            #expect(!run.output.contains("\u{202E}") && !run.output.contains("\u{2028}"))
        }
    }
}
