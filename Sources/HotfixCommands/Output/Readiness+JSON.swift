import HotfixCore
import HotfixTracker

extension Readiness {
    /// The readiness with the field names that are fixed.
    var json: JSONValue {
        .object([
            "state": JSONValue(state.rawValue), "state_reason": JSONValue(stateReason?.rawValue),
            "ready": .boolean(isReady), "required_seconds": JSONValue(requiredSeconds),
            "proven_seconds": JSONValue(provenSeconds), "since": JSONValue(since),
            "earliest_ready": JSONValue(earliestReady), "evaluated_until": JSONValue(evaluatedUntil),
            "deployment": deployment?.json ?? .null, "services": .array(services.map(\.json)),
            "episodes": .array(episodes.map(\.json)), "notes": .array(notes.map { JSONValue($0) }),
            "unrecorded_deploys": .array(unrecordedDeploys.map(\.json)),
        ])
    }
}

extension Deployment {
    /// The deployment in a readiness.
    var json: JSONValue {
        .object([
            "id": JSONValue(String(id)), "branch": JSONValue(branch), "commit": JSONValue(commit),
            "version": JSONValue(version), "at": JSONValue(at), "recorded_at": JSONValue(recordedAt),
            "services": .array(services.map { JSONValue($0) }), "closed_at": JSONValue(closedAt),
            "voided_at": JSONValue(voidedAt), "new_baseline": JSONValue(newBaselineReason),
        ])
    }
}

extension ServiceReadiness {
    /// The service in a readiness.
    var json: JSONValue {
        .object([
            "name": JSONValue(name), "state": JSONValue(state.rawValue),
            "state_reason": JSONValue(stateReason?.rawValue),
            "deployment": JSONValue(deployment.map { String($0.id) }), "commit": JSONValue(deployment?.commit),
            "required_seconds": JSONValue(requiredSeconds), "proven_seconds": JSONValue(provenSeconds),
            "since": JSONValue(since), "since_reason": JSONValue(sinceOrigin?.rawValue),
            "earliest_ready": JSONValue(earliestReady), "evaluated_until": JSONValue(evaluatedUntil),
            "unproven_windows": JSONValue(unprovenWindows), "missing_windows": JSONValue(missingWindows),
            "guardrails": .array(guardrails.map(\.json)), "last_breach": lastBreach?.json ?? .null,
            "not_watched": .array(notWatched.map { JSONValue($0) }), "version": version?.json ?? .null,
        ])
    }
}

extension ServiceReadiness.GuardrailState {
    fileprivate var json: JSONValue {
        .object([
            "name": JSONValue(name), "verdict": JSONValue(verdict?.rawValue ?? "missing"),
            "reason": JSONValue(reason?.rawValue), "window_start": JSONValue(windowStart), "value": JSONValue(value),
            "baseline": JSONValue(baseline?.number), "limit": JSONValue(limit),
            "change_percent": JSONValue(changePercent),
            "baseline_windows": baseline.map { JSONValue($0.windowsUsed) } ?? .null,
            "coverage": JSONValue(baseline?.coverage), "unit": JSONValue(unit),
        ])
    }
}

extension ServiceReadiness.LastBreach {
    fileprivate var json: JSONValue {
        .object([
            "guardrail": JSONValue(guardrail), "window_start": JSONValue(windowStart), "value": JSONValue(value),
            "limit": JSONValue(limit),
        ])
    }
}

extension Episode {
    /// The episode in a readiness.
    var json: JSONValue {
        .object([
            "id": JSONValue(id), "opened": JSONValue(openedAt), "closed": JSONValue(closedAt),
            "ending": JSONValue(ending?.rawValue), "peak": JSONValue(peak), "windows": JSONValue(windows),
            "acknowledged_by": .null,
        ])
    }
}
