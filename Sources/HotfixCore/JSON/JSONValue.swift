/// A value of JSON that gives back what it was read from: objects keep the order of their keys, numbers their spelling.
package indirect enum JSONValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    /// A number as it is spelled: `1.50`, `1e400`, `12345678901234567890`.
    case number(String)
    case string(JSONString)
    case array([JSONValue])
    case object(JSONObject)

    /// The object, nil where the value is another.
    package var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// Makes a string, or null.
    package init(_ text: String?) {
        self = text.map { .string(JSONString($0)) } ?? .null
    }

    /// Makes a whole number.
    package init(_ number: Int) {
        self = .number(String(number))
    }

    /// Makes a number spelled as JavaScript does, so that a script that writes it again leaves it as it is.
    ///
    /// - Parameter number: nil, NaN and the infinities make null, as in `JSON.stringify`.
    package init(_ number: Double?) {
        self = number.flatMap(scriptSpelling).map(JSONValue.number) ?? .null
    }
}

/// An object of JSON: its members in the order of the file, each key once.
package struct JSONObject: Sendable, Hashable {
    /// A key and its value.
    package struct Member: Sendable, Hashable {
        /// The key.
        package var key: JSONString
        /// The value.
        package var value: JSONValue

        /// Makes a member.
        package init(key: JSONString, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The members in their order.
    package private(set) var members: [Member]

    /// Makes an object of members whose keys differ.
    package init(_ members: KeyValuePairs<JSONString, JSONValue> = [:]) {
        self.members = []
        for (key, value) in members { self[key] = value }
    }

    /// Makes an object of members that are known to differ in their keys.
    package init(members: [Member]) {
        self.members = members
    }

    /// The value of a key, nil where there is none; a key that is set for the first time comes last.
    package subscript(key: JSONString) -> JSONValue? {
        get { members.first { $0.key == key }?.value }
        set {
            let index = members.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Sets the value of a key, in its place where it is there already.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The value.
    ///   - predecessors: A new key comes after the last of these, or first where there is none of them.
    package mutating func set(_ key: JSONString, _ value: JSONValue, after predecessors: [JSONString]) {
        guard self[key] == nil else {
            self[key] = value
            return
        }
        let place = members.lastIndex { predecessors.contains($0.key) }.map { $0 + 1 } ?? 0
        members.insert(Member(key: key, value: value), at: place)
    }

    /// Sets the members of another object, at any depth, and leaves all other keys as they are.
    package mutating func merge(_ other: JSONObject) {
        for member in other.members {
            if case .object(let new) = member.value, case .object(var old)? = self[member.key] {
                old.merge(new)
                self[member.key] = .object(old)
            } else {
                self[member.key] = member.value
            }
        }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (JSONString, JSONValue)...) {
        self.init(members: [])
        for (key, value) in elements { self[key] = value }
    }
}

/// A number as ECMAScript's Number::toString spells it, nil where JSON has no word for it.
private func scriptSpelling(_ number: Double) -> String? {
    guard number.isFinite else { return nil }
    guard number != 0 else { return "0" }
    let sign = number < 0 ? "-" : ""
    // Swift and JavaScript find the same shortest digits, and only place the point differently.
    let parts = abs(number).description.split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = String(mantissa[0])
    let all = whole + (mantissa.count > 1 ? String(mantissa[1]) : "")
    let leadingZeros = all.prefix { $0 == "0" }.count
    var digits = String(all.dropFirst(leadingZeros))
    while digits.hasSuffix("0") { digits.removeLast() }
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    // The value is 0.digits times ten to the power of this.
    let point = whole.count - leadingZeros + exponent
    switch point {
    case digits.count...21:
        return sign + digits + String(repeating: "0", count: point - digits.count)
    case 1...21: return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    case -5...0: return sign + "0." + String(repeating: "0", count: -point) + digits
    default:
        let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
        let power = point - 1
        return sign + digits.prefix(1) + fraction + "e" + (power < 0 ? "-" : "+") + String(abs(power))
    }
}
