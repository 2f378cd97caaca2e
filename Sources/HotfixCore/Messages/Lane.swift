/// The messages that one channel still has to be told, and what to do with them next.
///
/// Pure: it is told what became of what it said, and says what follows. Order is kept within a thread; of several threads the one
/// whose message is oldest goes first, and one whose message waits for its time holds up no other.
package struct Lane: Sendable, Hashable {
    /// Whether the channel is told, in the past tense, what was over before its opening could be told.
    package let isToldOfThePast: Bool
    /// What waits, in the order of the messages.
    package private(set) var queue: [QueuedDelivery]
    private let quiet: Quiet
    private var tried: Set<Int> = []
    private var isWary = false

    /// A message is given up so many seconds after it was made.
    package static let patience: Seconds = 86_400

    /// Makes a lane.
    ///
    /// - Parameters:
    ///   - queue: The deliveries of one channel that are not settled.
    ///   - isToldOfThePast: Whether the channel is told of what is over.
    ///   - quiet: What silences and acknowledgements hold back.
    package init(_ queue: [QueuedDelivery], isToldOfThePast: Bool, quiet: Quiet = Quiet()) {
        self.queue = queue.sorted { $0.message.id < $1.message.id }
        self.isToldOfThePast = isToldOfThePast
        self.quiet = quiet
    }

    /// What waits and is not silenced, in the order of the messages.
    package func audible(at now: Instant) -> [QueuedDelivery] {
        queue.filter { !quiet.holds($0.message, at: now) }
    }

    /// What to do next.
    ///
    /// - Parameters:
    ///   - now: The instant.
    ///   - health: How the channel fares.
    /// - Returns: The next step.
    package mutating func next(at now: Instant, health: ChannelHealth) -> LaneStep {
        let drops = overtaken(at: now)
        guard drops.isEmpty else { return .drop(drops) }
        if let until = health.held(at: now) {
            let audible = audible(at: now)
            if let late = audible.first(where: { isLate($0, at: now) }) { return .giveUp(late) }
            return audible.isEmpty ? .idle : .wait(until: until)
        }
        if health.isMisconfigured { isWary = true }
        let heads = heads().filter { !quiet.holds($0.message, at: now) }
        let due = heads.filter { head in
            head.notBefore(at: now) == nil || health.isProbing && !tried.contains(head.id)
        }
        // Of two attempts that find out whether a receiver is back, the second is not left to what may fail for its own sake.
        // The first of each run is the oldest: whoever is back is told in order.
        let isSecondProbe = health.isProbing && health.sinceHold > 0 && !tried.isEmpty
        // What looks like a wrong configuration may be an answer to one message alone, which then must not hold up the others.
        let first =
            isSecondProbe || isWary
            ? due.min { ($0.attempts, $0.message.id) < ($1.attempts, $1.message.id) } : due.first
        if let first { return .send(first, delivery(of: first)) }
        if let late = heads.first(where: { isLate($0, at: now) }) { return .giveUp(late) }
        return heads.compactMap { $0.notBefore(at: now) }.min().map { .wait(until: $0) } ?? .idle
    }

    /// Whether a message is so old that it is given up where it can not be told now.
    package func isLate(_ delivery: QueuedDelivery, at now: Instant) -> Bool {
        now - beginning(of: delivery, at: now) >= Self.patience
    }

    /// Since when it could have been told: what was silenced, or has to be told anew, was old already.
    private func beginning(of delivery: QueuedDelivery, at now: Instant) -> Instant {
        let made = delivery.message.createdAt
        if let first = delivery.firstAttempt { return first - made >= Self.patience ? first : made }
        return max(made, delivery.queuedAt ?? made, quiet.end(of: delivery.message, before: now) ?? made)
    }

    /// Whether nothing of another thread can be tried in its place.
    package func isAlone(_ delivery: QueuedDelivery, at now: Instant) -> Bool {
        audible(at: now).allSatisfy { $0.message.thread == delivery.message.thread }
    }

    /// Takes what became of a delivery.
    ///
    /// - Parameters:
    ///   - id: The number of the delivery.
    ///   - state: Its state from now on.
    ///   - mayHaveArrived: Whether its last attempt may have been received without its result being known.
    package mutating func note(_ id: Int, _ state: DeliveryState, mayHaveArrived: Bool = false) {
        guard let index = queue.firstIndex(where: { $0.id == id }) else { return }
        if state == .inFlight {
            queue[index].attempts += 1
            queue[index].mayHaveArrived = queue[index].mayBeRepeat
            tried.insert(id)
        }
        // What is dropped has no result; what is given up or refused has one.
        let isWithoutResult = if case .dropped = state { queue[index].state == .inFlight } else { false }
        queue[index].state = state
        if mayHaveArrived || isWithoutResult { queue[index].mayHaveArrived = true }
        guard state.isSettled else { return }
        let settled = queue.remove(at: index)
        for other in queue.indices where queue[other].message.opening == settled.message.id {
            queue[other].opening = state
            queue[other].openingMayHaveArrived = settled.mayHaveArrived
        }
        noteReminder(settled)
    }

    private mutating func noteReminder(_ settled: QueuedDelivery) {
        guard settled.message.kind == .reminder, let opening = settled.message.opening else { return }
        let isTold = if case .delivered = settled.state { true } else { false }
        for other in queue.indices where queue[other].message.opening == opening {
            if isTold { queue[other].isReminded = true }
            if settled.mayHaveArrived { queue[other].openingMayHaveArrived = true }
        }
    }

    /// Lets everything be told at once: the receiver is back.
    package mutating func forgetPauses() {
        for index in queue.indices {
            if case .pending(_, let reason) = queue[index].state {
                queue[index].state = .pending(notBefore: nil, reason: reason)
            }
        }
    }

    /// The oldest message of every thread, in the order of the messages.
    private func heads() -> [QueuedDelivery] {
        var threads: Set<String> = []
        return queue.filter { threads.insert($0.message.thread).inserted }
    }
}

