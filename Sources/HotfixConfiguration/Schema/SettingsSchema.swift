/// The published schema of `hotfix.yaml`, with that of policies among its definitions.
package enum SettingsSchema {
    /// JSON Schema 2020-12; a policy is `#/$defs/policy`.
    ///
    /// It says what an editor can check; the reader checks more.
    package static func json() -> String {
        var definitions: [JSONText.Member] = []
        collect(SettingsKey.self, into: &definitions)
        collect(PolicyKey.self, into: &definitions)
        definitions += Word.allCases.map { ($0.rawValue, $0.schema) }
        let members: [JSONText.Member] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("title", .string("hotfix.yaml")),
            ("$ref", .string("#/$defs/\(SettingsKey.title)")),
            ("$defs", .object(definitions)),
        ]
        return JSONText.object(members).text() + "\n"
    }

    private static func collect(_ keys: any KeySet.Type, into definitions: inout [JSONText.Member]) {
        guard !definitions.contains(where: { $0.key == keys.title }) else { return }
        let place = definitions.count
        definitions.append((keys.title, .object([])))
        for mentioned in keys.entries.flatMap({ $0.entry.shape.mentioned }) { collect(mentioned, into: &definitions) }
        definitions[place].value = keys.schema
    }
}

extension KeySet {
    /// The keys with what is known of them.
    static var entries: [(key: String, entry: KeyEntry)] { allCases.map { ($0.rawValue, $0.entry) } }

    fileprivate static var schema: JSONText { schema(others: .boolean(false)) }

    fileprivate static func schema(others: JSONText) -> JSONText {
        let properties = entries.map { key, entry -> JSONText.Member in
            (key, .object([("description", .string(entry.summary))] + entry.shape.members))
        }
        let required = entries.filter(\.entry.isRequired).map { JSONText.string($0.key) }
        return .object([
            ("type", .string("object")), ("properties", .object(properties)), ("required", .array(required)),
            ("additionalProperties", others),
        ])
    }
}

/// Definitions of single values.
private enum Word: String, CaseIterable {
    case duration, share, number, limit, secret, url, mailServer

    /// Where a string may lead out of the file.
    private static let elsewhere = #"\$\{|^file:|^credential:"#

    var schema: JSONText {
        let numeral = #"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"#
        switch self {
        case .duration:
            return one(of: [
                pattern(#"^(?=.)([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$|"# + Self.elsewhere),
                .object([("const", .number(0))]),
            ])
        case .share, .number: return one(of: [type("number"), pattern("^\(numeral)%?$|" + Self.elsewhere)])
        case .limit:
            let single = one(of: [
                pattern("^[+-]([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?%$"), reference(LimitKey.title),
            ])
            let list: JSONText = .object([("type", .string("array")), ("minItems", .number(1)), ("items", single)])
            return one(of: [single, list])
        case .secret: return pattern(Self.elsewhere)
        case .url: return pattern("^[hH][tT][tT][pP][sS]?://|" + Self.elsewhere)
        case .mailServer: return pattern("^[sS][mM][tT][pP][sS]?://|" + Self.elsewhere)
        }
    }
}

private func one(of shapes: [JSONText]) -> JSONText {
    shapes.count == 1 ? shapes[0] : .object([("anyOf", .array(shapes))])
}

private func type(_ name: String) -> JSONText { .object([("type", .string(name))]) }

private func reference(_ title: String) -> JSONText { .object([("$ref", .string("#/$defs/\(title)"))]) }

private func pattern(_ pattern: String) -> JSONText {
    .object([("type", .string("string")), ("pattern", .string(pattern))])
}

extension Shape {
    /// The key tables that a value of this shape may hold.
    fileprivate var mentioned: [any KeySet.Type] {
        switch self {
        case .list(let element): element.mentioned
        case .map(let values), .any(let values): values.flatMap(\.mentioned)
        case .keyed(let keys): [keys]
        case .open(let keys, let others): keys.entries.flatMap(\.entry.shape.mentioned) + others.flatMap(\.mentioned)
        case .limit: [LimitKey.self]
        case .text, .url, .mailServer, .path, .secret, .duration, .share, .number, .boolean, .count, .choice,
            .constant, .unsupported:
            []
        }
    }

    fileprivate var members: [JSONText.Member] {
        guard case .members(let keys, let values) = schema else { return [] }
        return zip(keys, values).map { ($0, $1) }
    }

    private var schema: JSONText {
        switch self {
        case .text, .path:
            .object([("type", .array([.string("string"), .string("number")])), ("minLength", .number(1))])
        case .url: reference(Word.url.rawValue)
        case .mailServer: reference(Word.mailServer.rawValue)
        case .secret: reference(Word.secret.rawValue)
        case .duration: reference(Word.duration.rawValue)
        case .share: reference(Word.share.rawValue)
        case .number: reference(Word.number.rawValue)
        case .limit: reference(Word.limit.rawValue)
        case .boolean: type("boolean")
        case .count(let least): .object([("type", .string("integer")), ("minimum", .number(least))])
        case .choice(let words): .object([("enum", .array(words.map(JSONText.string)))])
        case .constant(let word): .object([("const", .string(word))])
        case .list(let element): .object([("type", .string("array")), ("items", element.schema)])
        case .any(let shapes): one(of: shapes.map(\.schema))
        case .map(let values):
            .object([
                ("type", .string("object")), ("minProperties", .number(1)),
                ("additionalProperties", one(of: values.map(\.schema))),
            ])
        case .keyed(let keys): reference(keys.title)
        case .open(let keys, let others): keys.schema(others: one(of: others.map(\.schema)))
        case .unsupported: .object([("not", .object([]))])
        }
    }
}
