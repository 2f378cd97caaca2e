import HotfixCore

extension Readiness {
    /// The readiness for a person, the answer first.
    ///
    /// - Parameter now: What distances are counted from.
    /// - Returns: Lines, without the end of the last.
    func text(now: Instant) -> String {
        var lines = [headline(now: now)]
        if let deployment {
            let branch = deployment.branch.map { " of \(oneLine($0))" } ?? ""
            lines.append("Deployed: \(oneLine(deployment.commit))\(branch) at \(moment(deployment.at, now: now))")
        }
        if state != .notDeployed {
            lines.append(
                "Proven:   \(hours(provenSeconds)) of \(hours(requiredSeconds)), since \(moment(since, now: now))")
            if state != .ready { lines.append("Earliest: \(moment(earliestReady, now: now))") }
        }
        lines.append("Evaluated until \(moment(evaluatedUntil, now: now))")
        for service in services { lines.append(service.text(now: now)) }
        let open = episodes.filter(\.isOpen)
        if !open.isEmpty {
            lines.append("\nOpen episodes:")
            lines += open.map { episode in
                let seen = acknowledgements.newest(of: episode).map { ", \(oneLine($0.text))" } ?? ""
                return "  \(oneLine(episode.id)), \(count(episode.windows, "window")), "
                    + "opened \(moment(episode.openedAt, now: now))\(seen)"
            }
        }
        if !silences.isEmpty {
            lines.append("\nSilenced:")
            lines += silences.map { "  \(oneLine($0.text(until: moment($0.endsAt, now: now))))" }
        }
        if !notes.isEmpty {
            lines.append("\nTo know:")
            lines += notes.map { "  \(oneLine($0))" }
        }
        return lines.joined(separator: "\n")
    }

    private func headline(now: Instant) -> String {
        let why = stateReason.map { " (\($0.text))" } ?? ""
        switch state {
        case .ready: return "READY since \(moment(earliestReady, now: now))"
        case .counting: return "NOT READY: counting\(why)"
        case .breaching: return "NOT READY: breaching"
        case .blind: return "NOT READY: blind\(why)"
        case .notDeployed:
            let remedy = stateReason == nil ? ". Record the deployment: hotfix deployed --commit SHA" : ""
            return "NOT READY: not deployed\(why)\(remedy)"
        }
    }
}

extension ServiceReadiness {
    fileprivate func text(now: Instant) -> String {
        let why = stateReason.map { " (\($0.text))" } ?? ""
        let lacking = "\(unprovenWindows) unproven and \(missingWindows) missing windows"
        var lines = [
            "",
            "\(oneLine(name)): \(state.rawValue)\(why), \(hours(provenSeconds)) proven, \(lacking)"
                + " since \(moment(since, now: now))",
        ]
        let rows = guardrails.map { guardrail -> [String] in
            let verdict = guardrail.verdict?.rawValue ?? "missing"
            let reason = guardrail.reason.map { " (\($0.rawValue))" } ?? ""
            return [
                oneLine(guardrail.name), verdict + reason, figure(guardrail.value, unit: guardrail.unit),
                "baseline \(figure(guardrail.baseline?.number, unit: guardrail.unit))",
                "limit \(figure(guardrail.limit, unit: guardrail.unit))", guardrail.changePercent.map(percent) ?? "",
            ]
        }
        if !rows.isEmpty { lines.append(table(rows)) }
        if let lastBreach {
            lines.append(
                "  last breach: \(oneLine(lastBreach.guardrail)) at \(moment(lastBreach.windowStart, now: now))")
        }
        if !notWatched.isEmpty { lines.append("  not watched: \(notWatched.map(oneLine).joined(separator: ", "))") }
        return lines.joined(separator: "\n")
    }
}
