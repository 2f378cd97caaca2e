import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

/// An episode of the service `checkout` that is open from noon on.
let openEpisode = "checkout/error-rate/2026-11-20T12:00:00Z"

/// Runs a body where an episode is open at ten past noon.
func withOpenEpisode(_ body: (CommandLab) async throws -> Void) async throws {
    try await withSentry([project { $0 >= noon ? 70 : 50 }], now: noon) { lab in
        await lab.commands.run("deployed", "--commit", commit, "--no-incident")
        await lab.commands.checks(from: noon, to: noon + 300)
        lab.commands.now = noon + 600
        try await body(lab.commands)
    }
}

@Suite("hotfix silence")
struct SilenceCommandTests {
    private let statement = ["silence", "--service", "checkout", "--reason", "a drill", "--by", "ann"]

    @Test("is recorded, listed, lifted, and listed as lifted")
    func life() async throws {
        try await withOpenEpisode { commands in
            #expect(await commands.run("silence", "--list") == Run(.done, "No silence is recorded.\n"))
            #expect(
                await commands.run(statement + ["--guardrail", "error-rate", "--for", "2h"])
                    == Run(
                        .done,
                        "Silence 1: messages about checkout/error-rate are not told until 2026-11-20T14:10:00Z.\n"))
            #expect(
                await commands.run(
                    "silence", "--guardrail", "error-rate", "--until", "2026-12-20T12:10:00Z", "--reason", "x", "--by",
                    "bo"
                )
                    == Run(
                        .done,
                        "Silence 2: messages about error-rate of all services are not told until 2026-12-20T12:10:00Z.\n"
                    ))
            commands.now = noon + 900
            #expect(
                await commands.run("silence", "--lift", "1", "--by", "bo")
                    == Run(.done, "Silence 1 of checkout/error-rate is lifted.\n"))
            #expect(
                await commands.run("silence", "--lift", "1", "--by", "bo")
                    == Run(.wrong, errors: "hotfix: Silence 1 ended at 2026-11-20T12:15:00Z already, lifted by bo.\n"))
            #expect(
                await commands.run(at: Instant(text: "2026-12-20T12:10:00Z") ?? noon, "silence", "--list")
                    == Run(
                        .done,
                        """
                          1  checkout/error-rate         from 2026-11-20T12:10:00Z  lifted 2026-11-20T12:15:00Z by bo  \
                        by ann: a drill
                          2  error-rate of all services  from 2026-11-20T12:10:00Z  ended 2026-12-20T12:10:00Z         \
                        by bo: x

                        """))
            #expect(
                await commands.run("silence", "--lift", "2", "--by", "bo")
                    == Run(.wrong, errors: "hotfix: Silence 2 ended at 2026-12-20T12:10:00Z already.\n"))
        }
    }

    @Test("comes as JSON with what was said")
    func json() async throws {
        try await withOpenEpisode { commands in
            let run = await commands.run(statement + ["--for", "30m", "--format", "json"])
            #expect(
                run
                    == Run(
                        .done,
                        """
                        {
                          "id": 1,
                          "service": "checkout",
                          "guardrail": null,
                          "start": "2026-11-20T12:10:00Z",
                          "end": "2026-11-20T12:40:00Z",
                          "reason": "a drill",
                          "by": "ann",
                          "recorded_at": "2026-11-20T12:10:00Z",
                          "lifted_at": null,
                          "lifted_by": null
                        }

                        """))
            let list = await commands.run("silence", "--list", "--format", "json")
            let parsed = try JSONParser.value(of: Array(list.output.utf8))
            #expect(parsed == .array([try JSONParser.value(of: Array(run.output.utf8))]))
        }
    }

    @Test(
        "what is not a silence is refused, and nothing is recorded",
        arguments: [
            (["--for", "1h", "--reason", "x", "--by", "y"], "Say what is silenced"),
            (["--service", "checkout", "--reason", "x", "--by", "y"], "either --until TIME or --for DURATION"),
            (
                [
                    "--service", "checkout", "--for", "1h", "--until", "2026-11-20T13:00:00Z", "--reason", "x", "--by",
                    "y",
                ], "either --until TIME or --for DURATION"
            ),
            (["--service", "checkout", "--for", "1h", "--by", "y"], "--reason must say why"),
            (["--service", "checkout", "--for", "1h", "--reason", "x"], "--by who says so"),
            (
                ["--service", "checkout", "--for", "1h", "--reason", "\u{200B}\u{2060}", "--by", "y"],
                "--reason must say why"
            ),
            (["--service", "chekout", "--for", "1h", "--reason", "x", "--by", "y"], "It knows: checkout."),
            (
                ["--service", "checkout", "--guardrail", "cpu", "--for", "1h", "--reason", "x", "--by", "y"],
                "'cpu' is no guardrail of 'checkout'. There is: error-rate."
            ),
            (["--guardrail", "cpu", "--for", "1h", "--reason", "x", "--by", "y"], "no guardrail of any service"),
            (["--service", "checkout", "--for", "soon", "--reason", "x", "--by", "y"], "is not a duration"),
            (["--service", "checkout", "--for", "0", "--reason", "x", "--by", "y"], "is not a duration"),
            (["--service", "checkout", "--for", "31d", "--reason", "x", "--by", "y"], "at most 30d"),
            (["--service", "checkout", "--for", "30d1s", "--reason", "x", "--by", "y"], "at most 30d"),
            (["--service", "checkout", "--until", "noon", "--reason", "x", "--by", "y"], "is not a time"),
            (
                ["--service", "checkout", "--until", "2026-11-20T12:10:00Z", "--reason", "x", "--by", "y"],
                "does not lie in the future; it is 2026-11-20T12:10:00Z."
            ),
            (
                ["--service", "checkout", "--until", "2026-12-20T12:10:01Z", "--reason", "x", "--by", "y"],
                "at most 30d"
            ),
            (
                ["--service", "checkout", "--until", "9999-12-31T23:59:59Z", "--reason", "x", "--by", "y"],
                "lies outside"
            ),
            (["--list", "--by", "y"], "--by goes with a new silence or --lift"),
            (["--list", "--service", "checkout"], "take no options of a new silence"),
            (["--list", "--lift", "1"], "exclude each other"), (["--lift", "1"], "--by must say who lifts"),
            (["--lift", "1", "--by", "y", "--reason", "x"], "take no options of a new silence"),
            (["--lift", "1", "--by", "y"], "There is no silence 1. List them: hotfix silence --list"),
            (["--lift", "first", "--by", "y"], "is invalid for '--lift <lift>'"),
        ])
    func wrong(arguments: [String], error: String) async throws {
        try await withOpenEpisode { commands in
            let run = await commands.run(["silence"] + arguments)
            #expect(run == Run(.wrong, errors: run.errors))
            #expect(run.errors.contains(error), "\(run.errors)")
            #expect(await commands.run("silence", "--list").output == "No silence is recorded.\n")
        }
    }

    @Test("the longest, and one until the next second, are taken")
    func longest() async throws {
        try await withOpenEpisode { commands in
            #expect(await commands.run(statement + ["--for", "30d"]).status == .done)
            #expect(await commands.run(statement + ["--until", "2026-12-20T12:10:00Z"]).status == .done)
            #expect(await commands.run(statement + ["--until", "2026-11-20T12:10:01Z"]).status == .done)
        }
    }

    @Test("is shown wherever readiness is, while it holds, and for the services that were asked for")
    func shown() async throws {
        let projects = [project(), project("search", id: 102)]
        try await withSentry(projects, services: ["checkout", "search"], now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 300)
            await commands.run(
                at: noon + 600, "silence", "--service", "checkout", "--for", "1h", "--reason", "a <b>drill</b>", "--by",
                "ann")
            await commands.run("silence", "--guardrail", "error-rate", "--for", "1h", "--reason", "all", "--by", "bo")
            let first = "checkout until 2026-11-20T13:10:00Z, by ann: a <b>drill</b> (silence 1)"
            let second = "error-rate of all services until 2026-11-20T13:10:00Z, by bo: all (silence 2)"
            let text = await commands.run("readiness").output
            #expect(text.contains("\nSilenced:\n  \(first)\n  \(second)\n"), "\(text)")
            let search = await commands.run("readiness", "--service", "search").output
            #expect(search.contains("\nSilenced:\n  \(second)\n"))
            let nagios = await commands.process("readiness", "--format", "nagios").output
            #expect(nagios.contains("\nsilenced: \(first)\nsilenced: \(second)\n"), "\(nagios)")
            let github = await commands.run("readiness", "--format", "github").output
            #expect(github.contains("### Silenced\n\n- checkout until "))
            #expect(github.contains("&#60;b&#62;drill") && !github.contains("<b>"))
            let json = try JSONParser.value(of: Array(await commands.run("readiness", "--format", "json").output.utf8))
            let silences = try JSONReader(json, "readiness").objects("silences") {
                reader throws(JSONContentError) in try Silence(reader)
            }
            #expect(silences.map(\.id) == [1, 2])
            #expect(silences.first?.reason == "a <b>drill</b>")
            for at in ["2026-11-20T12:09:59Z", "2026-11-20T12:10:00Z"] {
                let then = await commands.run("readiness", "--at", at).output
                #expect(then.contains("Silenced") == (at == "2026-11-20T12:10:00Z"), "\(at)")
            }
            commands.now = noon + 600 + 3599
            #expect(await commands.run("readiness").output.contains("Silenced"))
            commands.now = noon + 600 + 3600
            #expect(await !commands.run("readiness").output.contains("Silenced"))
        }
    }

    @Test("neither a silence nor an acknowledgement changes a verdict, the streak, readiness or the gate")
    func changesNothing() async throws {
        /// What the ledger comes to, with or without statements about messages.
        func story(_ isSilenced: Bool) async throws -> [Run] {
            var runs: [Run] = []
            let spike = project { (noon + 300..<noon + 900).contains($0) ? 70 : 50 }
            try await withSentry([spike], now: noon) { lab in
                let commands = lab.commands
                await commands.run("deployed", "--commit", commit, "--no-incident")
                for step in 0..<10 {
                    if isSilenced, step == 1 {
                        #expect(await commands.run(statement + ["--for", "1d"]).status == .done)
                    }
                    if isSilenced, step == 3 {
                        let run = await commands.run("ack", "checkout/error-rate", "--by", "ann")
                        #expect(run.status == .done, "\(run)")
                    }
                    await commands.checks(from: noon + step * 300, to: noon + (step + 1) * 300)
                    for arguments in [
                        ["gate", "--commit", commit], ["explain", "checkout"], ["ledger", "export"],
                        ["readiness", "--format", "prometheus"],
                    ] {
                        var run = await commands.run(arguments)
                        // Queries name the source, whose port is another in each story.
                        run.output = run.output.replacing(lab.server.url, with: "http://source")
                        runs.append(run)
                    }
                    var readiness = await commands.run("readiness")
                    let lines = readiness.output.replacing(", acknowledged by ann", with: "")
                        .split(separator: "\n", omittingEmptySubsequences: false)
                    #expect(lines.contains("Silenced:") == (isSilenced && step > 0))
                    // The empty line before what is silenced goes with it, and is no difference.
                    readiness.output = lines.filter { !$0.isEmpty && $0 != "Silenced:" && !$0.contains("(silence 1)") }
                        .joined(separator: "\n")
                    runs.append(readiness)
                }
            }
            return runs
        }
        let plain = try await story(false)
        let silenced = try await story(true)
        #expect(silenced.count == plain.count)
        for (index, (silenced, plain)) in zip(silenced, plain).enumerated() { #expect(silenced == plain, "\(index)") }
        #expect(Set(plain.map(\.status)) == [.done, .no])
        #expect(plain.contains { $0.output.contains("Open episodes:") })
    }
}

