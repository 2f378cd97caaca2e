/// Somebody as they are called in the status file: `Ada Lovelace <ada@example.com>`, `ada`.
struct Person: Sendable, Hashable {
    /// The name in lower case, each run of white space as one blank; empty where only an address is given.
    var name: String
    /// The address in lower case; nil where none is given.
    var address: String?

    /// Reads how somebody is called.
    init(_ text: String) {
        var rest = text[...]
        if let start = text.firstIndex(of: "<"), let end = text[start...].firstIndex(of: ">") {
            let inner = text[text.index(after: start)..<end].filter { !$0.isWhitespace }.lowercased()
            address = inner.isEmpty ? nil : inner
            rest = text[..<start]
        }
        name = rest.split(whereSeparator: \.isWhitespace).joined(separator: " ").lowercased()
        if address == nil, name.contains("@"), !name.contains(" ") { address = name }
    }

    /// Whether both are one and the same: by their names, or by their addresses.
    func isSame(as other: Person) -> Bool {
        if let address, address == other.address { return true }
        return !name.isEmpty && name == other.name
    }
}
