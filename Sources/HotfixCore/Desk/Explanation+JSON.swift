extension Explanation {
    /// The explanation with the field names that are fixed.
    package var json: JSONValue {
        let observation = grounds?.observation
        let parts: [JSONObject] = [
            [
                "service": JSONValue(pair.service), "guardrail": JSONValue(pair.guardrail),
                "window_start": JSONValue(window?.start), "window_end": JSONValue(window?.end),
                "verdict": JSONValue(verdict?.rawValue ?? "missing"), "reason": JSONValue(reason?.rawValue),
                "confirmed": .boolean(isConfirmed), "value": JSONValue(observation?.value),
                "events": JSONValue(observation?.events), "unit": JSONValue(unit),
            ],
            fixedGrounds,
            [
                "source": JSONValue(query?.source), "variant": JSONValue(query?.variant),
                "query": JSONValue(query?.text), "asked": .boolean(wasAsked),
                "covered": JSONValue(observation?.samples), "outcomes": observation?.outcomes.map(Self.json) ?? .null,
            ],
            furtherGrounds,
            [
                "version": running?.json ?? .null, "plot": plot?.json ?? .null,
                "links": .array(links.map(\.json)),
            ],
        ]
        return .object(JSONObject(members: parts.flatMap(\.members)))
    }

    private var fixedGrounds: JSONObject {
        let baseline = grounds?.baseline
        let stored = grounds?.stored
        let excluded = (stored?.excluded ?? []).map { entry -> JSONValue in
            .object(["interval": JSONValue(entry.interval.description), "reason": JSONValue(entry.reason)])
        }
        return [
            "limit": JSONValue(grounds?.limitNumber), "limit_rule": JSONValue(grounds?.limit),
            "baseline": JSONValue(baseline?.number), "baseline_windows": Self.whole(baseline?.windowsUsed),
            "baseline_possible": Self.whole(baseline?.windowsPossible), "coverage": JSONValue(baseline?.coverage),
            "baseline_id": Self.whole(stored?.id), "lookback_start": JSONValue(stored?.from),
            "lookback_end": JSONValue(stored?.to), "excluded": .array(excluded),
            "policy": Self.whole(grounds?.policy), "revision": Self.whole(grounds?.revision),
            "evaluated_at": JSONValue(grounds?.evaluatedAt),
        ]
    }

    private var furtherGrounds: JSONObject {
        let stored = grounds?.stored
        return [
            "needs_baseline": Self.flag(grounds?.needsBaseline),
            "baseline_silent": Self.flag(grounds?.baseline?.isSilent),
            "baseline_provisional": Self.flag(grounds?.isProvisional),
            "baseline_stored_at": JSONValue(stored?.storedAt),
            "baseline_deployment": Self.whole(stored?.deployment),
            "windows_excluded": Self.whole(stored?.windowsExcluded),
            "statistic": JSONValue(grounds?.statistic.rawValue), "lookback_seconds": Self.whole(grounds?.lookback),
            "policy_service": JSONValue(grounds?.policyService),
            "policy_adopted_at": JSONValue(grounds?.policyAdoptedAt),
            "outvoted_policy": Self.whole(grounds?.outvotedPolicy),
        ]
    }

    private static func whole(_ number: Int?) -> JSONValue { number.map { JSONValue($0) } ?? .null }

    private static func flag(_ flag: Bool?) -> JSONValue { flag.map { .boolean($0) } ?? .null }

    /// Reads an explanation.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        let pair = try reader.pair()
        let unit = try reader.optionalText("unit")
        self.init(
            pair: pair, window: try Self.window(reader), wasAsked: try reader.flag("asked"),
            verdict: try reader.verdict(), reason: try reader.optionalWord("reason"),
            isConfirmed: try reader.flag("confirmed"), unit: unit,
            grounds: reader.has("policy") ? try Grounds(reader) : nil,
            query: reader.has("source")
                ? Query(
                    source: try reader.text("source"), variant: try reader.optionalText("variant"),
                    text: try reader.text("query")) : nil,
            running: try reader.optionalObject("version", Running.init),
            plot: try reader.optionalObject("plot") { (reader) throws(JSONContentError) in
                try Plot(reader, title: pair.description, unit: unit)
            }, links: try reader.objects("links", MessageLink.init))
    }

    private static func json(_ outcomes: Observation.Outcomes) -> JSONValue {
        .object([
            "accepted_any": .boolean(outcomes.acceptedAny), "accepted_errors": JSONValue(outcomes.acceptedErrors),
            "dropped_errors": JSONValue(outcomes.droppedErrors),
        ])
    }

    private static func window(_ reader: JSONReader) throws(JSONContentError) -> Window? {
        guard let start = try reader.optionalInstant("window_start") else { return nil }
        let length = try reader.instant("window_end") - start
        guard length > 0 else { throw reader.wrong("window_end", "after the start") }
        return Window(containing: start, length: length)
    }
}

