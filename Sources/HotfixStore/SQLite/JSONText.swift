import Foundation

/// Values as JSON texts; equal texts are decoded once.
///
/// Thousands of series differ in little more than their names, and reading the facts must stay cheap for them.
struct JSONText {
    private let encoder = JSONEncoder()
    private let decoder = JSONDecoder()
    private var decoded: [String: any Sendable] = [:]
    private var earlier: [String: any Sendable] = [:]

    /// Makes a coder; texts of equal values are equal.
    init() {
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    }

    /// Begins another reading: what this one has read is known to it, and what it does not read is forgotten after it.
    mutating func beginAgain() {
        earlier = decoded
        decoded = [:]
    }

    /// The text of a value.
    func encode(_ value: some Encodable) throws -> String {
        String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The value of a text.
    mutating func decode<Value: Decodable & Sendable>(_ text: String) throws -> Value {
        if let known = decoded[text] as? Value { return known }
        if let known = earlier[text] as? Value {
            decoded[text] = known
            return known
        }
        let value = try decoder.decode(Value.self, from: Data(text.utf8))
        decoded[text] = value
        return value
    }
}
