/// The values of a mapping whose keys are known: only keys of the table can be asked for.
struct KeyedFields<Keys: KeySet> {
    /// The mapping itself.
    let field: Field
    /// Values under further names that were allowed, in the order of the file.
    let others: [Entry]
    private let known: [Keys: Field]

    fileprivate init(field: Field, known: [Keys: Field], others: [Entry]) {
        self.field = field
        self.known = known
        self.others = others
    }

    /// The value of a key, nil where it is not given.
    subscript(key: Keys) -> Field? { known[key] }

    /// The value of a key that must be given; its absence is reported.
    func required(_ key: Keys, _ remedy: String = "") -> Field? {
        if known[key] == nil { field.report("'\(key.rawValue)' is missing.", remedy) }
        return known[key]
    }

    /// Reports every given key of these.
    func refuse(_ keys: [Keys], because message: String, _ remedy: String = "") {
        for key in keys { known[key]?.report(message, remedy) }
    }
}

extension Field {
    /// Reads a mapping; keys that it may not have are reported with the nearest that it may.
    ///
    /// - Parameters:
    ///   - keys: The table of its keys.
    ///   - further: Names that are allowed besides.
    /// - Returns: nil where this is no mapping, which is then reported.
    func keyed<Keys: KeySet>(_ keys: Keys.Type, allowing further: [String] = []) -> KeyedFields<Keys>? {
        guard let entries = entries() else { return nil }
        var known: [Keys: Field] = [:]
        var others: [Entry] = []
        for entry in entries {
            if let key = Keys(rawValue: entry.name) {
                if case .unsupported = key.entry.shape {
                    entry.key.report("'\(entry.name)' is not supported yet by this version.", "Remove it.")
                } else {
                    known[key] = entry.field
                }
            } else if further.contains(entry.name) {
                others.append(entry)
            } else {
                let names = Keys.allCases.map(\.rawValue) + further
                entry.key.report(
                    "unknown key '\(entry.name)'.", suggestion(for: entry.name, in: names, called: "Known keys"))
            }
        }
        return KeyedFields(field: self, known: known, others: others)
    }
}
