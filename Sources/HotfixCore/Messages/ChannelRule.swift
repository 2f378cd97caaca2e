/// Which messages a channel wants.
package struct ChannelRule: Sendable, Hashable {
    /// The channel's name, unique in the configuration and kept with its deliveries.
    package var name: String
    /// The kinds that it wants.
    ///
    /// Whoever was told of an opening is told of its end, whatever is said here.
    package var kinds: Set<MessageKind>
    /// The services whose messages it wants; nil means all.
    ///
    /// Messages about no service are always wanted.
    package var services: Set<String>?
    /// The least severity that it wants; `info` means all.
    package var severity: Guardrail.Severity
    /// Whether it is told, in the past tense, what was over before its opening could be told: not where a person would be paged for it.
    package var isToldOfThePast: Bool

    /// Makes a rule.
    package init(
        name: String, kinds: Set<MessageKind>, services: Set<String>? = nil, severity: Guardrail.Severity = .info,
        isToldOfThePast: Bool = true
    ) {
        self.name = name
        self.kinds = kinds
        self.services = services
        self.severity = severity
        self.isToldOfThePast = isToldOfThePast
    }
}

extension ChannelRule {
    /// Whether the channel has to be told a message.
    ///
    /// The end of what was opened goes to whoever has to be told, or was told, of the opening, and to nobody else. What was over
    /// before anything was told of it goes to those who want its kind or that of the opening, and are told of the past.
    ///
    /// - Parameters:
    ///   - head: The message.
    ///   - hasOpening: Whether the channel has a delivery of the message that `head.opening` names, or of a reminder of it.
    /// - Returns: Whether a delivery is made.
    package func wants(_ head: MessageHead, hasOpening: Bool) -> Bool {
        guard head.kind.isClosing else { return concerns(head) && kinds.contains(head.kind) }
        if head.opening != nil { return hasOpening }
        let isWanted = kinds.contains(head.kind) || head.kind.opening.map(kinds.contains) ?? false
        return isToldOfThePast && isWanted && concerns(head)
    }

    private func concerns(_ head: MessageHead) -> Bool {
        let order = Guardrail.Severity.allCases
        guard let wanted = order.firstIndex(of: severity), let given = order.firstIndex(of: head.severity) else {
            return true
        }
        return given <= wanted && (services.flatMap { services in head.service.map(services.contains) } ?? true)
    }
}
