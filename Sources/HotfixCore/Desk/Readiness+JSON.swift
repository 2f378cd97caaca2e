extension Readiness {
    /// The readiness with the field names that are fixed.
    package var json: JSONValue {
        // A service names its deployment by number; the newest stands once, and the others after it.
        var others: [Deployment] = []
        for other in services.compactMap(\.deployment) where other != deployment && !others.contains(other) {
            others.append(other)
        }
        return .object([
            "state": JSONValue(state.rawValue), "state_reason": JSONValue(stateReason?.rawValue),
            "ready": .boolean(isReady), "required_seconds": JSONValue(requiredSeconds),
            "proven_seconds": JSONValue(provenSeconds), "since": JSONValue(since),
            "earliest_ready": JSONValue(earliestReady), "evaluated_until": JSONValue(evaluatedUntil),
            "deployment": deployment?.json ?? .null, "services": .array(services.map(\.json)),
            "episodes": .array(episodes.map { $0.json(acknowledgements.newest(of: $0)) }),
            "notes": .array(notes.map { JSONValue($0) }),
            "other_deployments": .array(others.map(\.json)),
            "unrecorded_deploys": .array(unrecordedDeploys.map(\.json)),
            "silences": .array(silences.map(\.json)),
        ])
    }

    /// Reads a readiness; one that contradicts itself is refused.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        let newest = try reader.optionalObject("deployment", Deployment.init)
        let known = try reader.objects("other_deployments", Deployment.init) + (newest.map { [$0] } ?? [])
        let services = try reader.objects("services") { (reader) throws(JSONContentError) in
            try ServiceReadiness(reader, deployments: known)
        }
        self.init(
            state: try reader.word("state"), stateReason: try reader.optionalWord("state_reason"),
            requiredSeconds: try reader.whole("required_seconds"), provenSeconds: try reader.whole("proven_seconds"),
            since: try reader.optionalInstant("since"), earliestReady: try reader.optionalInstant("earliest_ready"),
            evaluatedUntil: try reader.optionalInstant("evaluated_until"), deployment: newest, services: services,
            episodes: try reader.objects("episodes", Episode.init), notes: try reader.texts("notes"),
            unrecordedDeploys: try reader.objects("unrecorded_deploys", UnrecordedDeploy.init),
            silences: try reader.objects("silences", Silence.init),
            acknowledgements: try reader.objects("episodes") { (reader) throws(JSONContentError) in
                try reader.acknowledgement(of: try Episode(reader))
            }.compactMap(\.self))
        guard try reader.flag("ready") == isReady else { throw reader.wrong("ready", "what the state says") }
        let worst = services.map(\.state).min { $0.rank < $1.rank }
        guard worst ?? .notDeployed == state else { throw reader.wrong("state", "that of the worst service") }
        guard !isReady || services.allSatisfy({ $0.provenSeconds >= $0.requiredSeconds }) else {
            throw reader.wrong("ready", "what the proven time says")
        }
    }
}

extension Readiness.State {
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension Deployment {
    /// The deployment in a readiness, without its guardrails.
    package var json: JSONValue {
        .object([
            "id": JSONValue(String(id)), "branch": JSONValue(branch), "commit": JSONValue(commit),
            "version": JSONValue(version), "at": JSONValue(at), "recorded_at": JSONValue(recordedAt),
            "services": .array(services.map { JSONValue($0) }), "closed_at": JSONValue(closedAt),
            "voided_at": JSONValue(voidedAt), "new_baseline": JSONValue(newBaselineReason),
            "hotfix": JSONValue(String(hotfix)), "beside": .array(beside.map { JSONValue($0) }),
            "incident": JSONValue(incident.rawValue), "void_reason": JSONValue(voidReason),
        ])
    }

    /// Reads a deployment.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            id: try reader.numeral("id"), hotfix: try reader.numeral("hotfix"),
            branch: try reader.optionalText("branch"), commit: try reader.text("commit"),
            version: try reader.optionalText("version"), beside: try reader.texts("beside"),
            at: try reader.instant("at"), recordedAt: try reader.instant("recorded_at"),
            services: try reader.texts("services"), incident: try reader.word("incident"),
            newBaselineReason: try reader.optionalText("new_baseline"),
            closedAt: try reader.optionalInstant("closed_at"), voidReason: try reader.optionalText("void_reason"),
            voidedAt: try reader.optionalInstant("voided_at"))
    }
}

extension JSONReader {
    /// A number that is written as a text.
    fileprivate func numeral(_ key: JSONString) throws(JSONContentError) -> Int {
        guard let number = Int(try text(key)), (0...1 << 53).contains(number) else { throw wrong(key, "a number") }
        return number
    }
}

