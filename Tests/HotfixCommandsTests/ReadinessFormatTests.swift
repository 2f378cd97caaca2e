import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

/// A steady service, and one whose errors rise by two fifths at noon.
private let twoProjects = [project(), project("search", id: 102) { $0 >= noon ? 70 : 50 }]

@Suite("The formats of readiness", .heavy)
struct ReadinessFormatTests {
    @Test("for a monitoring system: one line with figures, then details, and the exit code of a plugin")
    func nagios() async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 600)
            let counting = await commands.process("readiness", "--format", "nagios")
            #expect(
                counting
                    == Ended(
                        1,
                        """
                        HOTFIX WARNING - counting, 10 min of 30 min, earliest 2026-11-20T12:30:00Z \
                        | 'proven'=600s;;1800:;0;1800 'checkout proven'=600s;;1800:;0;1800 \
                        'checkout/error-rate'=10;;~:12.5
                        checkout: counting, 10 min proven, 0 unproven and 0 missing windows since 2026-11-20T12:00:00Z
                        checkout/error-rate: clean, value 10/min, baseline 10/min, limit 12.5/min
                        No heartbeat is configured: when no check runs any more, nothing tells anybody.

                        """))
            await commands.checks(from: noon + 600, to: noon + 1800)
            let ready = await commands.process("readiness", "--format=nagios")
            #expect(ready.code == 0)
            #expect(
                ready.output.hasPrefix(
                    "HOTFIX OK - ready since 2026-11-20T12:30:00Z, 30 min of 30 min | 'proven'=1800s;"))
            commands.now = noon + 1800 + 1201
            let stale = await commands.process("readiness", "--format", "nagios")
            #expect(stale.code == 3)
            #expect(stale.output.hasPrefix("HOTFIX UNKNOWN - blind (stale): checkout | "))
        }
    }

    @Test("for a monitoring system the breach is named, and the worst service comes first")
    func nagiosBreach() async throws {
        try await withSentry(twoProjects, services: ["checkout", "search"], now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 300)
            let run = await commands.process("readiness", "--format", "nagios")
            #expect(run.code == 2)
            #expect(
                run.output.hasPrefix(
                    "HOTFIX CRITICAL - breaching: search/error-rate 14/min, limit 12.5/min | 'proven'=0s;"))
            let lines = run.output.split(separator: "\n")
            #expect(lines[1].hasPrefix("search: breaching, 0 min proven"))
            #expect(lines.dropLast().last == "open episode search/error-rate/2026-11-20T12:00:00Z")
        }
    }

    @Test(
        "for a monitoring system every error is one line on standard output, and unknown",
        arguments: [
            (["readiness", "--nope"], "HOTFIX UNKNOWN - Unknown option '--nope'"),
            (["readiness", "--at", "noon"], "HOTFIX UNKNOWN - --at 'noon' is not a time."),
            (["readiness", "--service"], "HOTFIX UNKNOWN - Missing value for '--service <service>'"),
            (["readiness", "--verbose", "--quiet"], "HOTFIX UNKNOWN - --verbose and --quiet exclude each other."),
            (["readiness", "--config", "x|y.yaml"], "HOTFIX UNKNOWN - x/y.yaml: the file does not exist."),
            (["readiness", "--config", "policy.yaml"], "HOTFIX UNKNOWN - policy.yaml:1: baseline: unknown key"),
            (["readiness", "--service", "p|a\ny"], "HOTFIX UNKNOWN - Service 'p/a\u{FFFD}y' is not in hotfix.yaml."),
            (["readiness"], "HOTFIX UNKNOWN - There is no ledger at '"), (["redy"], "HOTFIX UNKNOWN - "),
            (["check"], "HOTFIX UNKNOWN - The value 'nagios' is invalid for '--format <format>'"),
        ])
    func nagiosError(_ arguments: [String], _ line: String) async throws {
        try await withSentry { lab in
            for format in [["--format", "nagios"], ["--format=nagios"]] {
                let run = await lab.commands.process(arguments + format)
                #expect(run == Ended(3, run.output))
                #expect(run.output.hasPrefix(line), "\(run.output)")
                #expect(run.output.split(separator: "\n").count == 1)
                #expect(!run.output.contains("|"))
            }
        }
    }

    @Test("help that was asked for in place of a plugin's answer is not the answer ready")
    func nagiosHelp() async throws {
        try await withCommands { lab in
            let run = await lab.process("readiness", "--format", "nagios", "--help")
            #expect(run.code == 3)
            #expect(run.output.contains("USAGE: hotfix readiness"))
        }
    }

    @Test("of several formats the last holds, and what ends as a plugin is the format alone")
    func lastFormat() async throws {
        try await withSentry { lab in
            await lab.commands.run("check")
            #expect(await lab.commands.process("readiness", "--format", "nagios", "--format", "json").code == 1)
            #expect(await lab.commands.process("readiness", "--format", "json", "--format", "nagios").code == 3)
            #expect(await lab.commands.process("readiness", "--format", "text", "--service", "nagios").code == 2)
        }
    }

    @Test("what a monitoring system reads is never longer than it takes")
    func nagiosLong() async throws {
        let names = (0..<100).map { "service-\($0)-\(String(repeating: "x", count: 30))" }
        try await withSentry([], services: names) { lab in
            await lab.commands.run("check")
            let run = await lab.commands.process("readiness", "--format", "nagios")
            #expect(run.code == 3)
            #expect(run.output.utf8.count < 8192)
            #expect(run.output.contains(" lines more)\n"))
            #expect(run.output.contains("HOTFIX UNKNOWN - not deployed | 'proven'=0s;;1800:;0;1800"))
        }
    }

    @Test("for Prometheus: what promtool takes, with escaped labels")
    func prometheus() async throws {
        let name = "we\"ird \\ né\u{301}|service"
        try await withSentry([project(), project(id: 102)], services: ["checkout"], now: noon) { lab in
            let commands = lab.commands
            let text = try String(contentsOfFile: commands.path("hotfix.yaml"), encoding: .utf8)
            let quoted = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            try commands.write(
                text + "  - {name: \"\(quoted)\", environment: production, sentry: {project: checkout-api}}\n",
                to: "hotfix.yaml")
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 600)
            let run = await commands.run("readiness", "--format", "prometheus")
            #expect(run == Run(.no, run.output))
            let lines = Set(run.output.split(separator: "\n").map(String.init))
            let label = "service=\"\(quoted)\""
            let expected = [
                #"hotfix_state{state="counting"} 1"#, #"hotfix_state{state="ready"} 0"#,
                #"hotfix_state{service="checkout",state="counting"} 1"#, "hotfix_ready 0",
                #"hotfix_proven_seconds{service="checkout"} 600"#, "hotfix_required_seconds 1800",
                "hotfix_since_timestamp_seconds \(noon.seconds)",
                "hotfix_earliest_ready_timestamp_seconds \(noon.seconds + 1800)",
                "hotfix_evaluated_until_timestamp_seconds \(noon.seconds + 600)",
                #"hotfix_guardrail_value{service="checkout",guardrail="error-rate",unit="1/min"} 10"#,
                #"hotfix_guardrail_limit{service="checkout",guardrail="error-rate",unit="1/min"} 12.5"#,
                #"hotfix_guardrail_baseline{service="checkout",guardrail="error-rate",unit="1/min"} 10"#,
                #"hotfix_guardrail_verdict{service="checkout",guardrail="error-rate",verdict="clean"} 1"#,
                #"hotfix_guardrail_verdict{service="checkout",guardrail="error-rate",verdict="breach"} 0"#,
                "hotfix_open_episodes 0", "hotfix_missing_windows{\(label)} 0", "hotfix_ready{\(label)} 0",
                "hotfix_readiness_timestamp_seconds \(commands.now.seconds)",
            ]
            for line in expected { #expect(lines.contains(line), "\(line)") }
            try commands.write(run.output, to: "hotfix.prom")
            let file = commands.path("hotfix.prom")
            let promtool = try await SpawnedCommand.start(
                "/bin/sh", ["-c", "exec promtool check metrics <\"$1\"", "sh", file],
                environment: ["PATH": "/usr/bin:/bin"], outputFile: commands.path("promtool.txt")
            ).ending()
            #expect(promtool.exitStatus == 0)
            #expect(promtool.output == "")
        }
    }

    @Test("for Prometheus, what is not known has no series")
    func prometheusUnknown() async throws {
        try await withSentry { lab in
            await lab.commands.run("check")
            let run = await lab.commands.run("readiness", "--format", "prometheus")
            #expect(run.status == .no)
            #expect(run.output.contains("hotfix_state{state=\"not-deployed\"} 1\n"))
            #expect(!run.output.contains("hotfix_since_timestamp_seconds"))
            #expect(!run.output.contains("nan"))
        }
    }
}
