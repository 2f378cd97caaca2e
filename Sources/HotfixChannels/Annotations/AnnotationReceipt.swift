import HotfixCore

/// What is remembered of one annotation, as JSON.
struct AnnotationReceipt: Sendable, Hashable {
    /// Its number at the receiver; nil until it is known.
    var id: Int?
    /// The end that is shown there.
    var end: Instant?
    /// Whether that end is the instant of readiness, and readiness has stood since.
    var isReadiness = false

    /// Makes what is remembered before anything is known.
    init(id: Int? = nil, end: Instant? = nil, isReadiness: Bool = false) {
        self.id = id
        self.end = end
        self.isReadiness = isReadiness
    }

    /// Reads what was remembered; nil where it is nothing that this version wrote.
    init?(text: String) {
        do {
            let reader = try JSONReader(try JSONParser.value(of: Array(text.utf8)), "the receipt")
            self.init(
                id: try reader.optionalWhole("id"), end: try reader.optionalInstant("end"),
                isReadiness: try reader.flag("readiness"))
        } catch {
            return nil
        }
    }

    /// The JSON, on one line.
    var text: String {
        JSONValue.object([
            "id": id.map { JSONValue($0) } ?? .null, "end": JSONValue(end), "readiness": .boolean(isReadiness),
        ]).line
    }
}
