import Foundation
import HotfixCore
import HotfixDemo

/// The story of one hotfix, in scenes.
struct DemoStory: Sendable {
    /// The deployed commit, made up.
    static let commit = "5afe0123456789abcdef0123456789abcdef5afe"
    private static let scenes = 9

    private let stage: DemoStage
    private let site: SimulatedSite
    private let slack: DemoSlack
    private let slackURL: String
    private let deployed: Instant

    /// Plays the story, which must come out as told.
    ///
    /// - Parameters:
    ///   - directory: An empty directory for the configuration and the ledger.
    ///   - hasPage: Whether the page is served then, until somebody interrupts it.
    /// - Returns: The story, at its end.
    /// - Throws: `CommandError` where it does not.
    @discardableResult
    static func play(in directory: String, hasPage: Bool = false) async throws -> DemoStory {
        // It ends before now, so that what is kept of it can be asked for as a past.
        let deployed = Surroundings.current.now.floored(to: 3600) - 54 * 3600
        let clock = SimulatedClock(deployed - 600)
        let shop = shop(deployed)
        let slack = DemoSlack()
        return try await withLoopbackServer({ await slack.standIn.answer($0) }) { server in
            try await SimulatedSite.run(
                shop, clock: clock, organization: DemoFiles.organization, token: DemoFiles.token
            ) { site in
                let story = DemoStory(
                    stage: DemoStage(directory: directory, clock: clock), site: site, slack: slack,
                    slackURL: server.url, deployed: deployed)
                try await story.play()
                if hasPage {
                    // The simulated services tell no more than 54 hours.
                    try await DemoPage(stage: story.stage, end: deployed + 54 * 3600 - 1800).serve()
                }
                return story
            }
        }
    }

    private func play() async throws {
        try await configuration()
        try await history()
        try await deployment()
        try await breach()
        try await recovery()
        try await counting()
        try await outage()
        try await proof()
        try await end()
    }

    /// How to go on with what was kept.
    func waysOn(config: String) -> String {
        let ways = [
            ["explain", "simulated-checkout", "latency-p95", "--at", "\(regression.lowerBound)"],
            ["readiness", "--at", "\(stage.clock.now)"], ["ledger", "export"],
        ]
        let lines = ways.map { "    hotfix \($0.joined(separator: " ")) --config \(quotedForShell(config))" }
        return """

            The configuration and the ledger of the simulated services are kept. Go on, for example, with

            \(lines.joined(separator: "\n"))

            The simulated servers are gone, so `hotfix check` finds nobody to ask.

            """
    }

    private static func shop(_ deployed: Instant) -> SimulatedShop {
        SimulatedShop(
            services: [
                .init(
                    "checkout", instances: 2, requests: 240, errors: 36, cores: 0.4, bytes: 512 * 1_048_576, seed: 1,
                    slow: [regression(deployed)]),
                .init(
                    "search", instances: 1, requests: 600, errors: 12, cores: 1.5, bytes: 2048 * 1_048_576, seed: 2),
            ], origin: deployed, history: deployed - 8 * 86_400..<deployed + 54 * 3600)
    }

    /// Three windows, three hours after the deployment.
    private static func regression(_ deployed: Instant) -> Range<Instant> {
        deployed + 3 * 3600..<deployed + 3 * 3600 + 900
    }

    private var regression: Range<Instant> { Self.regression(deployed) }

    private func hour(_ hours: Double) -> Instant { deployed + Int(hours * 3600) }

    private func configuration() async throws {
        try stage.scene(
            1, of: Self.scenes, "The configuration",
            """
            Two services, the Sentry and the Prometheus that know them, a Slack, and the clock are simulated. The commands,
            their output, the sources, the ledger and the messages are real.
            """)
        let text = DemoFiles.settings(site, slack: slackURL)
        let path = "\(stage.directory)/\(DemoFiles.settingsName)"
        do {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw CommandError(
                .unusable, "'\(path)' can't be written: \(oneLine(error.localizedDescription)) Use another directory.")
        }
        try stage.show(file: DemoFiles.settingsName, text)
        try await stage.show(
            ["config", "validate"], saying: ["is valid: 2 services, 8 guardrails watched, 1 channel told"])
    }

    private func history() async throws {
        try stage.scene(
            2, of: Self.scenes, "Seven days of history",
            """
            The first check finds out which queries answer the guardrails and reads the seven days before: the baseline.
            """)
        try await stage.show(["check"], saying: ["not deployed"])
        try await stage.show(
            ["explain", "simulated-checkout", "error-rate"], saying: ["2016 of 2016 windows", "coverage 100%"])
    }

