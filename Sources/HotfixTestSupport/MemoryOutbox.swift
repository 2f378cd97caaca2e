package import HotfixCore
import Synchronization

/// The outbox of a ledger in memory.
struct MemoryOutbox {
    private struct Entry {
        var id: Int
        var message: Int
        var channel: String
        var state = DeliveryState.pending(notBefore: nil, reason: nil)
        var attempts = 0
        var firstAttempt: Instant?
        var mayHaveArrived = false
        var at: Instant

        var isAbandoned: Bool {
            switch state {
            case .dropped, .dead: true
            case .pending, .inFlight, .delivered: false
            }
        }

        var isDelivered: Bool { if case .delivered = state { true } else { false } }
    }

    private struct Key: Hashable {
        var message: Int
        var channel: String
    }

    private var messages: [Int: Message] = [:]
    private var entries: [Int: Entry] = [:]
    private var numbers: [Key: Int] = [:]
    private var unsettled: Set<Int> = []
    private var newest = 0
    var receipts: [String: [String: DisplayReceipt]] = [:]

    mutating func take(_ new: [Message], _ deliveries: [NewDelivery], at now: Instant) {
        for message in new { messages[message.id] = message }
        for delivery in deliveries {
            let key = Key(message: delivery.message, channel: delivery.channel)
            if let id = numbers[key] {
                renew(id, at: now)
                continue
            }
            newest += 1
            let id = newest
            entries[id] = Entry(id: id, message: delivery.message, channel: delivery.channel, at: now)
            numbers[key] = id
            unsettled.insert(id)
        }
    }

    /// Lets wait again what was given up, refused or dropped.
    private mutating func renew(_ id: Int, at now: Instant) {
        guard var entry = entries[id], entry.isAbandoned else { return }
        (entry.state, entry.attempts, entry.firstAttempt) = (.pending(notBefore: nil, reason: nil), 0, nil)
        entry.at = now
        entries[id] = entry
        unsettled.insert(id)
    }

    /// Deliveries with when they were given up, refused or dropped, where they were.
    func completed(_ deliveries: [NewDelivery]) -> [NewDelivery] {
        deliveries.map { delivery in
            let entry = numbers[Key(message: delivery.message, channel: delivery.channel)].flatMap { entries[$0] }
            return NewDelivery(
                message: delivery.message, channel: delivery.channel,
                abandonedAt: entry.flatMap { $0.isAbandoned ? $0.at : nil })
        }
    }

    func messages(_ wanted: Set<Int>) -> [Message] { wanted.sorted().compactMap { messages[$0] } }

    /// What became, at a channel, of reminders of what an opening tells, but for one of them.
    private func reminders(of opening: Int?, at channel: String, but id: Int) -> [Entry] {
        guard let opening else { return [] }
        return entries.values.filter { entry in
            entry.channel == channel && entry.id != id && messages[entry.message]?.kind == .reminder
                && messages[entry.message]?.opening == opening
        }
    }

    func waiting() -> [QueuedDelivery] {
        unsettled.compactMap { id in
            guard let entry = entries[id], let message = messages[entry.message] else { return nil }
            let opening = message.opening.flatMap { numbers[Key(message: $0, channel: entry.channel)] }
                .flatMap { entries[$0] }
            let reminders = reminders(of: message.opening, at: entry.channel, but: id)
            return QueuedDelivery(
                id: id, channel: entry.channel, message: message, state: entry.state, attempts: entry.attempts,
                firstAttempt: entry.firstAttempt, mayHaveArrived: entry.mayHaveArrived, opening: opening?.state,
                openingMayHaveArrived: opening?.mayHaveArrived ?? false
                    || reminders.contains { $0.mayHaveArrived || $0.state == .inFlight },
                isReminded: reminders.contains(where: \.isDelivered), queuedAt: entry.attempts == 0 ? entry.at : nil)
        }.sorted { ($0.message.id, $0.channel) < ($1.message.id, $1.channel) }
    }

    mutating func begin(_ id: Int, at now: Instant) throws {
        try change(id, at: now) { entry in
            if entry.state == .inFlight { entry.mayHaveArrived = true }
            entry.state = .inFlight
            entry.attempts += 1
            entry.firstAttempt = entry.firstAttempt ?? now
        }
    }

