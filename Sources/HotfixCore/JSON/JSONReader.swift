/// What is wrong with JSON that can be read, but is not what was asked for.
package struct JSONContentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is missing, or of another kind.
    package var description: String

    /// Makes an error.
    package init(description: String) {
        self.description = description
    }
}

/// Reads the members of an object that came from elsewhere: whatever is missing or of another kind is an error.
///
/// Members that are not asked for are passed over, so that a newer writer can be read.
package struct JSONReader: Sendable {
    private let object: JSONObject
    private let place: String

    /// Begins to read.
    ///
    /// - Parameters:
    ///   - value: What came.
    ///   - place: What it is called in errors.
    /// - Throws: ``JSONContentError`` where it is no object.
    package init(_ value: JSONValue?, _ place: String) throws(JSONContentError) {
        guard let object = value?.object else { throw JSONContentError(description: "\(place) is no object") }
        self.object = object
        self.place = place
    }

    /// Whether a member is there and not null.
    package func has(_ key: JSONString) -> Bool { value(key) != nil }

    /// A text.
    package func text(_ key: JSONString) throws(JSONContentError) -> String {
        try need(try optionalText(key), key)
    }

    /// A text, or nothing.
    package func optionalText(_ key: JSONString) throws(JSONContentError) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let string) = value else { throw wrong(key, "a text") }
        return string.text
    }

    /// A whole number, at most 2^53 to either side of 0: reckoning with it never overflows.
    package func whole(_ key: JSONString) throws(JSONContentError) -> Int {
        try need(try optionalWhole(key), key)
    }

    /// A whole number, or nothing.
    package func optionalWhole(_ key: JSONString) throws(JSONContentError) -> Int? {
        guard let value = value(key) else { return nil }
        guard case .number(let spelling) = value, let number = Int(spelling), exactRange.contains(number) else {
            throw wrong(key, "a whole number")
        }
        return number
    }

    /// A finite number.
    package func number(_ key: JSONString) throws(JSONContentError) -> Double {
        try need(try optionalNumber(key), key)
    }

    /// A finite number, or nothing.
    package func optionalNumber(_ key: JSONString) throws(JSONContentError) -> Double? {
        guard let value = value(key) else { return nil }
        guard case .number(let spelling) = value, let number = Double(spelling), number.isFinite else {
            throw wrong(key, "a number")
        }
        return number
    }

    /// True or false.
    package func flag(_ key: JSONString) throws(JSONContentError) -> Bool {
        guard case .boolean(let flag)? = value(key) else { throw wrong(key, "true or false") }
        return flag
    }

    /// An instant.
    package func instant(_ key: JSONString) throws(JSONContentError) -> Instant {
        try need(try optionalInstant(key), key)
    }

    /// An instant, or nothing.
    package func optionalInstant(_ key: JSONString) throws(JSONContentError) -> Instant? {
        guard let text = try optionalText(key) else { return nil }
        guard let instant = Instant(text: text) else { throw wrong(key, "a time") }
        return instant
    }

    /// A word of a list.
    package func word<Word: RawRepresentable<String>>(
        _ key: JSONString, _: Word.Type = Word.self
    ) throws(JSONContentError) -> Word {
        try need(try optionalWord(key), key)
    }

    /// A word of a list, or nothing.
    package func optionalWord<Word: RawRepresentable<String>>(
        _ key: JSONString, _: Word.Type = Word.self
    ) throws(JSONContentError) -> Word? {
        guard let text = try optionalText(key) else { return nil }
        guard let word = Word(rawValue: text) else { throw wrong(key, "a word that is known here") }
        return word
    }

    /// The elements of an array.
    package func elements(_ key: JSONString) throws(JSONContentError) -> [JSONValue] {
        guard case .array(let elements)? = value(key) else { throw wrong(key, "a list") }
        return elements
    }

    /// Texts.
    package func texts(_ key: JSONString) throws(JSONContentError) -> [String] {
        var texts: [String] = []
        for element in try elements(key) {
            guard case .string(let string) = element else { throw wrong(key, "a list of texts") }
            texts.append(string.text)
        }
        return texts
    }

    /// Objects, each read by a function.
    package func objects<Value>(
        _ key: JSONString, _ read: (JSONReader) throws(JSONContentError) -> Value
    ) throws(JSONContentError) -> [Value] {
        var values: [Value] = []
        for (index, element) in try elements(key).enumerated() {
            values.append(try read(try JSONReader(element, "\(place).\(key.text)[\(index)]")))
        }
        return values
    }

    /// An object read by a function, or nothing.
    package func optionalObject<Value>(
        _ key: JSONString, _ read: (JSONReader) throws(JSONContentError) -> Value
    ) throws(JSONContentError) -> Value? {
        guard let value = value(key) else { return nil }
        return try read(try JSONReader(value, "\(place).\(key.text)"))
    }

    /// The error for a member that is not what it should be.
    package func wrong(_ key: JSONString, _ expected: String) -> JSONContentError {
        JSONContentError(description: "\(place).\(key.text) is not \(expected)")
    }

    private func value(_ key: JSONString) -> JSONValue? { object[key].flatMap { $0 == .null ? nil : $0 } }

    private func need<Value>(_ value: Value?, _ key: JSONString) throws(JSONContentError) -> Value {
        guard let value else { throw JSONContentError(description: "\(place).\(key.text) is missing") }
        return value
    }
}

/// The whole numbers that every reader of JSON takes for what they are (RFC 8259, section 6).
private let exactRange = -(1 << 53)...1 << 53

extension JSONReader {
    /// Refuses members that are not known, since one that is misspelt would be passed over.
    ///
    /// - Parameter names: Those that are known.
    /// - Throws: ``JSONContentError`` for the first that is not.
    package func refuseMembers(besides names: [String]) throws(JSONContentError) {
        for member in object.members where !names.contains(member.key.text) {
            let known = names.isEmpty ? "none" : names.joined(separator: ", ")
            throw JSONContentError(
                description: "\(place) has no member '\(member.key.text)'. It may have: \(known)")
        }
    }
}
