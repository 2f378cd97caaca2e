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
        case (.sentry, .sentry), (.prometheus, .prometheus): true
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
    ///   - now: The instant that the windows are held against.
    /// - Returns: Sentences; empty where every guardrail has data and, where it needs one, its baseline.
    func lacking(_ kind: WatchedKind, in readiness: Readiness, at now: Instant) -> [String] {
        let names = Set(sources.filter(kind.holds).map(\.name))
        var lacking: [String] = []
        var isAny = false
        for entry in services {
            let states = readiness.services.first { $0.name == entry.service.name }?.guardrails ?? []
            for guardrail in entry.policy.guardrails
            where names.contains(guardrail.source) && entry.service.bindings[guardrail.source] != nil {
                isAny = true
                let state = states.first { $0.name == guardrail.name }
                guard let objection = objection(to: state, guardrail, window: entry.policy.window, at: now) else {
                    continue
                }
                lacking.append("\(Pair(entry.service.name, guardrail.name)): \(objection).")
            }
        }
        return isAny ? lacking : ["No guardrail asks a source of \(kind.name) about any service."]
    }

    private func objection(
        to state: ServiceReadiness.GuardrailState?, _ guardrail: Guardrail, window: Seconds, at now: Instant
    ) -> String? {
        guard let state, let start = state.windowStart else { return "no window of it has been asked yet" }
        // What the law gives readiness by default.
        guard (0...4 * window).contains(now - (start + window)) else {
            return "its newest window, of \(start), is too old or lies ahead: is the agent running?"
        }
        let reason = state.reason.map { " (\($0.rawValue))" } ?? ""
        guard state.value != nil else { return "its newest window, of \(start), has no value\(reason)" }
        guard !guardrail.hasRelativeLimit || state.baseline?.number != nil else { return "it has no baseline yet" }
        guard let verdict = state.verdict, verdict != .unproven else {
            return "its newest window, of \(start), is unproven\(reason)"
        }
        return nil
    }
}
