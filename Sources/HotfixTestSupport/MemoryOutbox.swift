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
            newest += 1
            let id = newest
            entries[id] = Entry(id: id, message: delivery.message, channel: delivery.channel, at: now)
            numbers[Key(message: delivery.message, channel: delivery.channel)] = id
            unsettled.insert(id)
        }
    }

    func waiting() -> [QueuedDelivery] {
        unsettled.compactMap { id in
            guard let entry = entries[id], let message = messages[entry.message] else { return nil }
            let opening = message.opening.flatMap { numbers[Key(message: $0, channel: entry.channel)] }
                .flatMap { entries[$0] }
            return QueuedDelivery(
                id: id, channel: entry.channel, message: message, state: entry.state, attempts: entry.attempts,
                firstAttempt: entry.firstAttempt, mayHaveArrived: entry.mayHaveArrived, opening: opening?.state,
                openingMayHaveArrived: opening?.mayHaveArrived ?? false)
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
    mutating func prune(before instant: Instant) -> Set<Int> {
        let last = messages.keys.max()
        let closed = Set(messages.values.filter(\.kind.isClosing).compactMap(\.opening))
        let busy = Set(unsettled.compactMap { entries[$0]?.message })
        let threads = Dictionary(grouping: messages.values, by: \.thread)
        let over = threads.filter { thread, all in
            all.allSatisfy { message in
                message.at < instant && message.createdAt < instant && message.id != last
                    && !MessageKind.toldOnce.contains(message.kind) && !busy.contains(message.id)
                    && (!message.kind.isOpening || closed.contains(message.id))
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
