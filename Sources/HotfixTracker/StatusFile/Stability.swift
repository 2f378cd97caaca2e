package import HotfixCore

/// Keeps the stability of the deployed hotfix in a status file, under its keys `stability` and `deployment`.
///
/// No other key is touched but `lastUpdated`, and nothing at all while both are as they were.
///
/// - Parameters:
///   - readiness: What the ledger says.
///   - path: The status file; one that is missing is made from the defaults.
///   - at: What `lastUpdated` becomes.
///   - maxAge: How long after the end of its newest window a state may be believed without another check, in seconds.
/// - Returns: Whether the file was written.
/// - Throws: ``StatusFileError``.
@discardableResult
package func writeStability(
    readiness: Readiness, to path: String, at: Instant, maxAge: Seconds = 1200
) throws -> Bool {
    try StatusFile.update(path: path, at: at) { status in
        status.keep("stability", .object(stability(readiness, maxAge)), after: StatusFile.scriptKeys)
        // While there is nothing to say, what the team may keep there stays.
        guard readiness.deployment != nil || status.holdsOwn("deployment") else { return }
        let deployment = readiness.deployment.map { JSONValue.object(members(of: $0)) } ?? .null
        status.keep("deployment", deployment, after: StatusFile.scriptKeys + ["stability"])
    }
}

extension StatusFile {
    /// Sets a key; of an object that is there already, only the members that are given.
    fileprivate mutating func keep(_ key: JSONString, _ value: JSONValue, after predecessors: [JSONString]) {
        if case .object(let new) = value, case .object(var old)? = root[key] {
            old.merge(new)
            root[key] = .object(old)
        } else {
            root.set(key, value, after: predecessors)
        }
    }
}

private func stability(_ readiness: Readiness, _ maxAge: Seconds) -> JSONObject {
    [
        "state": JSONValue(readiness.state.rawValue),
        "stateReason": JSONValue(readiness.stateReason?.rawValue),
        "requiredSeconds": JSONValue(readiness.requiredSeconds),
        "provenSeconds": JSONValue(readiness.provenSeconds),
        "since": JSONValue(stamp: readiness.since),
        "earliestReady": JSONValue(stamp: readiness.earliestReady),
        "lastBreach": lastBreach(readiness.services),
        "evaluatedUntil": JSONValue(stamp: readiness.evaluatedUntil),
        "freshUntil": JSONValue(stamp: readiness.evaluatedUntil.map { $0 + maxAge }),
    ]
}

/// The newest breach of all services; of several at once, the first service's.
private func lastBreach(_ services: [ServiceReadiness]) -> JSONValue {
    let breaches = services.compactMap { service in service.lastBreach.map { (service: service.name, breach: $0) } }
    guard let newest = breaches.map(\.breach.windowStart).max(),
        let (service, breach) = breaches.first(where: { $0.breach.windowStart == newest })
    else { return .null }
    return .object([
        "service": JSONValue(service), "guardrail": JSONValue(breach.guardrail),
        "windowStart": JSONValue(stamp: breach.windowStart), "value": JSONValue(breach.value),
        "limit": JSONValue(breach.limit),
    ])
}

private func members(of deployment: Deployment) -> JSONObject {
    [
        "id": JSONValue(String(deployment.id)), "branch": JSONValue(deployment.branch),
        "commit": JSONValue(deployment.commit), "version": JSONValue(deployment.version),
        "at": JSONValue(stamp: deployment.at),
        "services": .array(deployment.services.map { JSONValue($0) }),
    ]
}