    private func deployment() async throws {
        stage.clock.move(to: deployed)
        try stage.scene(
            3, of: Self.scenes, "The hotfix is deployed",
            "From now on the baseline stays at the seven days before it, and the clean time counts.")
        try await stage.show(
            ["deployed", "--commit", Self.commit, "--branch", "release/hotfix-simulated", "--no-incident"])
        try await stage.checks(until: hour(0.5), every: 300)
        try stage.say("A timer runs `hotfix check` every five minutes. Half an hour later:")
        stage.clock.move(to: hour(0.5) + 300)
        try await stage.show(["check"], saying: ["NOT READY: counting"])
        try stage.show(slack, saying: ["Deployed: release/hotfix-simulated"])
    }

    private func breach() async throws {
        try await stage.checks(until: hour(3), every: 1800)
        try await stage.checks(until: hour(3) + 300, every: 300)
        stage.clock.move(to: hour(3) + 600)
        try stage.scene(
            4, of: Self.scenes, "A guardrail breaches",
            "Three hours on, requests of simulated-checkout take longer. The next check sees it.")
        try await stage.show(
            ["check"],
            saying: ["breach: simulated-checkout/latency-p95", "NOT READY: breaching", "open", "1 message delivered"])
        try stage.show(
            slack, saying: ["[red] Breach: latency-p95 of simulated-checkout", "Baseline: ", "Limit: at most "])
        try stage.say("What was it reached from?")
        try await stage.show(
            ["explain", "simulated-checkout", "latency-p95"],
            saying: ["breach, confirmed", "value", "baseline", "limit", "+20%"])
    }

    private func recovery() async throws {
        try await stage.checks(until: hour(3) + 1500, every: 300)
        stage.clock.move(to: hour(3) + 1800)
        try stage.scene(
            5, of: Self.scenes, "Recovery",
            "Latency is back. Two clean windows close the episode; the 48 hours count from the end of the breach.")
        try await stage.show(["check"], saying: ["closed (recovered)", "NOT READY: counting"])
        let recovered = "Recovered: latency-p95 of simulated-checkout"
        try stage.show(slack, saying: ["[what was red turned green] \(recovered)", "[in its thread] \(recovered)"])
    }

    private func counting() async throws {
        try await stage.checks(until: hour(12), every: 3600)
        try stage.scene(
            6, of: Self.scenes, "The streak counts",
            """
            A timer checks every five minutes. To be quick, it is once an hour here from now on: each check catches up on every
            window since. Twelve hours after the deployment, the release captain asks.
            """)
        try await stage.show(["readiness"], ends: .no, saying: ["NOT READY: counting", "last breach"])
        try await stage.show(["gate", "--commit", Self.commit], ends: .no, saying: ["closed"])
    }

    private func outage() async throws {
        try await stage.checks(until: hour(20), every: 3600)
        site.prometheus.faults.set(.down)
        stage.clock.move(to: hour(20) + 600)
        try stage.scene(
            7, of: Self.scenes, "Prometheus goes down",
            "What can't be asked is missing: never clean, and never a breach.")
        try await stage.show(["check"], ends: .unfinished, saying: ["hotfix: "])
        stage.clock.move(to: hour(21.5))
        try stage.say("An hour and a half later nobody knows how the services are, and so:")
        try await stage.show(["readiness"], ends: .no, saying: ["NOT READY: blind"])
        site.prometheus.faults.set(nil)
        stage.clock.move(to: hour(22))
        try stage.say("Prometheus is back, and still has the values of that time. One check catches up:")
        try await stage.show(["check"], saying: ["NOT READY: counting", "0 unproven and 0 missing windows"])
    }

    private func proof() async throws {
        let end = regression.upperBound + 48 * 3600
        let count = try await stage.checks(until: end, every: 3600)
        // Sentry is busy: it answers for the last hours, and for no longer.
        await site.sentry.setFault { request in
            guard let start = request.sentryStart, start < end - 12 * 3600 else { return nil }
            return .json(#"{"detail":"Too many long queries"}"#, status: 429, headers: [("Retry-After", "300")])
        }
        stage.clock.move(to: end + 300)
        try stage.scene(
            8, of: Self.scenes, "48 hours",
            """
            \(count) checks later the last window of the 48 hours is due. Before a check says ready, it asks for all of them once
            more, as what came late may have changed them. This time Sentry is too busy for that, so the answer stays no.
            """)
        try await stage.show(
            ["check"], ends: .unfinished, saying: ["NOT READY: counting (the required time is reached", "48 h of 48 h"])
        try await stage.show(["gate", "--commit", Self.commit], ends: .no, saying: ["closed"])
        await site.sentry.setFault { _ in nil }
    }

    private func end() async throws {
        stage.clock.move(to: stage.clock.now + 300)
        try stage.scene(9, of: Self.scenes, "Ready", "The next check is answered, and all is as it was.")
        try await stage.show(["check"], saying: ["READY since", "48 h"])
        try stage.show(slack, saying: ["[green] Ready: release/hotfix-simulated"])
        try stage.say("The hotfix branch may be merged back, and CI may know it:")
        try await stage.show(["readiness"], saying: ["READY since", "48 h"])
        try await stage.show(["gate", "--commit", Self.commit], saying: ["open: \(Self.commit) is deployed"])
    }
}
