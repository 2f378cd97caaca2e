import HotfixConfiguration
import HotfixCore

/// The kinds of source whose thresholds the tracker keeps apart.
enum WatchedKind {
    case sentry, prometheus

    var name: String {
        switch self {
        case .sentry: "Sentry"
        case .prometheus: "OpenTelemetry"
        }
    }

    func holds(_ source: SourceSettings) -> Bool {
        switch (self, source.kind) {
        case (.sentry, .sentry), (.prometheus, .prometheus), (.prometheus, .otlp): true
        case (.sentry, _), (.prometheus, _): false
        }
    }
}

extension Settings {
    /// What keeps the guardrails of a kind of source from watching, as the newest windows of the ledger have it.
    ///
    /// - Parameters:
    ///   - kind: The kind of source.
    ///   - readiness: What the ledger says of all services.
    ///   - audible: The newest windows that were not quiet, for those whose newest is.
    ///   - now: The instant that the windows are held against.
    /// - Returns: Sentences; empty where every guardrail has data and, where it needs one, its baseline.
    func lacking(
        _ kind: WatchedKind, in readiness: Readiness, _ audible: [Pair: Explanation], at now: Instant
    ) -> [String] {
        let names = Set(sources.filter(kind.holds).map(\.name))
        var lacking: [String] = []
        var isAny = false
        for entry in services {
            let states = readiness.services.first { $0.name == entry.service.name }?.guardrails ?? []
            for guardrail in entry.policy.guardrails
            where names.contains(guardrail.source) && entry.service.bindings[guardrail.source] != nil {
                isAny = true
                let pair = Pair(entry.service.name, guardrail.name)
                let state = states.first { $0.name == guardrail.name }
                guard
                    let objection = objection(
                        to: state, audible[pair], guardrail, window: entry.policy.window, at: now)
                else { continue }
                lacking.append("\(pair): \(objection).")
            }
        }
        return isAny ? lacking : ["No guardrail asks a source of \(kind.name) about any service."]
    }

    private func objection(
        to state: ServiceReadiness.GuardrailState?, _ audible: Explanation?, _ guardrail: Guardrail, window: Seconds,
        at now: Instant
    ) -> String? {
        guard let state, let start = state.windowStart else { return "no window of it has been asked yet" }
        // What the law gives readiness by default.
        guard (0...4 * window).contains(now - (start + window)) else {
            return "its newest window, of \(start), is too old or lies ahead: is the agent running?"
        }
        guard let reason = state.reason, reason.isQuiet else {
            return objection(
                to: "its newest window, of \(start),", state.verdict, state.reason, value: state.value,
                baseline: state.baseline, guardrail)
        }
        guard let audible, let shown = audible.window else {
            return "its newest window, of \(start), is quiet (\(reason.rawValue)), as was every one of the last day"
        }
        return objection(
            to: "its newest window that was not quiet, of \(shown.start),", audible.verdict, audible.reason,
            value: audible.grounds?.observation.value, baseline: audible.grounds?.baseline, guardrail)
    }

    private func objection(
        to window: String, _ verdict: Verdict?, _ reason: Reason?, value: Double?, baseline: BaselineValue?,
        _ guardrail: Guardrail
    ) -> String? {
        let why = reason.map { " (\($0.rawValue))" } ?? ""
        guard value != nil else { return "\(window) has no value\(why)" }
        guard !guardrail.hasRelativeLimit || baseline?.number != nil else { return "it has no baseline yet" }
        guard let verdict, verdict != .unproven else { return "\(window) is unproven\(why)" }
        return nil
    }
}

extension LocalDesk {
    /// The newest window of the last day that has a verdict and was not quiet, of each guardrail that has one.
    func newestAudible(at now: Instant) throws -> [Pair: Explanation] {
        var newest: [Pair: Explanation] = [:]
        let watched = workplace.settings.services.map { ($0.service.name, Snapshot.Reach.further(0)) }
        for service in try shelf.snapshot(at: now, reach: Dictionary(watched) { $1 }).services {
            for pair in service.pairs where !pair.isDropped {
                let starts = pair.records.entries.map(\.start)
                    .filter { (0...86_400).contains(now - ($0 + service.context.step)) }
                    .filter { pair.counted($0).map { $0.reason?.isQuiet != true } ?? false }
                guard let start = starts.max() else { continue }
                newest[pair.pair] = Explanation(pair, of: service, at: start)
            }
        }
        return newest
    }
}
