import HotfixCore
import HotfixTracker

extension Difference.Subject {
    /// What differs, in words.
    var what: String {
        switch self {
        case .observation(let ledger?, let source) where !isSame(ledger.value, source.value): "value"
        case .observation(nil, _): "value"
        case .observation: "events"
        case .storedBaseline: "stored baseline"
        case .ownBaseline: "baseline"
        case .verdict: "verdict"
        case .confirmation: "confirmation"
        case .episode: "episode"
        case .versions: "versions"
        case .asking: "asked once more"
        case .digest: "readiness"
        }
    }

    /// What the ledger says, for a person.
    func ledger(_ unit: String?) -> String {
        switch self {
        case .observation(let ledger, _): ledger.map { text($0, unit) } ?? "nothing"
        case .storedBaseline(let ledger, let derived): ledger.map { text($0, against: derived, unit) } ?? "none"
        case .ownBaseline(let ledger, _): text(ledger, unit)
        case .verdict(let ledger, _): text(ledger)
        case .confirmation(let ledger, _): ledger ? "confirmed" : "pending"
        case .episode(let ledger, let derived): ledger.map { text($0, against: derived, unit) } ?? "none"
        case .versions(let source, let until, let ledger, _): "\(text(ledger)) until \(until) by \(oneLine(source))"
        case .asking(let confirmation, _): "of the streak since \(confirmation.since), at \(confirmation.at)"
        case .digest(let ledger, let derived): text(ledger, against: derived)
        }
    }

    /// What is derived from the source, for a person.
    func derived(_ unit: String?) -> String {
        switch self {
        case .observation(.some, let source) where source.value == nil: "the source has no value"
        case .observation(_, let source): text(source, unit)
        case .storedBaseline(let ledger, let derived): text(derived, against: ledger, unit)
        case .ownBaseline(_, let derived): text(derived, unit)
        case .verdict(_, let derived): text(derived)
        case .confirmation(_, let derived): derived ? "confirmed" : "pending"
        case .episode(let ledger, let derived): derived.map { text($0, against: ledger, unit) } ?? "none"
        case .versions(_, _, _, let derived): text(derived)
        case .asking(_, let flaw): text(flaw)
        case .digest(let ledger, let derived): text(derived, against: ledger)
        }
    }

    /// What the ledger says, for a program.
    var ledgerJSON: JSONValue {
        switch self {
        case .observation(let ledger, _): ledger?.json ?? .null
        case .storedBaseline(let ledger, _): ledger?.json ?? .null
        case .ownBaseline(let ledger, _): ledger.json
        case .verdict(let ledger, _): ledger?.json ?? .null
        case .confirmation(let ledger, _): .boolean(ledger)
        case .episode(let ledger, _): ledger?.json(nil) ?? .null
        case .versions(let source, let until, let ledger, _): json(source, until, ledger)
        case .asking(let confirmation, _): confirmation.json
        case .digest(let ledger, _): ledger.json
        }
    }

    /// What is derived, for a program.
    var derivedJSON: JSONValue {
        switch self {
        case .observation(_, let source): source.json
        case .storedBaseline(_, let derived): derived.json
        case .ownBaseline(_, let derived): derived.json
        case .verdict(_, let derived): derived?.json ?? .null
        case .confirmation(_, let derived): .boolean(derived)
        case .episode(_, let derived): derived?.json(nil) ?? .null
        case .versions(let source, let until, _, let derived): json(source, until, derived)
        case .asking: .null
        case .digest(_, let derived): derived.json
        }
    }

    private func text(_ versions: [String]) -> String {
        versions.isEmpty ? "none seen" : versions.map { oneLine($0) }.joined(separator: ", ")
    }

    private func json(_ source: String, _ until: Instant, _ versions: [String]) -> JSONValue {
        .object([
            "source": JSONValue(source), "until": JSONValue(until),
            "versions": .array(versions.map { JSONValue($0) }),
        ])
    }

    private func text(_ flaw: Difference.Flaw) -> String {
        switch flaw {
        case .unknownDeployment: "impossible, the ledger has no such deployment"
        case .tooEarly: "impossible, the required time had not passed"
        case .notReached: "impossible, the streak never reached the required time"
        }
    }

    private func isSame(_ left: Double?, _ right: Double?) -> Bool { left == right }

    /// A number with all its digits: those that differ may be the last ones.
    private func exact(_ value: Double?, _ unit: String?) -> String {
        value.map { "\($0)\(unit.map { " \(oneLine($0))" } ?? "")" } ?? "none"
    }

    private func text(_ observation: Observation, _ unit: String?) -> String {
        var parts = [exact(observation.value, unit)]
        if let events = observation.events { parts.append("\(events) events") }
        if let samples = observation.samples { parts.append("\(samples * 100)% covered") }
        if let outcomes = observation.outcomes {
            parts.append("\(outcomes.acceptedErrors) errors accepted, \(outcomes.droppedErrors) dropped")
            if !outcomes.acceptedAny { parts.append("nothing accepted in the hour") }
        }
        return parts.joined(separator: ", ")
    }

    private func text(_ baseline: BaselineValue, _ unit: String?) -> String {
        "\(exact(baseline.number, unit)) of \(baseline.windowsUsed) windows" + (baseline.isSilent ? ", silent" : "")
    }

