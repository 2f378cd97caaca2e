import HotfixCore

/// What becomes known of the thresholds that watch a hotfix.
package struct ObservabilityChange: Sendable, Hashable {
    /// Whether Sentry's thresholds are configured.
    package var isSentryConfigured: Bool?
    /// Whether OpenTelemetry's thresholds are configured.
    package var isOtelConfigured: Bool?
    /// What somebody notes about them.
    package var notes: String?

    /// Makes a change that changes nothing.
    package init() {}

    /// Whether nothing is said.
    package var isEmpty: Bool { self == ObservabilityChange() }

    /// Enters the change into a status file.
    ///
    /// - Parameters:
    ///   - status: The status file.
    ///   - isVerified: Whether the sources were found to answer with data and baselines.
    /// - Returns: What was done, sentences in the past tense.
    package func apply(to status: inout StatusFile, isVerified: Bool) -> String {
        var did: [String] = []
        let flags: [(JSONString, String, Bool?)] = [
            ("sentryThresholdConfigured", "Sentry", isSentryConfigured),
            ("otelThresholdConfigured", "OpenTelemetry", isOtelConfigured),
        ]
        for case (let key, let name, let isSet?) in flags {
            if isVerified, isSet, status["observability", key] == .boolean(true) {
                did.append("Verified the \(name) thresholds again: every guardrail had data and its baseline.")
                continue
            }
            status.set("observability", key, to: .boolean(isSet))
            let how = isVerified ? " (every guardrail had data and its baseline)" : ""
            did.append("Marked the \(name) thresholds as \(isSet ? "configured\(how)" : "pending").")
        }
        if let notes {
            status.set("observability", "notes", to: JSONValue(notes))
            did.append("Noted about observability: \(notes)")
        }
        return did.joined(separator: " ")
    }
}