/// What to do next for a channel.
package enum LaneStep: Sendable, Hashable {
    /// Some need not be told any more.
    case drop([LaneDrop])
    /// One was tried for too long.
    case giveUp(QueuedDelivery)
    /// One is told, like this.
    case send(QueuedDelivery, Delivery)
    /// Nothing can be done before an instant.
    case wait(until: Instant)
    /// Nothing waits.
    case idle
}

/// A delivery that there need not be.
package struct LaneDrop: Sendable, Hashable {
    /// The delivery.
    package var delivery: QueuedDelivery
    /// Why.
    package var reason: String
}

extension QueuedDelivery {
    /// Whether an attempt before the next one may have been received.
    package var mayBeRepeat: Bool { mayHaveArrived || state == .inFlight }

    /// The instant for which it waits, nil where that has come.
    ///
    /// One that lies farther ahead than any that is ever set was set by another clock.
    fileprivate func notBefore(at now: Instant) -> Instant? {
        guard case .pending(let instant?, _) = state, instant > now, instant - now <= RetrySchedule.farthest else {
            return nil
        }
        return instant
    }
}

// MARK: Openings and endings

extension Lane {
    /// Whether the opening that a message refers to, or a reminder of it, reached the channel.
    private enum Arrival {
        case no
        case maybe
        case yes(receipt: String?)
    }

    /// Finds out, where `waiting` are the openings that wait by the number of their message.
    private func arrival(ofOpeningOf delivery: QueuedDelivery, _ waiting: [Int: QueuedDelivery]) -> Arrival {
        guard let opening = delivery.message.opening else { return .no }
        if delivery.isReminded {
            if case .delivered(let receipt, _) = delivery.opening { return .yes(receipt: receipt) }
            return .yes(receipt: nil)
        }
        if let waiting = waiting[opening] { return waiting.mayBeRepeat ? .maybe : .no }
        let isReminding = queue.contains { other in
            other.id != delivery.id && other.message.kind == .reminder && other.message.opening == opening
                && other.mayBeRepeat
        }
        return switch delivery.opening {
        case .delivered(let receipt, _): .yes(receipt: receipt)
        case .inFlight: .maybe
        case .pending, .dropped, .dead, nil: delivery.openingMayHaveArrived || isReminding ? .maybe : .no
        }
    }

