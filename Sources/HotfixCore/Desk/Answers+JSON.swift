extension GateAnswer {
    /// The answer, with the readiness that it follows from.
    package var json: JSONValue {
        .object([
            "commit": JSONValue(commit), "open": .boolean(objection == nil), "objection": JSONValue(objection),
            "readiness": readiness.json,
        ])
    }

    /// Reads an answer; one that does not follow from its readiness is refused.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        guard let readiness = try reader.optionalObject("readiness", Readiness.init) else {
            throw reader.wrong("readiness", "there")
        }
        self.init(commit: try reader.text("commit"), readiness: readiness)
        guard try reader.flag("open") == (objection == nil) else {
            throw reader.wrong("open", "what the readiness says")
        }
    }
}

extension DeploymentReceipt {
    /// The receipt.
    package var json: JSONValue {
        .object([
            "deployment": deployment.json, "was_known": .boolean(wasKnown),
            "newer": JSONValue(newer.map { String($0) }),
        ])
    }

    /// Reads a receipt.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        guard let deployment = try reader.optionalObject("deployment", Deployment.init) else {
            throw reader.wrong("deployment", "there")
        }
        self.init(
            deployment: deployment, wasKnown: try reader.flag("was_known"),
            newer: try reader.optionalText("newer").flatMap { Int($0) })
    }
}

extension Exclusion {
    /// The exclusion.
    package var json: JSONValue {
        .object([
            "from": JSONValue(interval.start), "to": JSONValue(interval.end), "service": JSONValue(service),
            "reason": JSONValue(reason), "by": JSONValue(by), "recorded_at": JSONValue(recordedAt),
            "id": JSONValue(id),
        ])
    }

    /// Reads an exclusion.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            id: try reader.whole("id"), service: try reader.optionalText("service"),
            interval: Interval(start: try reader.instant("from"), end: try reader.optionalInstant("to")),
            reason: try reader.text("reason"), by: try reader.optionalText("by"),
            recordedAt: try reader.instant("recorded_at"))
    }
}

extension Excusal {
    /// The excusal.
    package var json: JSONValue {
        .object([
            "episode": JSONValue(episode), "service": JSONValue(pair.service), "guardrail": JSONValue(pair.guardrail),
            "from": JSONValue(interval.start), "to": JSONValue(interval.end), "reason": JSONValue(reason),
            "by": JSONValue(by), "recorded_at": JSONValue(recordedAt),
        ])
    }

    /// Reads an excusal.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            episode: try reader.text("episode"), pair: try reader.pair(),
            interval: Interval(start: try reader.instant("from"), end: try reader.optionalInstant("to")),
            reason: try reader.text("reason"), by: try reader.text("by"),
            recordedAt: try reader.instant("recorded_at"))
    }
}

extension Acceptance {
    /// The acceptance.
    package var json: JSONValue {
        .object([
            "service": JSONValue(pair.service), "guardrail": JSONValue(pair.guardrail), "reason": JSONValue(reason),
            "by": JSONValue(by), "recorded_at": JSONValue(recordedAt),
        ])
    }

    /// Reads an acceptance.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            pair: try reader.pair(), reason: try reader.text("reason"), by: try reader.optionalText("by"),
            recordedAt: try reader.instant("recorded_at"))
    }
}

extension LookbackBook {
    /// The book.
    package var json: JSONValue {
        .object([
            "exclusions": .array(exclusions.map(\.json)), "baselines": .array(baselines.map(\.json)),
        ])
    }

    /// Reads a book.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            exclusions: try reader.objects("exclusions", Exclusion.init),
            baselines: try reader.objects("baselines", Line.init))
    }
}

extension LookbackBook.Line {
    fileprivate var json: JSONValue {
        .object([
            "id": JSONValue(id), "service": JSONValue(pair?.service), "guardrail": JSONValue(pair?.guardrail),
            "from": JSONValue(from), "to": JSONValue(to), "statistic": JSONValue(statistic.rawValue),
            "values": .array(values.map { JSONValue($0) }), "windows_used": JSONValue(windowsUsed),
            "windows_possible": JSONValue(windowsPossible), "deployment": JSONValue(deployment),
            "stored_at": JSONValue(storedAt), "series": JSONValue(series), "unit": JSONValue(unit),
        ])
    }

    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        var values: [Double?] = []
        for value in try reader.elements("values") {
            switch value {
            case .null: values.append(nil)
            case .number(let spelling): values.append(Double(spelling))
            default: throw reader.wrong("values", "a list of numbers")
            }
        }
        self.init(
            id: try reader.whole("id"), series: try reader.whole("series"),
            pair: reader.has("service") ? try reader.pair() : nil, unit: try reader.optionalText("unit"),
            from: try reader.instant("from"), to: try reader.instant("to"), statistic: try reader.word("statistic"),
            values: values, windowsUsed: try reader.whole("windows_used"),
            windowsPossible: try reader.whole("windows_possible"), deployment: try reader.whole("deployment"),
            storedAt: try reader.instant("stored_at"))
    }
}