    mutating func settle(_ id: Int, as state: DeliveryState, at now: Instant) throws {
        try change(id, at: now) { entry in
            switch state {
            case .inFlight: entry.mayHaveArrived = true
            case .dropped where entry.state == .inFlight: entry.mayHaveArrived = true
            default: break
            }
            entry.state = state
        }
    }

    func told(limit: Int) -> [ToldMessage] {
        let lines = Dictionary(grouping: entries.values, by: \.message)
        return messages.values.sorted { $0.id > $1.id }.prefix(limit).map { message in
            ToldMessage(
                message: message,
                lines: (lines[message.id] ?? []).sorted { $0.channel < $1.channel }.map {
                    ToldMessage.Line(channel: $0.channel, state: $0.state, attempts: $0.attempts, at: $0.at)
                })
        }
    }

    /// Removes what was told of threads that ended before an instant, and gives the numbers of the messages.
    ///
    /// That a hotfix was ready is over when that is completed.
    mutating func prune(before instant: Instant, completed: Set<Int>) -> Set<Int> {
        let completed = Set(completed.map { "ready/\($0)" })
        let last = messages.keys.max()
        let closed = Set(messages.values.filter(\.kind.isClosing).compactMap(\.opening))
        let busy = Set(unsettled.compactMap { entries[$0]?.message })
        let threads = Dictionary(grouping: messages.values, by: \.thread)
        let over = threads.filter { thread, all in
            all.allSatisfy { message in
                message.at < instant && message.createdAt < instant && message.id != last
                    && !MessageKind.toldOnce.contains(message.kind) && !busy.contains(message.id)
                    && (!message.kind.isOpening || closed.contains(message.id) || completed.contains(message.thread))
                    && !messages.values.contains { $0.opening == message.id && $0.thread != thread }
            }
        }
        let pruned = Set(over.values.joined().map(\.id))
        for id in pruned { messages[id] = nil }
        entries = entries.filter { !pruned.contains($0.value.message) }
        numbers = numbers.filter { !pruned.contains($0.key.message) }
        return pruned
    }

    private mutating func change(_ id: Int, at now: Instant, _ body: (inout Entry) -> Void) throws {
        guard var entry = entries[id], !entry.state.isSettled else {
            throw LedgerError(.rejected, "The ledger holds no delivery \(id) that is not settled.")
        }
        body(&entry)
        entry.at = now
        entries[id] = entry
        if entry.state.isSettled { unsettled.remove(id) }
    }
}

extension MemoryLedger: Outbox {
    package func waiting() throws -> [QueuedDelivery] { contents.withLock { $0.outbox.waiting() } }

    package func messages(_ numbers: Set<Int>) throws -> [Message] {
        contents.withLock { $0.outbox.messages(numbers) }
    }

    package func begin(_ delivery: Int, at now: Instant) throws {
        try contents.withLock { try $0.outbox.begin(delivery, at: now) }
    }

    package func settle(_ delivery: Int, as state: DeliveryState, at now: Instant) throws {
        try contents.withLock { try $0.outbox.settle(delivery, as: state, at: now) }
    }

    package func add(_ messages: [Message], for rules: [ChannelRule]) throws {
        contents.withLock { contents in
            for var message in messages {
                let known = contents.facts.messages
                guard !known.contains(where: { $0.thread == message.thread && $0.kind == message.kind }) else {
                    continue
                }
                message.id = (known.map(\.id).max() ?? 0) + 1
                contents.facts.messages.append(message.head)
                contents.facts.generation += 1
                let deliveries = rules.map { NewDelivery(message: message.id, channel: $0.name) }
                contents.outbox.take([message], deliveries, at: message.createdAt)
                if message.kind.isOpening || message.kind == .reminder { contents.facts.deliveries += deliveries }
            }
        }
    }

    package func receipts(of display: String) throws -> [String: DisplayReceipt] {
        contents.withLock { $0.outbox.receipts[display] ?? [:] }
    }

    package func keep(_ receipt: DisplayReceipt?, of subject: String, for display: String) throws {
        contents.withLock { $0.outbox.receipts[display, default: [:]][subject] = receipt }
    }

    package func told(limit: Int) throws -> [ToldMessage] { contents.withLock { $0.outbox.told(limit: limit) } }
}
