import HotfixCore
import Testing

private func head(
    _ kind: MessageKind, opening: Int? = nil, service: String? = "checkout", severity: Guardrail.Severity = .error
) -> MessageHead {
    MessageHead(
        id: 2, kind: kind, thread: "t", opening: opening, at: Instant(0), createdAt: Instant(0), service: service,
        guardrail: "g", severity: severity)
}

@Suite("What channels want")
struct ChannelRuleTests {
    @Test("A message is wanted by its kind, its service and its severity")
    func wanted() {
        let rule = ChannelRule(name: "a", kinds: [.breach, .ready], services: ["checkout"], severity: .error)
        #expect(rule.wants(head(.breach), hasOpening: false))
        #expect(rule.wants(head(.breach, severity: .critical), hasOpening: false))
        #expect(!rule.wants(head(.breach, severity: .warning), hasOpening: false))
        #expect(!rule.wants(head(.breach, service: "cart"), hasOpening: false))
        #expect(rule.wants(head(.ready, service: nil), hasOpening: false))
        #expect(!rule.wants(head(.blind), hasOpening: false))
        #expect(!rule.wants(head(.reminder, opening: 1), hasOpening: true))
    }

    @Test("An end goes to whoever had the opening, whatever else the channel wants, and to nobody else")
    func endings() {
        let none = ChannelRule(name: "a", kinds: [], services: [], severity: .critical, isToldOfThePast: false)
        let all = ChannelRule(name: "b", kinds: Set(MessageKind.allCases))
        for kind in MessageKind.allCases where kind.isClosing {
            #expect(none.wants(head(kind, opening: 1, severity: .info), hasOpening: true))
            #expect(!all.wants(head(kind, opening: 1), hasOpening: false))
        }
    }

    @Test("An end without an opening goes to those who want it or the opening, and are told of the past")
    func past() {
        for (kinds, isTold, isWanted) in [
            ([.recovered], true, true), ([.breach], true, true), ([.excused], true, false),
            ([.recovered], false, false),
        ] as [(Set<MessageKind>, Bool, Bool)] {
            let rule = ChannelRule(name: "a", kinds: kinds, isToldOfThePast: isTold)
            #expect(rule.wants(head(.recovered), hasOpening: false) == isWanted)
        }
        let other = ChannelRule(name: "a", kinds: [.breach], services: ["cart"])
        #expect(!other.wants(head(.recovered), hasOpening: false))
    }
}
