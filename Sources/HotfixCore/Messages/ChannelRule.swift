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