    /// Whether a message ends what was never tried to be told here, and is silenced now.
    private func isSilencedWhole(
        _ delivery: QueuedDelivery, _ waiting: [Int: QueuedDelivery], at now: Instant
    ) -> Bool {
        guard case .no = arrival(ofOpeningOf: delivery, waiting), quiet.isSilenced(delivery.message, at: now) else {
            return false
        }
        if let opening = delivery.message.opening.flatMap({ waiting[$0] }) { return opening.attempts == 0 }
        // Dropped alone, it was tried: of what was not, opening and end are dropped together.
        return delivery.opening == nil
    }

    private func delivery(of queued: QueuedDelivery) -> Delivery {
        var delivery = Delivery(message: queued.message, mayBeRepeat: queued.mayBeRepeat)
        switch arrival(ofOpeningOf: queued, waitingOpenings) {
        case .yes(let receipt): delivery.opening = receipt
        case .no: delivery.tense = queued.message.kind.isClosing ? .past : .present
        case .maybe:
            // Where nobody is told of the past, what may be open is closed by its key.
            guard queued.message.kind.isClosing, isToldOfThePast else { break }
            delivery.tense = .past
            delivery.mayBeRepeat = true
        }
        return delivery
    }

    private var waitingOpenings: [Int: QueuedDelivery] {
        Dictionary(queue.filter(\.message.kind.isOpening).map { ($0.message.id, $0) }) { $1 }
    }

    /// What need not be told any more, in the order of the messages.
    private func overtaken(at now: Instant) -> [LaneDrop] {
        let openings = waitingOpenings
        var reasons: [Int: String] = [:]
        for thread in Dictionary(grouping: queue, by: \.message.thread).values {
            for (index, delivery) in thread.enumerated() {
                if delivery.message.kind.isClosing {
                    for earlier in thread[..<index] where delivery.message.closes(earlier.message) {
                        reasons[earlier.id] = "It was over before this was told."
                    }
                    if case .no = arrival(ofOpeningOf: delivery, openings), !isToldOfThePast {
                        reasons[delivery.id] = "Its beginning was not told here."
                    } else if isSilencedWhole(delivery, openings, at: now) {
                        reasons[delivery.id] = "It began and ended without being told, and is silenced."
                    }
                } else if delivery.message.kind == .reminder, reasons[delivery.id] == nil {
                    reasons[delivery.id] = overtaken(delivery, openings, by: thread[(index + 1)...])
                }
            }
        }
        return queue.compactMap { delivery in
            reasons[delivery.id].map { LaneDrop(delivery: delivery, reason: $0) }
        }
    }
}

extension Lane {
    /// Why there need be no reminder; nil where there is.
    ///
    /// Where the opening was refused, given up or never waited here, the reminder is the first that is heard of it.
    private func overtaken(
        _ reminder: QueuedDelivery, _ openings: [Int: QueuedDelivery], by later: ArraySlice<QueuedDelivery>
    ) -> String? {
        if reminder.message.opening.flatMap({ openings[$0] }) != nil { return "Its beginning has yet to be told here." }
        if quiet.seen.contains(reminder.message.thread) { return "Somebody has seen it since." }
        let isOld = later.contains { $0.message.repeats(reminder.message) }
        return isOld ? "A newer reminder took its place." : nil
    }
}

extension Message {
    /// Whether this ends what another message opened or reminded of.
    fileprivate func closes(_ other: Message) -> Bool {
        other.id == opening || other.kind == .reminder && other.opening == opening
    }

    /// Whether this reminds of the same as another message.
    fileprivate func repeats(_ other: Message) -> Bool { kind == .reminder && opening == other.opening }
}
