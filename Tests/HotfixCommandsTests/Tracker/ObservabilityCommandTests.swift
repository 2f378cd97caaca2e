import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import HotfixTracker
import Testing

private let files = "tracker: {status_file: s.json, outstanding_file: o.md}"

@Suite("hotfix observability", .heavy)
struct ObservabilityCommandTests {
    private func observability(_ lab: CommandLab) throws -> String? {
        let data = try #require(try lab.files()["s.json"])
        return try JSONParser.value(of: Array(data)).object?["observability"]?.line
    }

    @Test("keeps what it is told, each flag by itself")
    func keeps() async throws {
        try await withCommands { lab in
            let tracker = ["observability", "--status-file", "s.json", "--by", "Ada"]
            let first = await lab.run(tracker + ["--sentry", "--notes", "5 % → 25 %"])
            #expect(
                first
                    == Run(.done, "Marked the Sentry thresholds as configured. Noted about observability: 5 % → 25 %\n")
            )
            let kept = try observability(lab)
            #expect(
                kept
                    == #"{"sentryThresholdConfigured":true,"otelThresholdConfigured":false,"notes":"5 % → 25 %"}"#)
            #expect(await lab.run(tracker + ["--sentry", "pending", "--otel=YES"]).status == .done)
            #expect(
                try observability(lab)
                    == #"{"sentryThresholdConfigured":false,"otelThresholdConfigured":true,"notes":"5 % → 25 %"}"#)
            #expect(await lab.run(tracker + ["--otel", "--quiet"]) == Run(.done))
        }
    }

    @Test(
        "refuses what it cannot understand",
        arguments: [
            [], ["--sentry", "maybe"], ["--otel="], ["--notes", ""], ["--notes"], ["--verify"],
            ["--verify", "--sentry", "no"], ["--verify", "--notes", "x"], ["--verify", "--sentry"], ["--nope"],
        ])
    func refuses(_ arguments: [String]) async throws {
        try await withCommands { lab in
            let run = await lab.run(["observability", "--status-file", "s.json", "--by", "Ada"] + arguments)
            #expect(run.status == .wrong && !run.errors.isEmpty, "\(arguments)")
            let files = try lab.files()
            #expect(files.isEmpty)
        }
    }

    @Test("with --verify marks nothing before every guardrail of the source has data and its baseline")
    func verifies() async throws {
        try await withSentry([project { $0 >= noon + 900 && $0 < noon + 1800 ? 0 : 50 }], more: files, now: noon) {
            lab in
            let commands = lab.commands
            func verify(_ options: String...) async -> Run {
                await commands.run(["observability", "--verify", "--by", "Ada"] + options)
            }
            // There is no ledger yet.
            #expect(await verify("--sentry").status != .done)
            await commands.run("deployed", "--commit", commit, "--no-incident")
            let unasked = await verify("--sentry")
            #expect(unasked.status == .no)
            #expect(
                unasked.errors.hasPrefix(
                    "hotfix: checkout/error-rate: no window of it has been asked yet.\nhotfix: The thr"))
            await commands.checks(from: noon, to: noon + 300)
            let unmarked = try observability(commands)
            #expect(unmarked?.contains("true") == false)

            let done = await verify("--sentry")
            #expect(
                done
                    == Run(
                        .done,
                        "Marked the Sentry thresholds as configured (every guardrail had data and its baseline).\n"))
            let again = await verify("--sentry")
            #expect(
                again
                    == Run(.done, "Verified the Sentry thresholds again: every guardrail had data and its baseline.\n"))
            let history = try StatusFile.read(path: commands.path("s.json")).history
            #expect(history.map(\.by) == ["Ada", "Ada"] && history.last?.did.hasPrefix("Verified") == true)
            // Of the other kind there is none, so that nothing watches.
            let other = await verify("--otel", "--sentry", "no")
            #expect(other.status == .no)
            #expect(other.errors.hasPrefix("hotfix: No guardrail asks a source of OpenTelemetry about any service.\n"))
            #expect(
                try observability(commands)
                    == #"{"sentryThresholdConfigured":true,"otelThresholdConfigured":false,"notes":null}"#)

            commands.now = noon + 300 + 1201
            let old = await verify("--sentry")
            #expect(old.status == .no)
            #expect(old.errors.contains("is too old or lies ahead: is the agent running?"))
        }
    }

    @Test(
        "a quiet night is passed over, and a guardrail that was never anything but quiet is not",
        arguments: [(-86_400, false), (0, false), (300, true)])
    func quiet(_ end: Seconds, _ isVerified: Bool) async throws {
        var api = project()
        api.transactions = { $0 < noon + end ? .init(1000, failed: 40) : .init(0, failed: 0) }
        let policy = """
            baseline: {lookback: 1d}
            guardrails:
              g: {source: sentry, measure: failure-rate, limit: +25%}

            """
        try await withSentry([api], policy: policy, more: files, now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            #expect(await commands.checks(from: noon, to: noon + 900).status == .done)
            let run = await commands.run("observability", "--verify", "--sentry", "--by", "Ada")
            #expect(run.status == (isVerified ? .done : .no), "\(run)")
            if !isVerified {
                #expect(
                    run.errors.hasPrefix(
                        "hotfix: checkout/g: its newest window, of 2026-11-20T12:10:00Z, is quiet (idle), as was every one of "
                            + "the last day.\n"), "\(run.errors)")
            }
            // What is quiet is still watched: where no check runs any more, it is not.
            commands.now = noon + 900 + 1201
            let old = await commands.run("observability", "--verify", "--sentry", "--by", "Ada")
            #expect(old.errors.contains("is too old or lies ahead: is the agent running?"))
        }
    }

    @Test("where the source cannot be asked, nothing is marked")
    func unanswered() async throws {
        try await withSentry(more: files, now: noon, token: "another") { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 300)
            let run = await commands.run("observability", "--verify", "--sentry", "--by", "Ada")
            #expect(run.status == .no)
            #expect(run.errors.hasPrefix("hotfix: checkout/error-rate: "))
            #expect(!run.errors.contains("another") && !run.errors.contains(canary))
            let unmarked = try observability(commands)
            #expect(unmarked?.contains("true") == false)
        }
    }
}