    /// A baseline by its first value that another has otherwise.
    private func text(_ baseline: StoredBaseline, against other: StoredBaseline?, _ unit: String?) -> String {
        let others = other?.values ?? []
        let index =
            baseline.values.indices.first { !others.indices.contains($0) || others[$0] != baseline.values[$0] } ?? 0
        var parts = [baseline.values.indices.contains(index) ? text(baseline.values[index], unit) : "none"]
        if baseline.values.count > 1 { parts.append("at time of day \(index + 1) of \(baseline.values.count)") }
        if other?.windowsExcluded != baseline.windowsExcluded { parts.append("\(baseline.windowsExcluded) left out") }
        if let over = baseline.windowsOverMedianLimit, other?.windowsOverMedianLimit != over {
            parts.append("\(over) over the limit of the median")
        }
        return parts.joined(separator: ", ")
    }

    /// What one digest says otherwise than another, so far as it is a number or an instant; else that it does.
    private func text(_ digest: ServiceDigest, against other: ServiceDigest) -> String {
        var parts: [String] = []
        if digest.count?.proven != other.count?.proven { parts.append("\(hours(digest.count?.proven ?? 0)) proven") }
        if digest.count?.since != other.count?.since {
            parts.append(digest.count.map { "since \($0.since)" } ?? "no streak")
        }
        if digest.count?.reachedAt != other.count?.reachedAt {
            parts.append(digest.count?.reachedAt.map { "reached \($0)" } ?? "not reached")
        }
        if digest.newest.last != other.newest.last {
            parts.append(digest.newest.last.map { "newest \($0.start)" } ?? "no window")
        }
        if digest.isEpisodeOpen != other.isEpisodeOpen {
            parts.append(digest.isEpisodeOpen ? "breaching" : "no breach")
        }
        return parts.isEmpty ? "otherwise in a part that is not shown" : parts.joined(separator: ", ")
    }

    private func text(_ finding: Difference.Finding?) -> String {
        guard let finding else { return "none" }
        let reason = finding.reason.map { " (\($0.rawValue))" } ?? ""
        let basis = finding.hasKnownBasis ? "" : ", by a policy or a baseline that the guardrail never had"
        return (finding.isSevere ? "severe " : "") + finding.verdict.rawValue + reason + basis
    }

    private func text(_ episode: Episode, against other: Episode?, _ unit: String?) -> String {
        var parts = [count(episode.windows, "window")]
        if other?.start != episode.start { parts.append("from \(episode.start)") }
        if other?.openedAt != episode.openedAt { parts.append("opened \(episode.openedAt)") }
        if other?.lastBreach != episode.lastBreach { parts.append("last breach \(episode.lastBreach)") }
        if other?.peak != episode.peak { parts.append("peak \(exact(episode.peak, unit))") }
        if other?.closedAt != episode.closedAt || other?.ending != episode.ending {
            parts.append(episode.closedAt.map { "\(episode.ending?.rawValue ?? "closed") \($0)" } ?? "open")
        }
        return parts.joined(separator: ", ")
    }
}

extension Observation {
    /// What a source said of a window.
    var json: JSONValue {
        .object([
            "value": JSONValue(value), "events": JSONValue(events), "samples": JSONValue(samples),
            "outcomes": outcomes.map {
                .object([
                    "accepted_any": .boolean($0.acceptedAny), "accepted_errors": JSONValue($0.acceptedErrors),
                    "dropped_errors": JSONValue($0.droppedErrors),
                ])
            } ?? .null,
        ])
    }
}

extension ServiceDigest {
    /// What the windows of a service come to.
    fileprivate var json: JSONValue {
        .object([
            "recorded_until": JSONValue(recordedUntil), "proven_seconds": count.map { JSONValue($0.proven) } ?? .null,
            "since": JSONValue(count?.since), "reached_at": JSONValue(count?.reachedAt),
            "evaluated_from": JSONValue(newest.last?.start), "episode_open": .boolean(isEpisodeOpen),
        ])
    }
}

extension Confirmation {
    /// When the windows of which streak were asked once more.
    var json: JSONValue {
        .object([
            "service": JSONValue(pair.service), "guardrail": JSONValue(pair.guardrail),
            "deployment": JSONValue(deployment), "since": JSONValue(since), "at": JSONValue(at),
        ])
    }
}

extension BaselineValue {
    fileprivate var json: JSONValue {
        .object([
            "number": JSONValue(number), "windows_used": JSONValue(windowsUsed),
            "windows_possible": JSONValue(windowsPossible), "silent": .boolean(isSilent),
        ])
    }
}

extension StoredBaseline {
    fileprivate var json: JSONValue {
        .object([
            "id": JSONValue(id), "from": JSONValue(from), "to": JSONValue(to),
            "values": .array(values.map(\.json)), "windows_excluded": JSONValue(windowsExcluded),
        ])
    }
}

extension Difference.Finding {
    fileprivate var json: JSONValue {
        .object([
            "verdict": JSONValue(verdict.rawValue), "reason": JSONValue(reason?.rawValue),
            "severe": .boolean(isSevere), "known_basis": .boolean(hasKnownBasis),
        ])
    }
}
