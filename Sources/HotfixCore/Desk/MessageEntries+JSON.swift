extension SilenceEntry {
    /// The entry; what is not said is left out.
    package var json: JSONValue {
        object([
            ("service", JSONValue(service)), ("guardrail", JSONValue(guardrail)), ("until", JSONValue(until)),
            ("for", JSONValue(duration)), ("reason", JSONValue(reason)), ("by", JSONValue(by)),
        ])
    }

    /// The members that an entry may have.
    package static let members = ["service", "guardrail", "until", "for", "reason", "by"]

    /// Reads an entry.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            service: try reader.optionalText("service"), guardrail: try reader.optionalText("guardrail"),
            until: try reader.optionalText("until"), duration: try reader.optionalText("for"),
            reason: try reader.text("reason"), by: try reader.text("by"))
    }
}

extension LiftingEntry {
    /// The entry without the silence, which the address names.
    package var json: JSONValue { object([("by", JSONValue(by))]) }

    /// The members that an entry may have.
    package static let members = ["by"]

    /// Reads an entry.
    package init(_ reader: JSONReader, silence: Int) throws(JSONContentError) {
        self.init(silence: silence, by: try reader.text("by"))
    }
}

extension AcknowledgementEntry {
    /// The entry without the episode, which the address names.
    package var json: JSONValue { object([("by", JSONValue(by)), ("note", JSONValue(note))]) }

    /// The members that an entry may have.
    package static let members = ["by", "note"]

    /// Reads an entry.
    package init(_ reader: JSONReader, episode: String) throws(JSONContentError) {
        self.init(episode: episode, by: try reader.text("by"), note: try reader.optionalText("note"))
    }
}
