/// What was told so far, by what it was about.
struct ToldThreads: Sendable {
    /// The newest opening of each thread that nothing has closed since.
    private(set) var open: [String: MessageHead] = [:]
    private var newest: [String: Instant] = [:]

    init(_ messages: [MessageHead]) {
        for message in messages {
            if message.kind.isOpening { open[message.thread] = message }
            if message.kind.isClosing { open[message.thread] = nil }
            if message.kind.isOpening || message.kind == .reminder { newest[message.thread] = message.createdAt }
            if newest[message.thread] == nil { newest[message.thread] = message.createdAt }
        }
    }

    /// Whether anything was told of a thread.
    func contains(_ thread: String) -> Bool { newest[thread] != nil }

    /// When a thread that is open was told last: opened, or reminded of.
    func lastTold(_ thread: String) -> Instant? { newest[thread] }

    /// The openings of a kind that nothing has closed, in the order made.
    func open(_ kind: MessageKind) -> [MessageHead] {
        open.values.filter { $0.kind == kind }.sorted { $0.id < $1.id }
    }
}

/// What has to be told, and to whom.
package struct PlannedMessages: Sendable, Hashable {
    /// The messages, in the order in which they have to be told.
    package var messages: [Message] = []
    /// Which channels have to be told which of them.
    package var deliveries: [NewDelivery] = []

    /// Makes a plan by which nothing is told, unless told otherwise.
    package init(messages: [Message] = [], deliveries: [NewDelivery] = []) {
        self.messages = messages
        self.deliveries = deliveries
    }
}

extension Evaluation {
    /// Adds to what has to be committed what people have to be told of it.
    package mutating func tell(_ planned: PlannedMessages) {
        outcome.messages += planned.messages
        outcome.deliveries += planned.deliveries
        snapshot.facts.take(planned.messages, planned.deliveries)
    }
}

extension LedgerFacts {
    /// Takes messages that were made, and who has to be told those that open something.
    package mutating func take(_ messages: [Message], _ deliveries: [NewDelivery]) {
        let openings = Set(messages.filter(\.kind.isOpening).map(\.id))
        self.messages += messages.map(\.head)
        self.deliveries += deliveries.filter { openings.contains($0.message) }
    }
}

extension Silence {
    /// Whether some silences together hold from one instant to another, the latter left out.
    static func cover(_ silences: [Silence], from start: Instant, to end: Instant) -> Bool {
        var reached = start
        for silence in silences.sorted(by: { $0.start < $1.start }) where silence.holds(at: reached) {
            reached = silence.endsAt
            if reached >= end { return true }
        }
        return false
    }
}
