import HotfixCore
import HotfixTestSupport

/// What there is to tell, and when, and which messages follow from it: a planner for tests of delivering alone.
///
/// Anything else that commits messages and deliveries to a ledger can take its place; see ``MessageMaker``.
struct ThreadWorld: MessageMaker {
    /// Something that begins and ends, in a thread.
    struct Span {
        var thread: String
        var kind: MessageKind
        var start: Instant
        var end: Instant?
    }

    var spans: [Span] = []
    var rules: [ChannelRule]
    /// How often what is open is told again.
    var remindEvery: Seconds = 900

    func commit(to ledger: any Ledger, at now: Instant) throws {
        let facts = try ledger.facts()
        var outcome = Outcome(at: now)
        for span in spans where span.start <= now {
            let mine = (facts.messages + outcome.messages.map(\.head)).filter { $0.thread == span.thread }
            let next = (facts.messages.map(\.id).max() ?? 0) + outcome.messages.count + 1
            guard let message = message(of: span, after: mine, id: next, at: now) else { continue }
            outcome.messages.append(message)
            outcome.deliveries += rules.filter { wants($0, message) }.map {
                NewDelivery(message: next, channel: $0.name)
            }
        }
        guard !outcome.messages.isEmpty else { return }
        guard try ledger.commit(outcome, generation: facts.generation) else { throw Crash.Ended() }
    }

    private func message(of span: Span, after told: [MessageHead], id: Int, at now: Instant) -> Message? {
        let opening = told.last { $0.kind == span.kind && $0.at == span.start }
        func make(_ kind: MessageKind, at instant: Instant) -> Message {
            Message(
                id: id, kind: kind, thread: span.thread, opening: kind.isOpening ? nil : opening?.id, at: instant,
                createdAt: now, facts: MessageFacts(ledgerID: "ledger", service: "checkout", severity: .error))
        }
        if let end = span.end, end <= now {
            let isTold = told.contains { $0.kind.isClosing && $0.at == end }
            let ending: MessageKind = span.kind == .ready ? .lost : span.kind == .blind ? .sighted : .recovered
            return isTold || opening == nil && span.kind == .ready ? nil : make(ending, at: end)
        }
        guard let opening else { return make(span.kind, at: span.start) }
        let last = told.last { $0.kind == .reminder && $0.opening == opening.id }?.at ?? opening.at
        return span.kind == .breach && now - last >= remindEvery ? make(.reminder, at: now) : nil
    }

    private func wants(_ rule: ChannelRule, _ message: Message) -> Bool {
        rule.kinds.contains(message.kind) && (rule.isToldOfThePast || !message.kind.isClosing || message.opening != nil)
    }

    /// A world of a few things that begin and end at random, some of them between two checks.
    static func random(_ random: inout SeededGenerator, from start: Instant, checks: Int, rules: [ChannelRule]) -> Self
    {
        var world = ThreadWorld(rules: rules)
        for index in 0..<Int.random(in: 1...4, using: &random) {
            let kind: MessageKind = random.pick([.breach, .breach, .blind, .ready])
            var at = start + 60 * Int.random(in: 0..<checks * 4, using: &random)
            for _ in 0..<Int.random(in: 1...(kind == .ready ? 3 : 1), using: &random) {
                let end = at + 60 * Int.random(in: 1...30, using: &random)
                let isOpen = random.happens(0.15)
                world.spans.append(
                    Span(thread: "\(kind)/\(index)", kind: kind, start: at, end: isOpen ? nil : end))
                if isOpen { break }
                at = end + 60 * Int.random(in: 0...10, using: &random)
            }
        }
        return world
    }
}

/// What makes messages: commits, to a ledger, those that are due at an instant and are not there yet.
protocol MessageMaker: Sendable {
    func commit(to ledger: any Ledger, at now: Instant) throws
}