extension ServiceReadiness {
    /// The service in a readiness.
    package var json: JSONValue {
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

    fileprivate init(_ reader: JSONReader, deployments: [Deployment]) throws(JSONContentError) {
        let number = try reader.has("deployment") ? reader.numeral("deployment") : nil
        let deployment = deployments.first { $0.id == number }
        guard deployment?.id == number, try reader.optionalText("commit") == deployment?.commit else {
            throw reader.wrong("deployment", "one that the readiness names")
        }
        self.init(
            name: try reader.text("name"), state: try reader.word("state"),
            stateReason: try reader.optionalWord("state_reason"), deployment: deployment,
            requiredSeconds: try reader.whole("required_seconds"), provenSeconds: try reader.whole("proven_seconds"),
            since: try reader.optionalInstant("since"), sinceOrigin: try reader.optionalWord("since_reason"),
            earliestReady: try reader.optionalInstant("earliest_ready"),
            evaluatedUntil: try reader.optionalInstant("evaluated_until"),
            unprovenWindows: try reader.whole("unproven_windows"),
            missingWindows: try reader.whole("missing_windows"),
            guardrails: try reader.objects("guardrails", GuardrailState.init),
            lastBreach: try reader.optionalObject("last_breach", LastBreach.init),
            notWatched: try reader.texts("not_watched"),
            version: try reader.optionalObject("version", VersionReadiness.init))
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
            "baseline_possible": baseline.map { JSONValue($0.windowsPossible) } ?? .null,
            "baseline_silent": baseline.map { .boolean($0.isSilent) } ?? .null,
        ])
    }

    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            name: try reader.text("name"), verdict: try reader.verdict(), reason: try reader.optionalWord("reason"),
            windowStart: try reader.optionalInstant("window_start"), value: try reader.optionalNumber("value"),
            baseline: try reader.baseline(), limit: try reader.optionalNumber("limit"),
            unit: try reader.optionalText("unit"))
    }
}

extension JSONReader {
    /// A verdict; nil for a window that is missing.
    func verdict() throws(JSONContentError) -> Verdict? {
        try text("verdict") == "missing" ? nil : try word("verdict")
    }

    /// A baseline from its members; nil where there is none.
    func baseline() throws(JSONContentError) -> BaselineValue? {
        guard has("baseline_windows") else { return nil }
        return BaselineValue(
            number: try optionalNumber("baseline"), windowsUsed: try whole("baseline_windows"),
            windowsPossible: try whole("baseline_possible"), isSilent: try flag("baseline_silent"))
    }
}

extension ServiceReadiness.LastBreach {
    fileprivate var json: JSONValue {
        .object([
            "guardrail": JSONValue(guardrail), "window_start": JSONValue(windowStart), "value": JSONValue(value),
            "limit": JSONValue(limit),
        ])
    }

    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            guardrail: try reader.text("guardrail"), windowStart: try reader.instant("window_start"),
            value: try reader.optionalNumber("value"), limit: try reader.optionalNumber("limit"))
    }
}

extension Episode {
    /// The episode in a readiness, with who has seen it.
    package func json(_ acknowledgement: Acknowledgement?) -> JSONValue {
        .object([
            "id": JSONValue(id), "opened": JSONValue(openedAt), "closed": JSONValue(closedAt),
            "ending": JSONValue(ending?.rawValue), "peak": JSONValue(peak), "windows": JSONValue(windows),
            "acknowledged_by": JSONValue(acknowledgement?.by), "service": JSONValue(pair.service),
            "guardrail": JSONValue(pair.guardrail), "start": JSONValue(start), "last_breach": JSONValue(lastBreach),
            "acknowledged_at": JSONValue(acknowledgement?.recordedAt),
            "acknowledged_note": JSONValue(acknowledgement?.note),
        ])
    }

    /// Reads an episode.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            pair: try reader.pair(), start: try reader.instant("start"), openedAt: try reader.instant("opened"),
            lastBreach: try reader.instant("last_breach"), windows: try reader.whole("windows"),
            peak: try reader.optionalNumber("peak"), closedAt: try reader.optionalInstant("closed"),
            ending: try reader.optionalWord("ending"))
    }
}

extension JSONReader {
    /// Who has seen the episode that the object tells of; nil where nobody has.
    func acknowledgement(of episode: Episode) throws(JSONContentError) -> Acknowledgement? {
        guard let by = try optionalText("acknowledged_by") else { return nil }
        return Acknowledgement(
            episode: episode.id, by: by, note: try optionalText("acknowledged_note"),
            recordedAt: try instant("acknowledged_at"))
    }

    /// Service and guardrail.
    func pair() throws(JSONContentError) -> Pair { Pair(try text("service"), try text("guardrail")) }
}
