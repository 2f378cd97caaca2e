import Foundation

/// Values as JSON texts; equal texts are decoded once.
///
/// Thousands of series differ in little more than their names, and reading the facts must stay cheap for them.
struct JSONText {
    private let encoder = JSONEncoder()
    private let decoder = JSONDecoder()
    private var decoded: [String: any Sendable] = [:]

    /// Makes a coder; texts of equal values are equal.
    init() {
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    }

    /// The text of a value.
    func encode(_ value: some Encodable) throws -> String {
        String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The value of a text.
    mutating func decode<Value: Decodable & Sendable>(_ text: String) throws -> Value {
        if let known = decoded[text] as? Value { return known }
        let value = try decoder.decode(Value.self, from: Data(text.utf8))
        decoded[text] = value
        return value
    }
}
