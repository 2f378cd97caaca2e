extension Silence {
    /// The silence.
    package var json: JSONValue {
        .object([
            "id": JSONValue(id), "service": JSONValue(service), "guardrail": JSONValue(guardrail),
            "start": JSONValue(start), "end": JSONValue(end), "reason": JSONValue(reason), "by": JSONValue(by),
            "recorded_at": JSONValue(recordedAt), "lifted_at": JSONValue(liftedAt), "lifted_by": JSONValue(liftedBy),
        ])
    }

    /// Reads a silence.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            id: try reader.whole("id"), service: try reader.optionalText("service"),
            guardrail: try reader.optionalText("guardrail"), start: try reader.instant("start"),
            end: try reader.instant("end"), reason: try reader.text("reason"), by: try reader.text("by"),
            recordedAt: try reader.instant("recorded_at"), liftedAt: try reader.optionalInstant("lifted_at"),
            liftedBy: try reader.optionalText("lifted_by"))
    }
}

extension Acknowledgement {
    /// The acknowledgement.
    package var json: JSONValue {
        .object([
            "episode": JSONValue(episode), "by": JSONValue(by), "note": JSONValue(note),
            "recorded_at": JSONValue(recordedAt),
        ])
    }

    /// Reads an acknowledgement.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            episode: try reader.text("episode"), by: try reader.text("by"), note: try reader.optionalText("note"),
            recordedAt: try reader.instant("recorded_at"))
    }
}

extension AlertsBook {
    /// The book.
    package var json: JSONValue {
        .object([
            "episodes": .array(episodes.map(\.json)), "silences": .array(silences.map(\.json)),
            "messages": .array(messages.map(\.json)),
        ])
    }

    /// Reads a book.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            episodes: try reader.objects("episodes", OpenEpisode.init),
            silences: try reader.objects("silences", Silence.init),
            messages: try reader.objects("messages", Telling.init))
    }
}

extension AlertsBook.OpenEpisode {
    fileprivate var json: JSONValue {
        var members = episode.json(acknowledgement).object ?? [:]
        members["silences"] = .array(silences.map { JSONValue($0) })
        members["silences_elsewhere"] = .array(elsewhere.map(\.json))
        return .object(members)
    }

    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        let episode = try Episode(reader)
        var silences: [Int] = []
        for element in try reader.elements("silences") {
            guard case .number(let spelling) = element, let number = Int(spelling) else {
                throw reader.wrong("silences", "a list of numbers")
            }
            silences.append(number)
        }
        self.init(
            episode: episode, acknowledgement: try reader.acknowledgement(of: episode), silences: silences,
            elsewhere: try reader.objects("silences_elsewhere", AlertsBook.SilenceElsewhere.init))
    }
}

extension AlertsBook.SilenceElsewhere {
    fileprivate var json: JSONValue {
        .object([
            "channel": JSONValue(channel), "id": JSONValue(id), "by": JSONValue(by), "reason": JSONValue(reason),
            "end": JSONValue(end),
        ])
    }

    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            channel: try reader.text("channel"), id: try reader.text("id"), by: try reader.optionalText("by"),
            reason: try reader.optionalText("reason"), end: try reader.optionalInstant("end"))
    }
}

extension AlertsBook.Telling {
    fileprivate var json: JSONValue {
        .object([
            "id": JSONValue(head.id), "kind": JSONValue(head.kind.rawValue), "thread": JSONValue(head.thread),
            "opening": head.opening.map { JSONValue($0) } ?? .null, "at": JSONValue(head.at),
            "created_at": JSONValue(head.createdAt), "service": JSONValue(head.service),
            "guardrail": JSONValue(head.guardrail), "severity": JSONValue(head.severity.rawValue),
            "title": JSONValue(title), "deliveries": .array(deliveries.map(\.json)),
        ])
    }

    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            head: MessageHead(
                id: try reader.whole("id"), kind: try reader.word("kind"), thread: try reader.text("thread"),
                opening: try reader.optionalWhole("opening"), at: try reader.instant("at"),
                createdAt: try reader.instant("created_at"), service: try reader.optionalText("service"),
                guardrail: try reader.optionalText("guardrail"), severity: try reader.word("severity")),
            title: try reader.text("title"), deliveries: try reader.objects("deliveries", AlertsBook.Line.init))
    }
}

extension AlertsBook.Line {
    fileprivate var json: JSONValue {
        .object([
            "channel": JSONValue(channel), "state": JSONValue(state.rawValue), "reason": JSONValue(reason),
            "not_before": JSONValue(notBefore), "repeated": .boolean(isRepeat), "attempts": JSONValue(attempts),
            "at": JSONValue(at),
        ])
    }

    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            channel: try reader.text("channel"), state: try reader.word("state"),
            reason: try reader.optionalText("reason"), notBefore: try reader.optionalInstant("not_before"),
            isRepeat: try reader.flag("repeated"), attempts: try reader.whole("attempts"),
            at: try reader.instant("at"))
    }
}
