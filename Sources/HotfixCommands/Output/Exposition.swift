import HotfixCore

/// A label with its value.
struct Label {
    let name: String
    let value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    var text: String {
        // An end of a line can be written here; what else a terminal would obey cannot.
        let lines = value.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        let escaped = lines.map { escaping(spelled($0), ["\\": "\\\\", "\"": "\\\""]) }.joined(separator: "\\n")
        return "\(name)=\"\(escaped)\""
    }
}

/// A text whose characters that are obeyed or not seen are spelled: two of which nothing else differs stay two.
private func spelled(_ text: Substring.UnicodeScalarView) -> String {
    text.reduce(into: "") { result, scalar in
        let plain = String(Character(scalar))
        result += oneLine(plain) == plain ? plain : "\\u{\(String(scalar.value, radix: 16))}"
    }
}

/// A metric with its samples.
struct Family {
    /// What its values mean.
    enum Kind: String {
        case gauge, counter, summary
    }

    private let name: String
    private let help: String
    private let kind: Kind
    private var samples: [String] = []

    init(_ name: String, _ help: String, _ kind: Kind = .gauge) {
        self.name = "hotfix_\(name)"
        self.help = help
        self.kind = kind
    }

    /// Adds a sample; a part of a summary has a suffix.
    mutating func add(_ labels: [Label], _ value: Double?, suffix: String = "") {
        guard let value else { return }
        let braces = labels.isEmpty ? "" : "{\(labels.map(\.text).joined(separator: ","))}"
        samples.append("\(name)\(suffix)\(braces) \(expositionNumber(value))\n")
    }

    func adding(_ labels: [Label], _ value: Double?) -> Family {
        var family = self
        family.add(labels, value)
        return family
    }

    var text: String {
        samples.isEmpty ? "" : "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n" + samples.joined()
    }
}

private func expositionNumber(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
}
