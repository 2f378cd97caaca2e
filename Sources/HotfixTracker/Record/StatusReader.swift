import HotfixCore

/// The kinds of value that the keys of a status file have.
enum StatusKind: String, Sendable, Hashable {
    case flag = "true or false"
    case text = "a text"
    case list = "a list"
    case object = "an object"

    /// Whether a value is of this kind.
    func holds(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.flag, .boolean), (.text, .string), (.list, .array), (.object, .object): true
        default: false
        }
    }
}

/// Why a value of the script's keys cannot be read.
struct StatusMisfit: Error {
    /// The keys that lead there: `branch.milestoneTags[0].name`.
    var place: String
    /// What stands there; nil where nothing does.
    var found: JSONValue?
    /// What has to.
    var expected: StatusKind

    /// The problem and what to write, as a part of a sentence.
    var text: String {
        "\(place) is \(found?.kindText ?? "missing"): write \(expected.rawValue) there"
    }
}

extension JSONValue {
    /// What a value is, as the end of a sentence.
    var kindText: String {
        switch self {
        case .null: "null"
        case .boolean(let flag): "\(flag)"
        case .number: "a number"
        case .string: StatusKind.text.rawValue
        case .array: StatusKind.list.rawValue
        case .object: StatusKind.object.rawValue
        }
    }
}

/// Reads an object of the script's in a status file: a value of another type is an error, and a missing one or null is nothing.
struct StatusReader {
    private let object: JSONObject
    private let place: String

    /// Begins to read.
    ///
    /// - Parameters:
    ///   - value: What stands there; nil or null is an object without members.
    ///   - place: The keys that lead there; empty at the top.
    /// - Throws: ``StatusMisfit`` where it is no object.
    init(_ value: JSONValue?, _ place: String) throws(StatusMisfit) {
        let value = value ?? .null
        guard let object = value == .null ? [:] : value.object else {
            throw StatusMisfit(place: place, found: value, expected: .object)
        }
        self.object = object
        self.place = place
    }

    /// A section below.
    func section(_ key: JSONString) throws(StatusMisfit) -> StatusReader {
        try StatusReader(object[key], path(to: key))
    }

    /// True or false; false where nothing is said.
    func isSet(_ key: JSONString) throws(StatusMisfit) -> Bool {
        try value(key, .flag) == .boolean(true)
    }

    /// A text, or nothing.
    func text(_ key: JSONString) throws(StatusMisfit) -> String? {
        guard case .string(let text)? = try value(key, .text) else { return nil }
        return text.text
    }

    /// A text that has to be there.
    func requiredText(_ key: JSONString) throws(StatusMisfit) -> String {
        guard let text = try text(key) else {
            throw StatusMisfit(place: path(to: key), found: object[key], expected: .text)
        }
        return text
    }

    /// The objects of a list; none where nothing is said.
    func objects(_ key: JSONString) throws(StatusMisfit) -> [StatusReader] {
        guard case .array(let elements)? = try value(key, .list) else { return [] }
        var readers: [StatusReader] = []
        for (index, element) in elements.enumerated() {
            let place = "\(path(to: key))[\(index)]"
            guard element.object != nil else { throw StatusMisfit(place: place, found: element, expected: .object) }
            readers.append(try StatusReader(element, place))
        }
        return readers
    }

    private func value(_ key: JSONString, _ kind: StatusKind) throws(StatusMisfit) -> JSONValue? {
        guard let value = object[key], value != .null else { return nil }
        guard kind.holds(value) else { throw StatusMisfit(place: path(to: key), found: value, expected: kind) }
        return value
    }

    private func path(to key: JSONString) -> String { place.isEmpty ? key.text : "\(place).\(key.text)" }
}

/// Reads an object that hotfix keeps in a status file: a value of another type is somebody else's, and counts as absent.
struct EntryReader {
    private let object: JSONObject

    /// Begins to read; nil where the value is no object.
    init?(_ value: JSONValue) {
        guard let object = value.object else { return nil }
        self.object = object
    }

    /// A text; nil where there is none.
    func text(_ key: JSONString) -> String? {
        if case .string(let text)? = object[key] { text.text } else { nil }
    }

    /// An instant; nil where there is none.
    func instant(_ key: JSONString) -> Instant? { text(key).flatMap { Instant(text: $0) } }

    /// A whole number, with which reckoning never overflows; nil where there is none.
    func whole(_ key: JSONString) -> Int? {
        guard case .number(let spelling)? = object[key], let number = Int(spelling), number.magnitude <= 1 << 53 else {
            return nil
        }
        return number
    }

    /// An object; nil where there is none.
    func entry(_ key: JSONString) -> EntryReader? { object[key].flatMap(EntryReader.init) }

    /// How many elements a list has; 0 where there is none.
    func count(of key: JSONString) -> Int {
        if case .array(let elements)? = object[key] { elements.count } else { 0 }
    }
}