extension Explanation.Grounds {
    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        let outcomes = try reader.optionalObject("outcomes") { (reader) throws(JSONContentError) in
            Observation.Outcomes(
                acceptedAny: try reader.flag("accepted_any"), acceptedErrors: try reader.whole("accepted_errors"),
                droppedErrors: try reader.whole("dropped_errors"))
        }
        self.init(
            observation: Observation(
                value: try reader.optionalNumber("value"), events: try reader.optionalNumber("events"),
                samples: try reader.optionalNumber("covered"), outcomes: outcomes),
            limit: try reader.optionalText("limit_rule"), limitNumber: try reader.optionalNumber("limit"),
            needsBaseline: try reader.flag("needs_baseline"), baseline: try reader.baseline(),
            statistic: try reader.word("statistic"), lookback: try reader.whole("lookback_seconds"),
            stored: reader.has("baseline_id") ? try Explanation.Stored(reader) : nil,
            isProvisional: reader.has("baseline_provisional") ? try reader.flag("baseline_provisional") : nil,
            policy: try reader.whole("policy"), policyService: try reader.text("policy_service"),
            policyAdoptedAt: try reader.instant("policy_adopted_at"),
            outvotedPolicy: try reader.optionalWhole("outvoted_policy"), revision: try reader.whole("revision"),
            evaluatedAt: try reader.instant("evaluated_at"))
    }
}

extension Explanation.Running {
    fileprivate var json: JSONValue {
        .object([
            "deployed": JSONValue(deployed), "beside": .array(beside.map { JSONValue($0) }),
            "seen": .array(
                seen.map { entry in
                    .object([
                        "source": JSONValue(entry.source),
                        "versions": entry.versions.map { .array($0.map { JSONValue($0) }) } ?? .null,
                    ])
                }),
        ])
    }

    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            deployed: try reader.text("deployed"), beside: try reader.texts("beside"),
            seen: try reader.objects("seen") { (reader) throws(JSONContentError) in
                Seen(
                    source: try reader.text("source"),
                    versions: reader.has("versions") ? try reader.texts("versions") : nil)
            })
    }
}

extension Explanation.Stored {
    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            id: try reader.whole("baseline_id"), from: try reader.instant("lookback_start"),
            to: try reader.instant("lookback_end"), storedAt: try reader.instant("baseline_stored_at"),
            deployment: try reader.whole("baseline_deployment"),
            excluded: try reader.objects("excluded") { (reader) throws(JSONContentError) in
                let parts = try reader.text("interval").split(separator: "/").map(String.init)
                guard parts.count == 2, let start = Instant(text: parts[0]) else {
                    throw reader.wrong("interval", "an interval")
                }
                let interval = Interval(start: start, end: Instant(text: parts[1]))
                return StoredBaseline.ExcludedInterval(interval: interval, reason: try reader.text("reason"))
            }, windowsExcluded: try reader.whole("windows_excluded"))
    }
}

extension MessageLink {
    /// The link.
    var json: JSONValue { .object(["label": JSONValue(label), "url": JSONValue(url)]) }

    /// Reads a link; nothing of its address is believed yet.
    init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(label: try reader.text("label"), url: try reader.text("url"))
    }
}
