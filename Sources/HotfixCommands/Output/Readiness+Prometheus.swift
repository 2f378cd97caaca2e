import HotfixConfiguration
import HotfixCore

extension Readiness {
    /// The readiness in the text format of Prometheus (0.0.4), for the textfile collector of the node exporter.
    ///
    /// Series without the label `service` are those of the hotfix. What is not known has no series.
    ///
    /// - Parameters:
    ///   - now: When it was asked.
    ///   - workplace: By which windows are due; nil where only a server knows it.
    /// - Returns: The exposition, with the end of the last line.
    func exposition(now: Instant, _ workplace: Workplace?) -> String {
        families(now: now, workplace).map(\.text).joined()
    }

    /// The same by metric.
    func families(now: Instant, _ workplace: Workplace?) -> [Family] {
        let asked = Family(
            "readiness_timestamp_seconds", "When this readiness was asked; a file that is not renewed shows here.")
        return stateFamilies + timeFamilies + guardrailFamilies(now: now, workplace) + [
            asked.adding([], Double(now.seconds))
        ]
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

    private func guardrailFamilies(now: Instant, _ workplace: Workplace?) -> [Family] {
        let of = "the newest window with a verdict, unless one was due for the length of a window since"
        var value = Family("guardrail_value", "The value in \(of), in the unit of its label.")
        var baseline = Family("guardrail_baseline", "The baseline that it was held against.")
        var limit = Family("guardrail_limit", "The limit that it was held against.")
        var verdicts = Family("guardrail_verdict", "The verdict in \(of), 1 where it holds; else `missing`.")
        var starts = Family(
            "guardrail_window_start_timestamp_seconds", "When the newest window with a verdict began, however old.")
        let known = workplace?.settings.servicesByName ?? [:]
        for service in services {
            for guardrail in service.guardrails {
                let labels = [Label("service", service.name), Label("guardrail", guardrail.name)]
                let unit = guardrail.unit.map { [Label("unit", $0)] } ?? []
                starts.add(labels, guardrail.windowStart.map { Double($0.seconds) })
                let oldest = known[service.name].flatMap {
                    workplace?.oldestCurrentStart(of: guardrail.name, $0, at: now)
                }
                let isMissing = guardrail.windowStart.map { start in oldest.map { start < $0 } ?? false } ?? false
                let verdict = isMissing ? nil : guardrail.verdict
                for one in Verdict.allCases.map(\.rawValue) + ["missing"] {
                    verdicts.add(
                        labels + [Label("verdict", one)], one == verdict?.rawValue ?? "missing" ? 1 : 0)
                }
                guard !isMissing else { continue }
                value.add(labels + unit, guardrail.value)
                baseline.add(labels + unit, guardrail.baseline?.number)
                limit.add(labels + unit, guardrail.limit)
            }
        }
        return [value, baseline, limit, verdicts, starts]
    }
}

extension Workplace {
    /// The earliest start of a window of a service's guardrail that says how it is now: of any before it, the next one was due for the
    /// length of a window.
    ///
    /// - Returns: The start; nil where the configuration does not know the guardrail.
    fileprivate func oldestCurrentStart(of guardrail: String, _ service: ServiceSettings, at now: Instant) -> Instant? {
        guard let source = service.policy.guardrail(guardrail)?.source,
            let settle = settings.sources.first(where: { $0.name == source })?.timing.settle
        else { return nil }
        return (now - settle - 2 * service.policy.window).floored(to: service.policy.window)
    }
}
