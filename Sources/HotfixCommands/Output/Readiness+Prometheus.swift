import HotfixCore

extension Readiness {
    /// The readiness in the text format of Prometheus (0.0.4), for the textfile collector of the node exporter.
    ///
    /// Series without the label `service` are those of the hotfix. What is not known has no series.
    ///
    /// - Parameter now: When it was asked.
    /// - Returns: The exposition, with the end of the last line.
    func exposition(now: Instant) -> String { families(now: now).map(\.text).joined() }

    /// The same by metric.
    func families(now: Instant) -> [Family] {
        let asked = Family(
            "readiness_timestamp_seconds", "When this readiness was asked; a file that is not renewed shows here.")
        return stateFamilies + timeFamilies + guardrailFamilies + [asked.adding([], Double(now.seconds))]
    }

    /// The labels of the hotfix, and of each of its services, with what is said of either.
    private func each<Value>(_ whole: Value?, _ part: (ServiceReadiness) -> Value?) -> [([Label], Value)] {
        let parts = services.compactMap { service in part(service).map { ([Label("service", service.name)], $0) } }
        return (whole.map { [([], $0)] } ?? []) + parts
    }

    private var stateFamilies: [Family] {
        var states = Family("state", "The state, 1 where it holds: of the hotfix, and by service.")
        for (labels, state) in each(state, { $0.state }) {
            for one in State.allCases {
                states.add(labels + [Label("state", one.rawValue)], one == state ? 1 : 0)
            }
        }
        var ready = Family("ready", "1 where the required time is proven, of the hotfix and by service.")
        for (labels, state) in each(state, { $0.state }) { ready.add(labels, state == .ready ? 1 : 0) }
        var unproven = Family("unproven_windows", "Windows since `since` that were asked and are not clean.")
        var missing = Family("missing_windows", "Windows since `since` that have no verdict.")
        var open = Family("open_episodes", "Episodes that have not ended.")
        for service in services {
            let labels = [Label("service", service.name)]
            unproven.add(labels, Double(service.unprovenWindows))
            missing.add(labels, Double(service.missingWindows))
        }
        let names = episodes.filter(\.isOpen).map(\.pair.service)
        for (labels, number) in each(names.count, { service in names.count { $0 == service.name } }) {
            open.add(labels, Double(number))
        }
        return [states, ready, unproven, missing, open]
    }

    private var timeFamilies: [Family] {
        var proven = Family("proven_seconds", "The proven clean time.")
        for (labels, value) in each(provenSeconds, { $0.provenSeconds }) { proven.add(labels, Double(value)) }
        var required = Family("required_seconds", "The time that has to be proven.")
        for (labels, value) in each(requiredSeconds, { $0.requiredSeconds }) { required.add(labels, Double(value)) }
        let instants: [(Family, [([Label], Instant)])] = [
            (Family("since_timestamp_seconds", "From when on clean windows count."), each(since) { $0.since }),
            (
                Family("earliest_ready_timestamp_seconds", "When it may be ready, or became so."),
                each(earliestReady) { $0.earliestReady }
            ),
            (
                Family("evaluated_until_timestamp_seconds", "The end of the newest complete window."),
                each(evaluatedUntil) { $0.evaluatedUntil }
            ),
        ]
        return [proven, required]
            + instants.map { family, values in
                values.reduce(family) { $0.adding($1.0, Double($1.1.seconds)) }
            }
    }

    private var guardrailFamilies: [Family] {
        var value = Family("guardrail_value", "The value in the newest window, in the unit of its label.")
        var baseline = Family("guardrail_baseline", "The baseline that it was held against.")
        var limit = Family("guardrail_limit", "The limit that it was held against.")
        var verdicts = Family("guardrail_verdict", "The verdict in the newest window, 1 where it holds.")
        for service in services {
            for guardrail in service.guardrails {
                let labels = [Label("service", service.name), Label("guardrail", guardrail.name)]
                let unit = guardrail.unit.map { [Label("unit", $0)] } ?? []
                value.add(labels + unit, guardrail.value)
                baseline.add(labels + unit, guardrail.baseline?.number)
                limit.add(labels + unit, guardrail.limit)
                for verdict in Verdict.allCases.map(\.rawValue) + ["missing"] {
                    verdicts.add(
                        labels + [Label("verdict", verdict)],
                        verdict == guardrail.verdict?.rawValue ?? "missing" ? 1 : 0)
                }
            }
        }
        return [value, baseline, limit, verdicts]
    }
}