@Suite("hotfix ack")
struct AckCommandTests {
    @Test(
        "names who takes care of an open episode, wherever it is shown",
        arguments: ["checkout/error-rate", openEpisode])
    func open(name: String) async throws {
        try await withOpenEpisode { commands in
            #expect(
                await commands.run("ack", name, "--by", "ann", "--note", "rolling <i>back</i>")
                    == Run(
                        .done, "Episode \(openEpisode) is acknowledged by ann: it is told again only when it is over.\n"
                    ))
            let seen = "acknowledged by ann: rolling <i>back</i>"
            let readiness = await commands.run("readiness").output
            #expect(readiness.contains("  \(openEpisode), 1 window, opened 2026-11-20T12:05:00Z, \(seen)\n"))
            let nagios = await commands.process("readiness", "--format", "nagios").output
            #expect(nagios.contains("\nopen episode \(openEpisode), \(seen)\n"))
            let github = await commands.run("readiness", "--format", "github").output
            #expect(github.contains(": open, 1 window, acknowledged by ann&#58; rolling &#60;i&#62;back"), "\(github)")
            let json = await commands.run("readiness", "--format", "json").output
            #expect(json.contains("\"acknowledged_by\": \"ann\","))
            #expect(json.contains("\"acknowledged_at\": \"2026-11-20T12:10:00Z\","))
            #expect(json.contains("\"acknowledged_note\": \"rolling <i>back</i>\"\n"))
            let check = await commands.run(at: noon + 730, "check", "--format", "json").output
            #expect(check.contains("\"acknowledged_by\": \"ann\",") && !check.contains("\"acknowledged_by\": null"))
        }
    }

    @Test("once by each person with each note, and the newest is shown")
    func twice() async throws {
        try await withOpenEpisode { commands in
            let ack = ["ack", "checkout/error-rate", "--by", "ann", "--format", "json"]
            #expect(
                await commands.run(ack)
                    == Run(
                        .done,
                        """
                        {
                          "episode": "\(openEpisode)",
                          "by": "ann",
                          "note": null,
                          "recorded_at": "2026-11-20T12:10:00Z"
                        }

                        """))
            #expect(
                await commands.run(ack)
                    == Run(
                        .wrong,
                        errors:
                            "hotfix: Episode '\(openEpisode)' was acknowledged by ann at 2026-11-20T12:10:00Z already.\n"
                    ))
            #expect(await commands.run("ack", openEpisode, "--by", "bo").status == .done)
            #expect(await commands.run("readiness").output.contains("acknowledged by bo\n"))
        }
    }

    @Test("an episode that is over, or that there is not, is not acknowledged")
    func refused() async throws {
        try await withSentry([project { $0 == noon ? 70 : 50 }], now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 900)
            #expect(
                await commands.run("ack", openEpisode, "--by", "ann")
                    == Run(
                        .wrong,
                        errors:
                            "hotfix: Episode '\(openEpisode)' was closed at 2026-11-20T12:15:00Z (recovered): there is "
                            + "nothing to acknowledge.\n"))
            #expect(
                await commands.run("ack", "checkout/error-rate", "--by", "ann")
                    == Run(
                        .wrong, errors: "hotfix: There is no episode 'checkout/error-rate'. Open are: none.\n"))
            for (arguments, error) in [
                (["--by", " "], "--by must say who"), (["--by", "ann", "--note", "\u{200B}"], "--note says nothing"),
                ([], "Missing expected argument '--by <by>'"),
            ] {
                let run = await commands.run(["ack", openEpisode] + arguments)
                #expect(run.status == .wrong)
                #expect(run.errors.contains(error), "\(run.errors)")
            }
        }
    }

    @Test("an open episode is excused by its service and guardrail too")
    func excuse() async throws {
        try await withOpenEpisode { commands in
            let run = await commands.run("excuse", "checkout/error-rate", "--reason", "a drill", "--by", "ann")
            #expect(
                run == Run(.done, "Episode \(openEpisode) is excused: its windows are unproven, never clean.\n"))
            let again = await commands.run("excuse", openEpisode, "--reason", "a drill", "--by", "ann")
            #expect(again.errors == "hotfix: Episode '\(openEpisode)' is excused already.\n")
        }
    }

    @Test("a shell is offered the open episodes by service and guardrail, and nothing where there is no ledger")
    func completion() async throws {
        for command in ["ack", "excuse"] {
            let call = ["---completion", command, "--", "positional@0", "2", "0", "hotfix", command, ""]
            try await withOpenEpisode { commands in
                #expect(await commands.process(call) == Ended(0, "checkout/error-rate\n"))
            }
            try await withSentry { lab in
                #expect(await lab.commands.process(call) == Ended(0, "\n"))
                let files = try lab.commands.files().keys
                #expect(!files.contains { $0.hasSuffix(".db") })
            }
        }
    }
}
