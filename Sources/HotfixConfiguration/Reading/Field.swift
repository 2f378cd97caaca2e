import Yams

/// A key of a mapping and its value.
struct Entry {
    var name: String
    /// The key itself, for reports about it.
    var key: Field
    var field: Field
}

/// A value in a file, with the key that leads to it.
struct Field {
    let node: Node
    /// The dotted key, empty for the top of the file.
    let keyPath: String
    let mark: Mark?
    let reading: Reading

    /// Reports that something is wrong with this value.
    func report(_ message: String, _ remedy: String = "") {
        reading.report(
            Diagnostic(
                file: reading.file, line: mark?.line, column: mark?.column, key: keyPath, message: message,
                remedy: remedy))
    }

    /// The text of a scalar, as it stands in the file or as it was referred to.
    ///
    /// - Parameters:
    ///   - expected: What the value should be, for the report: `a duration`.
    ///   - allowsLines: Whether line breaks and tabs may be in it.
    /// - Returns: nil where it is no scalar, empty, or refers to nothing; this is then reported.
    func scalar(_ expected: String, allowsLines: Bool = false) -> ResolvedText? {
        guard case .scalar(let scalar) = node else {
            report("must be \(expected), not \(kind).")
            return nil
        }
        let tag = scalar.tag.description
        guard tag.isEmpty || tag == "!" || tag.hasPrefix("tag:yaml.org,2002:") else {
            // A secret that begins with '!' looks like a tag, so it is not shown.
            report("has a YAML tag, which means nothing here.", "Remove it, or put the value in quotes.")
            return nil
        }
        guard !isNull else {
            report("has no value.", "Give one, or remove the key.")
            return nil
        }
        var resolved = ResolvedText(text: scalar.string)
        if let references = reading.references {
            do { resolved = try references.resolve(scalar.string) } catch {
                report(error.message, error.remedy)
                return nil
            }
        }
        let isLegible = resolved.text.unicodeScalars.allSatisfy {
            $0.properties.generalCategory != .control || allowsLines && ($0 == "\n" || $0 == "\t")
        }
        guard isLegible else {
            report("has a line break or another control character in it.")
            return nil
        }
        return resolved
    }

    /// The values of a list.
    func elements() -> [Field]? {
        guard case .sequence(let sequence) = node else {
            report("must be a list, not \(kind).")
            return nil
        }
        return sequence.enumerated().map { index, element in
            Field(node: element, keyPath: "\(keyPath)[\(index)]", mark: element.mark ?? mark, reading: reading)
        }
    }

    /// The values of a mapping by their keys, in the order of the file.
    func entries() -> [Entry]? {
        guard case .mapping(let mapping) = node else {
            report("must be a mapping of keys to values, not \(kind).")
            return nil
        }
        var result: [Entry] = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                report("has a key that is not plain text.")
                continue
            }
            let name = scalar.string
            // A mapping or a list begins below its key, and an empty value nowhere.
            let isHere: Bool = if case .scalar = value { !value.isNull } else { false }
            let way = keyPath.isEmpty ? name : "\(keyPath).\(name)"
            let keyField = Field(node: key, keyPath: way, mark: key.mark ?? mark, reading: reading)
            let field = Field(node: value, keyPath: way, mark: isHere ? value.mark : keyField.mark, reading: reading)
            if name == "<<" {
                keyField.report("YAML merge keys are not supported.", "Write the keys out.")
            } else if result.contains(where: { $0.name == name }) {
                keyField.report("'\(name)' is written more than once here.", "Keep one.")
            } else {
                result.append(Entry(name: name, key: keyField, field: field))
            }
        }
        return result
    }

    /// Whether the value is a mapping, a list or a scalar, for messages.
    var kind: String {
        switch node {
        case .scalar: isNull ? "empty" : "a single value"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    var isNull: Bool { node.isNull }

    var isMapping: Bool { if case .mapping = node { true } else { false } }

    /// Whether this is a mapping without a key.
    var isEmptyMapping: Bool { if case .mapping(let mapping) = node { mapping.isEmpty } else { false } }

    var isList: Bool { if case .sequence = node { true } else { false } }

    /// A scalar as it stands in the file, with references in it.
    var literal: String? { node.scalar?.string }

    /// The value of a key before the mapping is read; nothing is reported.
    func peek(_ key: String) -> Field? {
        guard case .mapping(let mapping) = node,
            let value = mapping.first(where: { $0.key.scalar?.string == key })?.value
        else { return nil }
        return Field(node: value, keyPath: "\(keyPath).\(key)", mark: value.mark, reading: reading)
    }
}

extension Node {
    /// Whether this is YAML's null, or nothing at all.
    fileprivate var isNull: Bool {
        guard case .scalar(let scalar) = self, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
