import Foundation
import HotfixAgent
import HotfixConfiguration
import HotfixCore
import HotfixServer
import HotfixStore

extension LocalDesk {
    /// When the service that waits longest for one was checked last.
    ///
    /// What a check leaves has to be readable too: without that, checks are made in vain.
    func newestCheck() throws -> NewestCheck {
        _ = try shelf.snapshot(at: now)
        // What the law gives readiness by default, for the service that is evaluated most often.
        let window = workplace.settings.services.map(\.policy.window).min() ?? 300
        let checks = try shelf.newestChecks()
        let times = workplace.settings.services.map { service in
            checks.first { $0.services?.contains(service.service.name) ?? true }.map { $0.clock ?? $0.at }
        }
        let known = times.compactMap(\.self)
        return NewestCheck(
            at: known.count == times.count ? known.min() : nil, maxAge: 4 * window,
            isOfAll: checks.first?.services == nil)
    }

    /// What is known, in the text format of Prometheus.
    ///
    /// - Parameter agent: What the agent of this process did; nil where there is none.
    /// - Returns: The exposition, with the end of the last line.
    /// - Throws: `LedgerError`, and `CommandError`.
    func metrics(_ agent: AgentRecord?) throws -> String {
        let now = now
        let readiness = try standing(ReadinessQuery()).readiness
        var families = readiness.families(now: now, workplace) + [verdictAges(readiness, now: now)]
        families += try checkFamilies() + outboxFamilies()
        if let agent {
            families += agent.families(sources: workplace.settings.sources.map(\.name), channels: channelEntries)
        }
        return families.map(\.text).joined()
    }

    private func verdictAges(_ readiness: Readiness, now: Instant) -> Family {
        var ages = Family(
            "guardrail_verdict_age_seconds",
            "How long ago the newest window with a verdict ended; where there was none yet, the deployment.")
        let services = workplace.settings.servicesByName
        for service in readiness.services {
            let window = services[service.name]?.policy.window ?? 300
            for guardrail in service.guardrails {
                let labels = [Label("service", service.name), Label("guardrail", guardrail.name)]
                ages.add(
                    labels,
                    (guardrail.windowStart.map { $0 + window } ?? service.deployment?.at).map { Double(now - $0) })
            }
        }
        return ages
    }

    private func checkFamilies() throws -> [Family] {
        let newest = try shelf.newestCheck()
        return [
            Family("last_check_timestamp_seconds", "When the newest check was made.").adding(
                [], newest.map { Double(($0.clock ?? $0.at).seconds) }),
            Family("last_check_judged_windows", "Windows that the newest check judged.").adding(
                [], newest.map { Double($0.windowsJudged) }),
            Family("last_check_failures", "What the newest check could not ask, by guardrail and cause.").adding(
                [], newest.map { Double($0.failures.count) }),
        ]
    }

    /// The entries of the configuration that make channels, by the names of these: an address of mail is nobody's label.
    private var channelEntries: [String: String] {
        let entries = workplace.settings.channels.flatMap { channel in
            workplace.channelNames(of: channel).map { ($0, channel.name) }
        }
        return Dictionary(entries) { $1 }
    }

    private func outboxFamilies() throws -> [Family] {
        let outbox = try shelf.outbox()
        let entries = channelEntries
        var waiting = Dictionary(entries.values.map { ($0, 0) }) { $1 }
        for (name, number) in try outbox.waitingCounts() {
            // What waits for a channel that is no longer configured is dropped by the next check.
            waiting[entries[name] ?? "", default: 0] += number
        }
        var failing = Dictionary(entries.values.map { ($0, 0) }) { $1 }
        for (name, receipt) in try outbox.receipts(of: ChannelHealth.memory) {
            guard let entry = entries[name],
                let health = try? JSONDecoder().decode(ChannelHealth.self, from: Data(receipt.content.utf8))
            else { continue }
            failing[entry] = max(failing[entry] ?? 0, health.failures)
        }
        var depth = Family("outbox_waiting_messages", "Messages that a channel has still to be told.")
        for (name, number) in waiting.sorted(by: { $0.key < $1.key }) {
            depth.add([Label("channel", name)], Double(number))
        }
        var failures = Family(
            "channel_failed_attempts", "Attempts in a row that did not reach the receiver; 0 where it is reached.")
        for (name, number) in failing.sorted(by: { $0.key < $1.key }) {
            failures.add([Label("channel", name)], Double(number))
        }
        return [depth, failures]
    }
}

extension AgentRecord {
    /// What an agent did, by metric.
    ///
    /// - Parameters:
    ///   - names: The sources of the configuration: one that was never asked has a series too.
    ///   - entries: The entries of the configuration by the names of the channels that they make.
    /// - Returns: The metrics, some without samples.
    func families(sources names: [String], channels entries: [String: String]) -> [Family] {
        let state = state
        let scope = "since this process began; only where it checks itself (--check-every)"
        var made = Family("agent_checks_total", "Checks by how they ended, \(scope).", .counter)
        for ending in AgentRecord.Ending.allCases {
            made.add([Label("result", ending.rawValue)], Double(state.checks[ending] ?? 0))
        }
        var took = Family(
            "agent_check_duration_seconds", "How long checks took that were not skipped, \(scope).", .summary)
        took.add([], state.checkSeconds, suffix: "_sum")
        let number = state.checks.filter { $0.key != .skipped }.values.reduce(0, +)
        took.add([], Double(number), suffix: "_count")
        let nextCheck = Family("agent_next_check_timestamp_seconds", "When the next check is due, \(scope).")
        let asked = asked.tallies.merging(names.map { ($0, Tally()) }) { known, _ in known }
        var told = Dictionary(entries.values.map { ($0, Tally()) }) { first, _ in first }
        for (name, tally) in state.channels { told[entries[name] ?? "", default: Tally()].add(tally) }
        return [made, took, nextCheck.adding([], state.next.map { Double($0.seconds) })]
            + families("source", asked, "Rounds of questions to a source", scope)
            + families("channel", told, "Attempts to tell a channel", scope)
    }

    private func families(_ kind: String, _ tallies: [String: Tally], _ what: String, _ scope: String) -> [Family] {
        var failures = Family(
            "agent_\(kind)_failures_total", "\(what) that failed, in whole or in part, \(scope).", .counter)
        var took = Family("agent_\(kind)_duration_seconds", "\(what), and how long they took, \(scope).", .summary)
        for (name, tally) in tallies.sorted(by: { $0.key < $1.key }) {
            let labels = [Label(kind, name)]
            failures.add(labels, Double(tally.failures))
            took.add(labels, tally.seconds, suffix: "_sum")
            took.add(labels, Double(tally.count), suffix: "_count")
        }
        return [failures, took]
    }
}
