import Foundation
import HotfixAgent
import HotfixChannels
import HotfixConfiguration
import HotfixCore
import HotfixHTTP
import HotfixStore

/// The last step of a check: people are told, what shows the state is made to match, and a sign of life is given.
struct CheckDelivery {
    let workplace: Workplace
    let client: HTTPClient
    let budget: Duration

    /// Tells what waits in the outbox, as far as the time reaches.
    ///
    /// - Parameters:
    ///   - ledger: The ledger.
    ///   - readiness: What displays show.
    /// - Returns: What came of it.
    /// - Throws: `LedgerError`.
    func tell(_ ledger: SQLiteLedger, _ readiness: Readiness) async throws -> DispatchReport {
        let displays = workplace.displays(client)
        // Where nobody is to be told, a check costs no more than it did.
        if workplace.settings.channels.isEmpty, displays.isEmpty, try ledger.waitingCounts().isEmpty {
            return DispatchReport()
        }
        // Read again: a silence that was recorded while the sources were asked holds.
        let facts = try ledger.facts()
        let state = DisplayState(
            now: workplace.surroundings.now, facts: facts, readiness: readiness,
            open: try openMessages(facts, in: ledger))
        return await dispatcher(ledger, facts, showing: displays).run(showing: state)
    }

    /// When there is something to tell of what waits in the outbox.
    ///
    /// - Parameter ledger: The ledger.
    /// - Returns: The instant; nil where it depends on something else, as the end of a silence.
    /// - Throws: `LedgerError`.
    func nextInstant(_ ledger: SQLiteLedger) throws -> Instant? {
        try dispatcher(ledger, try ledger.facts()).nextInstant()
    }

    /// Tells what waits in the outbox, as far as the time reaches; displays are left as they are, and so is what waits for a channel
    /// that is not configured: only a check drops that.
    ///
    /// - Parameter ledger: The ledger.
    /// - Returns: What came of it.
    /// - Throws: `LedgerError`.
    func tellWaiting(_ ledger: SQLiteLedger) async throws -> DispatchReport {
        await dispatcher(ledger, try ledger.facts()).run(dropsUnconfigured: false)
    }

    private func dispatcher(
        _ ledger: SQLiteLedger, _ facts: LedgerFacts, showing displays: [any Display] = []
    ) -> Dispatcher {
        let surroundings = workplace.surroundings
        return Dispatcher(
            outbox: ledger, channels: workplace.channels(client), rules: workplace.channelRules, displays: displays,
            quiet: Quiet(facts), clock: { surroundings.now }, sleep: surroundings.sleep, budget: budget)
    }
}

/// The newest message of each breach and each blindness that no message has closed: what displays say of it.
///
/// - Parameters:
///   - facts: What the ledger holds.
///   - outbox: Where the messages are; only these are read.
/// - Returns: The messages, in the order made.
/// - Throws: `LedgerError`.
func openMessages(_ facts: LedgerFacts, in outbox: any Outbox) throws -> [Message] {
    let told = ToldThreads(facts.messages)
    return try outbox.messages(Set(told.open(.breach, .blind).compactMap { told.newestMessage(of: $0.thread) }))
}

/// Gives signs of life around a check; one that is not taken stops nothing.
struct CheckHeartbeat {
    let heartbeat: Heartbeat
    let run = UUID().uuidString.lowercased()

    /// Says how a check ended.
    ///
    /// - Parameters:
    ///   - findings: What came of the check.
    ///   - text: What it reported.
    ///   - outbox: Where it is remembered since when sources fail.
    ///   - now: The instant of the check.
    /// - Returns: Why it could not be said; nil where it was.
    /// - Throws: `LedgerError`.
    func end(_ findings: HeartbeatRule.Findings, text: String, _ outbox: any Outbox, at now: Instant) async throws
        -> String?
    {
        let memory = DisplayMemory(outbox, of: HeartbeatRule.display)
        var rule = try HeartbeatRule(memory)
        let signal = rule.take(findings, at: now)
        try rule.keep(in: memory, at: now)
        switch signal {
        case .success: return await heartbeat.success(run: run, text: text)
        case .failure(let reasons):
            return await heartbeat.failure(run: run, text: (reasons + [text]).joined(separator: "\n"))
        }
    }
}

extension Settings {
    /// What a check found, as far as its sign of life tells of it.
    func heartbeatFindings(_ report: CheckReport, _ dispatch: DispatchReport) -> HeartbeatRule.Findings {
        let services = servicesByName
        func source(of pair: Pair) -> String? {
            services[pair.service]?.policy.guardrail(pair.guardrail)?.source
        }
        var failed: [String: String] = [:]
        for failure in report.failures {
            if let source = failure.source ?? source(of: failure.pair) { failed[source] = failure.error.message }
        }
        let answered = Set(report.judgedPairs.compactMap { source(of: $0) }).subtracting(failed.keys)
        let untold = dispatch.failures.filter { $0.kind != .unreachable }.map { "\($0.name): \($0.message)" }
        return HeartbeatRule.Findings(
            sources: askedSources, answered: answered, failed: failed, untold: untold)
    }

    /// The sources that pairs ask: of any other a failure would last for ever, since nothing asks whether it is back.
    var askedSources: Set<String> {
        Set(
            services.flatMap { entry in
                entry.pairs.compactMap { entry.policy.guardrail($0.guardrail)?.source }
            })
    }
}

extension DispatchReport {
    /// How a check ends that could not tell all it had to.
    var statuses: [ExitStatus] {
        failures.map { failure in
            switch failure.kind {
            case .unreachable, .refused, .givenUp: .unfinished
            case .misconfigured: .wrong
            case .ledger: .unusable
            }
        } + (hasLost ? [.unfinished] : [])
    }

    /// What could not be told or shown, one line each.
    var failureTexts: [String] { failures.map { oneLine("\($0.name): \($0.message)") } }

    /// Whether there is something to say of it.
    var hasNews: Bool { delivered + dropped + dead > 0 || !failures.isEmpty }

    /// A line for a person; nil where there was nothing to tell.
    var text: String? {
        guard delivered + waiting + dead + dropped > 0 else { return nil }
        var parts = ["\(count(delivered, "message")) delivered"]
        if repeated > 0 { parts.append("\(repeated) perhaps for the second time") }
        if waiting > 0 { parts.append("\(waiting) waiting") }
        if dropped > 0 { parts.append("\(dropped) dropped") }
        if dead > 0 { parts.append("\(dead) given up") }
        return "Told: \(parts.joined(separator: ", ")). See: hotfix alerts list"
    }

    /// The report for a program.
    var json: JSONValue {
        .object([
            "delivered": JSONValue(delivered), "repeated": JSONValue(repeated), "waiting": JSONValue(waiting),
            "dropped": JSONValue(dropped), "given_up": JSONValue(dead),
            "failures": .array(failureTexts.map { JSONValue($0) }),
        ])
    }
}
