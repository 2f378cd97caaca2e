/// What was told so far, by what it was about: the one place that knows what of it is open.
package struct ToldThreads: Sendable {
    /// The newest opening of each thread that nothing has closed since.
    package private(set) var open: [String: MessageHead] = [:]
    private var newest: [String: Instant] = [:]
    private var last: [String: Int] = [:]

    /// Finds out what is open.
    ///
    /// - Parameter messages: The messages of a ledger, in the order made.
    package init(_ messages: [MessageHead]) {
        for message in messages {
            last[message.thread] = message.id
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

    /// The openings of some kinds that nothing has closed, in the order made.
    package func open(_ kinds: MessageKind...) -> [MessageHead] {
        open.values.filter { kinds.contains($0.kind) }.sorted { $0.id < $1.id }
    }

    /// The number of the newest message of a thread; nil where there is none.
    package func newestMessage(of thread: String) -> Int? { last[thread] }
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
    /// Takes messages that were made, and who has to be told those that open something or remind of it.
    package mutating func take(_ messages: [Message], _ deliveries: [NewDelivery]) {
        self.messages += messages.map(\.head)
        guard !deliveries.isEmpty else { return }
        let others = Set(messages.filter { !$0.kind.isOpening && $0.kind != .reminder }.map(\.id))
        for delivery in deliveries where !others.contains(delivery.message) {
            let known = self.deliveries.firstIndex { $0.message == delivery.message && $0.channel == delivery.channel }
            if let known { self.deliveries[known] = delivery } else { self.deliveries.append(delivery) }
        }
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
