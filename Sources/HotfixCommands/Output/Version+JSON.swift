import HotfixCore
import HotfixTracker

extension VersionReadiness {
    /// What is known of the running version, in a readiness.
    var json: JSONValue {
        .object([
            "deployed": JSONValue(deployed), "beside": .array(beside.map { JSONValue($0) }),
            "watched": .array(
                watched.map { source in
                    .object([
                        "source": JSONValue(source.source), "window_start": JSONValue(source.windowStart),
                        "seen": .array(source.seen.map { JSONValue($0) }), "as_deployed": .boolean(source.isAsDeployed),
                    ])
                }),
            "not_watched": .array(
                unwatched.map { .object(["source": JSONValue($0.source), "reason": JSONValue($0.reason)]) }
                    + unfound.map { .object(["source": JSONValue($0), "reason": .null]) }),
        ])
    }
}

extension UnrecordedDeploy {
    /// The roll-out, in a readiness and in the report of a check.
    var json: JSONValue {
        .object([
            "service": JSONValue(service), "source": JSONValue(source), "version": JSONValue(version),
            "at": JSONValue(at),
        ])
    }
}
