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
        let surroundings = workplace.surroundings
        let dispatcher = Dispatcher(
            outbox: ledger, channels: workplace.channels(client), rules: workplace.channelRules,
            displays: workplace.displays(client), clock: { surroundings.now }, sleep: surroundings.sleep,
            budget: budget)
        let facts = try ledger.facts()
        let state = DisplayState(
            now: surroundings.now, facts: facts, readiness: readiness, open: try openMessages(facts, ledger))
        return await dispatcher.run(showing: state)
    }

    /// The newest message of each thread that opened something which no message has closed.
    private func openMessages(_ facts: LedgerFacts, _ ledger: SQLiteLedger) throws -> [Message] {
        let closed = Set(facts.messages.filter(\.kind.isClosing).compactMap(\.opening))
        let open = facts.messages.filter { $0.kind.isOpening && !closed.contains($0.id) }
        guard let oldest = open.first, let newest = facts.messages.last else { return [] }
        let threads = Set(open.map(\.thread))
        // Newest first; more than these are shown by what their heads say.
        let told = try ledger.told(limit: min(newest.id - oldest.id + 1, Self.mostMessages))
        var seen: Set<String> = []
        return told.map(\.message).filter { threads.contains($0.thread) && seen.insert($0.thread).inserted }
    }

    private static let mostMessages = 2000
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
        var failed: [String: String] = [:]
        for failure in report.failures {
            if let source = source(of: failure.pair) { failed[source] = failure.error.message }
        }
        for failure in report.unfoundVersions { failed[failure.source] = failure.error.message }
        let answered = Set(report.judged.compactMap { source(of: $0.pair) }).subtracting(failed.keys)
        let untold = dispatch.failures.filter { $0.kind != .unreachable }.map { "\($0.name): \($0.message)" }
        return HeartbeatRule.Findings(
            sources: askedSources, answered: answered, failed: failed, untold: untold)
    }

    /// The sources that pairs ask: of any other a failure would last for ever, since nothing asks whether it is back.
    var askedSources: Set<String> { Set(pairs.compactMap(source(of:))) }

    private func source(of pair: Pair) -> String? {
        service(pair.service)?.policy.guardrail(pair.guardrail)?.source
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
        guard delivered + waiting + dead > 0 else { return nil }
        var parts = ["\(count(delivered, "message")) delivered"]
        if repeated > 0 { parts.append("\(repeated) perhaps for the second time") }
        if waiting > 0 { parts.append("\(waiting) waiting") }
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
