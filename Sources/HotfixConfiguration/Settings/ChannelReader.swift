import HotfixCore

/// Reads the channels of `hotfix.yaml`.
struct ChannelReader {
    /// The names of the services; nil where they are not all known, so that none can be called unknown.
    var services: Set<String>?

    func channels(_ field: Field, names: inout ReceiverNames) -> [ChannelSettings] {
        let elements = field.elements() ?? []
        names.reserve(elements)
        return elements.compactMap { element in
            guard let type: ChannelType = element.type(of: "channel") else { return nil }
            return channel(element, type, name: names.name(of: element, type.rawValue))
        }
    }

    private func channel(_ field: Field, _ type: ChannelType, name: String?) -> ChannelSettings? {
        switch type {
        case .slack: channel(field, SlackKey.self, type, name, slack)
        case .pagerduty: channel(field, PagerDutyKey.self, type, name, pagerDuty)
        case .email: channel(field, EmailKey.self, type, name, email)
        case .webhook: channel(field, WebhookKey.self, type, name, webhook)
        case .alertmanager: channel(field, AlertmanagerKey.self, type, name, alertmanager)
        case .output: channel(field, OutputKey.self, type, name, output)
        }
    }

    private func channel<Keys: ChannelKeySet>(
        _ field: Field, _: Keys.Type, _ type: ChannelType, _ name: String?,
        _ kind: (KeyedFields<Keys>) -> ChannelSettings.Kind?
    ) -> ChannelSettings? {
        guard let keys = field.keyed(Keys.self) else { return nil }
        // Both are read even where the name is wrong, so that one reading reports everything.
        let rule = rule(keys, type, name: name ?? "")
        guard let kind = kind(keys), name != nil else { return nil }
        return ChannelSettings(rule: rule, kind: kind)
    }

    private func rule<Keys: ChannelKeySet>(
        _ keys: KeyedFields<Keys>, _ type: ChannelType, name: String
    ) -> ChannelRule {
        ChannelRule(
            name: name, kinds: keys[.only].flatMap { kinds($0, type) } ?? type.usualKinds,
            services: keys[.services].flatMap(services),
            severity: keys[.severity]?.choice(Guardrail.Severity.self) ?? .info,
            isToldOfThePast: type.isToldOfThePast)
    }

    private func kinds(_ field: Field, _ type: ChannelType) -> Set<MessageKind>? {
        guard let elements = field.elements() else { return nil }
        if elements.isEmpty { field.report("names no kind of message.", "Name at least one, or remove the key.") }
        let known = MessageKind.told.filter(type.supportedKinds.contains).map(\.rawValue)
        return Set(
            elements.compactMap { element -> MessageKind? in
                guard let word = element.scalar("a kind of message") else { return nil }
                let kind = MessageKind(rawValue: word.text)
                if let kind, type.supportedKinds.contains(kind) { return kind }
                if let kind, MessageKind.told.contains(kind) {
                    element.report(
                        "a channel of type '\(type.rawValue)' is never told '\(kind.rawValue)'.",
                        "It can be told: \(known.joined(separator: ", ")).")
                } else {
                    element.report(
                        "\(word.quoted) is not a kind of message.",
                        suggestion(for: word.text, in: known, called: "Kinds"))
                }
                return nil
            })
    }

    private func services(_ field: Field) -> Set<String>? {
        guard let elements = field.elements() else { return nil }
        if elements.isEmpty { field.report("names no service.", "Name at least one, or remove the key.") }
        return Set(
            elements.compactMap { element -> String? in
                guard let name = element.text("the name of a service") else { return nil }
                if let services, !services.contains(name.text) {
                    element.report(
                        "there is no service of the name \(name.quoted).",
                        suggestion(for: name.text, in: services.sorted(), called: "Services"))
                }
                return name.text
            })
    }
}

/// The names of what messages and states go to, each given once.
struct ReceiverNames {
    private var taken: Set<String> = [GateSettings.name, HeartbeatSettings.name]
    private var reserved: Set<String> = []

    init() {}

    /// Keeps the names that are written from being given to those that have none.
    mutating func reserve(_ elements: [Field]) {
        reserved.formUnion(elements.compactMap { $0.peek("name")?.literal })
    }

    /// The name that is written, else the type, with `-2`, `-3`, … where that is taken.
    ///
    /// - Returns: nil where the name that is written cannot be taken, which is then reported.
    mutating func name(of element: Field, _ type: String) -> String? {
        guard let field = element.peek("name") else {
            var name = type
            var number = 1
            while taken.contains(name) || reserved.contains(name) {
                number += 1
                name = "\(type)-\(number)"
            }
            taken.insert(name)
            return name
        }
        guard let text = field.text("a name") else { return nil }
        guard isPlainName(text.text, field, shown: text.quoted) else { return nil }
        guard taken.insert(text.text).inserted else {
            let isDisplay = [GateSettings.name, HeartbeatSettings.name].contains(text.text)
            field.report(
                isDisplay
                    ? "the name \(text.quoted) is kept for the key of that name."
                    : "the name \(text.quoted) is taken already.", "Give it another.")
            return nil
        }
        return text.text
    }
}

extension Field {
    /// The type that a mapping claims; one that is missing or unknown is reported.
    func type<Kind: CaseIterable & RawRepresentable<String>>(of noun: String) -> Kind? {
        guard let entries = entries() else { return nil }
        let names = Kind.allCases.map(\.rawValue)
        guard let type = entries.first(where: { $0.name == "type" })?.field else {
            report("'type' is missing.", "One of: \(names.joined(separator: ", ")).")
            return nil
        }
        if let kind = type.literal.flatMap(Kind.init) { return kind }
        // A type decides over the keys: it is read as it stands, and named in the file.
        guard let written = type.scalar("the type of a \(noun)") else { return nil }
        type.report(
            "\(written.quoted) is not a type of \(noun).", suggestion(for: written.text, in: names, called: "One of"))
        return nil
    }
}
