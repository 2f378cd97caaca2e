import HotfixCore

/// What a value of JSON is, as OpenAPI 3.0 says it.
indirect enum JSONShape: Sendable {
    /// Any value.
    case anything
    /// A text.
    case text
    /// An instant, ISO 8601 in UTC.
    case time
    /// A whole number.
    case whole
    /// A number.
    case number
    /// True or false.
    case flag
    /// One of these words.
    case word([String])
    /// A list.
    case list(JSONShape)
    /// An object whose members are always there; others may be beside them.
    case object([(name: String, shape: JSONShape)])
    /// One of the description's schemas.
    case named(String)
    /// The same, or null.
    case optional(JSONShape)

    /// The schema.
    var schema: JSONObject {
        switch self {
        case .anything: return [:]
        case .text: return ["type": JSONValue("string")]
        case .time: return ["type": JSONValue("string"), "format": JSONValue("date-time")]
        case .whole: return ["type": JSONValue("integer"), "format": JSONValue("int64")]
        case .number: return ["type": JSONValue("number"), "format": JSONValue("double")]
        case .flag: return ["type": JSONValue("boolean")]
        case .word(let words):
            return ["type": JSONValue("string"), "enum": .array(words.map { JSONValue($0) })]
        case .list(let element): return ["type": JSONValue("array"), "items": .object(element.schema)]
        case .object(let members):
            var properties: JSONObject = [:]
            for (name, shape) in members { properties[JSONString(name)] = .object(shape.schema) }
            var schema: JSONObject = ["type": JSONValue("object")]
            guard !members.isEmpty else { return schema }
            schema["properties"] = .object(properties)
            schema["required"] = .array(members.map { JSONValue($0.name) })
            return schema
        case .named(let name): return ["$ref": JSONValue("#/components/schemas/\(name)")]
        case .optional(.named(let name)):
            // Nothing may stand beside a reference.
            return ["nullable": .boolean(true), "allOf": .array([.object(JSONShape.named(name).schema)])]
        case .optional(.word(let words)):
            return [
                "type": JSONValue("string"), "nullable": .boolean(true),
                "enum": .array(words.map { JSONValue($0) } + [.null]),
            ]
        case .optional(let shape):
            var schema = shape.schema
            schema["nullable"] = .boolean(true)
            return schema
        }
    }
}
