import Foundation
import HotfixCore

/// The state of one run of a channel.
struct ChannelWork {
    private let run: ChannelRun
    private var lane: Lane
    private var health: ChannelHealth
    private var savedHealth: ChannelHealth
    private var failed: Set<Int> = []
    /// What came of it so far.
    var ending = ChannelRun.Ending()
    /// Why the receiver could not be reached the last time; nil where it was.
    private(set) var unreachable: DispatchReport.Failure?

    init(_ run: ChannelRun) throws {
        self.run = run
        let queue = try run.outbox.waiting(of: run.channel.name)
        lane = Lane(queue, isToldOfThePast: run.isToldOfThePast, quiet: run.quiet)
        health = try Self.health(of: run.channel.name, in: run.outbox)
        savedHealth = health
    }

    /// What is remembered of a channel; what cannot be read is as good as nothing, since it says no more than when to try again.
    private static func health(of channel: String, in outbox: any Outbox) throws -> ChannelHealth {
        guard let content = try outbox.receipts(of: ChannelRun.memory)[channel]?.content else { return ChannelHealth() }
        return (try? JSONDecoder().decode(ChannelHealth.self, from: Data(content.utf8))) ?? ChannelHealth()
    }

    /// Why what waits at the end of a run could not be told before; nil where nothing waits that was tried, or that may be.
    func stuck(at now: Instant) throws -> DispatchReport.Failure? {
        let waiting = lane.audible(at: now)
        let reason = waiting.lazy.compactMap(\.lastReason).first
        let health = health.joined(to: try entryHealth())
        guard !waiting.isEmpty, reason != nil || health.held(at: now) != nil else { return nil }
        let why = reason ?? "The channel did not work before their turn came."
        return .init(
            run.channel.name, health.isMisconfigured ? .misconfigured : .unreachable,
            "\(count(waiting.count, "message")) waiting: \(why) `hotfix doctor` says what is wrong with the channel.")
    }

    /// When there is something to do, an attempt or what needs none; nil where nothing is before something else happens.
    mutating func nextInstant(at now: Instant) throws -> Instant? {
        switch lane.next(at: now, health: health.joined(to: try entryHealth())) {
        case .idle: nil
        case .drop, .giveUp, .send: now
        case .wait(let until): until
        }
    }

    mutating func tellAll() async throws {
        while !Task.isCancelled, !ending.hasAdded {
            let now = run.clock()
            switch lane.next(at: now, health: health.joined(to: try entryHealth())) {
            case .idle: return
            case .drop(let drops): for drop in drops { try self.drop(drop, at: now) }
            case .giveUp(let delivery): try giveUp(delivery, at: now)
            case .send(let queued, let delivery):
                guard now < run.deadline else { return }
                try await attempt(queued, delivery, at: now)
            case .wait(let until):
                guard until - now <= ChannelRun.shortPause, until < run.deadline else { return }
                // Being cancelled ends the wait as well, and then the loop.
                _ = try? await run.sleep(.seconds(until - now))
            }
        }
    }

    private mutating func drop(_ drop: LaneDrop, at now: Instant) throws {
        try settle(drop.delivery, as: .dropped(reason: drop.reason), at: now)
        ending.report.dropped += 1
    }

    private mutating func attempt(_ queued: QueuedDelivery, _ delivery: Delivery, at now: Instant) async throws {
        try run.outbox.begin(queued.id, at: now)
        lane.note(queued.id, .inFlight)
        let began = ContinuousClock.now
        let outcome = await run.channel.deliver(delivery, at: now)
        let isDelivered = if case .delivered = outcome { true } else { false }
        ending.report.attempts[run.channel.name, default: Tally()].note(.now - began, isFailure: !isDelivered)
        try take(outcome, of: queued, delivery, isCut: Task.isCancelled)
    }

    private mutating func take(
        _ outcome: DeliveryOutcome, of queued: QueuedDelivery, _ delivery: Delivery, isCut: Bool
    ) throws {
        let now = run.clock()
        switch outcome {
        case .delivered(let receipt):
            let kept = receipt.flatMap { $0.utf8.count <= DispatchReport.Failure.mostBytes ? $0 : nil }
            try settle(queued, as: .delivered(receipt: kept, isRepeat: delivery.mayBeRepeat), at: now)
            ending.report.delivered += 1
            if delivery.mayBeRepeat { ending.report.repeated += 1 }
            unreachable = nil
            if health.isProbing { lane.forgetPauses() }
            health.worked()
            try saveHealth(at: now)
            try entryWorks()
        case .retry(let wait, let reason) where !isCut:
            try takeFailure(of: queued, wait: wait, reason, mayHaveArrived: false, at: now)
        case .retry(_, let reason), .unknown(let reason):
            try takeFailure(of: queued, wait: nil, reason, mayHaveArrived: true, at: now)
        case .misconfigured(let reason, let remedy):
            try takeMisconfiguration(of: queued, reason, remedy, isShared: isOneOfSeveral, at: now)
        case .misaddressed(let reason, let remedy):
            try entryWorks()
            try takeMisconfiguration(of: queued, reason, remedy, isShared: false, at: now)
        case .refused(let reason):
            try entryWorks()
            try takeRefusal(of: queued, reason, at: now)
        }
    }

    private mutating func takeFailure(
        of queued: QueuedDelivery, wait: Seconds?, _ reason: String, mayHaveArrived: Bool, at now: Instant
    ) throws {
        let reason = Self.line(reason)
        unreachable = .init(run.channel.name, .unreachable, reason)
        health.failed(at: now, wait: wait, isAlone: lane.isAlone(queued, at: now), jitter: run.jitter())
        let isFirst = failed.insert(queued.id).inserted
        let until: Instant
        if wait != nil, let held = health.heldUntil {
            until = held
        } else if isFirst, !mayHaveArrived, !health.isProbing, now + ChannelRun.innerPause < run.deadline {
            until = now + ChannelRun.innerPause
        } else {
            until = now + RetrySchedule.pause(after: queued.attempts + 1, jitter: run.jitter())
        }
        if mayHaveArrived {
            try run.outbox.doubt(queued.id, notBefore: until, reason: reason, at: now)
            lane.note(queued.id, .pending(notBefore: until, reason: reason), mayHaveArrived: true)
        } else {
            try settle(queued, as: .pending(notBefore: until, reason: reason), at: now)
        }
        try saveHealth(at: now)
        if lane.isLate(queued, at: now) { try giveUp(queued, reason: reason, at: now) }
    }

    /// Takes that nothing is taken until the configuration is mended; `isShared` says that this holds for all channels of the entry.
    private mutating func takeMisconfiguration(
        of queued: QueuedDelivery, _ reason: String, _ remedy: String, isShared: Bool, at now: Instant
    ) throws {
        let reason = Self.line(reason)
        ending.report.failures.append(.init(run.channel.name, .misconfigured, "\(reason) \(remedy)"))
        let name = isShared ? Self.quoted(run.channel.entry) : name
        let text = "Channel \(name) takes no messages: \(reason) \(title(queued)) waits, and so does all that follows."
        var held = isShared ? try entryHealth() : health
        if try tell(.misconfigured, of: queued, text, remedy: remedy, isShared: isShared, told: held.told, at: now) {
            held.told.insert(.misconfigured)
        }
        // Where another message was taken just now, this one is refused for its own sake, and holds up no other.
        if ending.report.delivered == 0 || queued.attempts == 0 { held.wasMisconfigured(at: now) }
        if isShared { try save(held, of: run.channel.entry, at: now) } else { health = held }
        let until = now + RetrySchedule.misconfigured
        try settle(queued, as: .pending(notBefore: until, reason: reason), at: now)
        try saveHealth(at: now)
        if lane.isLate(queued, at: now) { try giveUp(queued, reason: reason, at: now) }
    }

    private mutating func takeRefusal(of queued: QueuedDelivery, _ reason: String, at now: Instant) throws {
        let reason = Self.line(reason)
        unreachable = nil
        ending.report.failures.append(.init(run.channel.name, .refused, "\(title(queued)) was refused: \(reason)"))
        try tell(
            .refused, of: queued, "Channel \(name) refused \(title(queued)), so nobody was told by it: \(reason)",
            remedy: "`hotfix alerts list` shows what was told and what was not.", at: now)
        try settle(queued, as: .dead(reason: reason), at: now)
        ending.report.dead += 1
        health.answered()
        try saveHealth(at: now)
    }

    private mutating func giveUp(_ queued: QueuedDelivery, reason: String? = nil, at now: Instant) throws {
        if queued.state == .inFlight { try settle(queued, as: .inFlight, at: now) }
        var reason = reason
        if reason == nil, case .pending(_, let last?) = queued.state { reason = last }
        let why = reason ?? "The channel did not work before its turn came."
        ending.report.failures.append(
            .init(run.channel.name, .givenUp, "\(title(queued)) was not told for a day and is given up: \(why)"))
        try tell(
            .givenUp, of: queued, "Channel \(name) could not be told \(title(queued)) for a day: \(why)",
            remedy: "`hotfix doctor` says what is wrong with the channel.", at: now)
        try settle(queued, as: .dead(reason: "Given up after a day: \(why)"), at: now)
        ending.report.dead += 1
    }

    /// Tells the other channels once, until it works again, what is wrong with this one.
    private mutating func tell(
        _ trouble: ChannelHealth.Trouble, of queued: QueuedDelivery, _ text: String, remedy: String, at now: Instant
    ) throws {
        let told = health.told
        guard try tell(trouble, of: queued, text, remedy: remedy, isShared: false, told: told, at: now) else { return }
        health.told.insert(trouble)
        try saveHealth(at: now)
    }

    /// Tells the other channels what is wrong, where they were not told, and never of such a message itself.
    ///
    /// What all channels of the entry share is told to none of them.
    ///
    /// - Returns: Whether they were told.
    private mutating func tell(
        _ trouble: ChannelHealth.Trouble, of queued: QueuedDelivery, _ text: String, remedy: String, isShared: Bool,
        told: Set<ChannelHealth.Trouble>, at now: Instant
    ) throws -> Bool {
        let failed = queued.message
        guard failed.kind != .undeliverable, !told.contains(trouble) else { return false }
        // An address that is gone is one channel's own trouble; of the rest, the first of an entry tells for all.
        let whose = trouble == .misconfigured && !isShared ? run.channel.name : run.channel.entry
        // The number of the message makes it the same thread after a crash between here and the memory of it.
        let message = Message(
            id: 0, kind: .undeliverable, thread: "undeliverable/\(whose)/\(trouble.rawValue)/\(failed.id)",
            at: now, createdAt: now,
            facts: MessageFacts(
                ledgerID: failed.facts.ledgerID, severity: .error, hotfix: failed.facts.hotfix, reason: Self.line(text),
                remedy: Self.line(remedy)))
        let rules = run.others.filter { rule in
            rule.wants(message.head, hasOpening: false) && !(isShared && run.siblings.contains(rule.name))
        }
        try run.outbox.add([message], for: rules)
        if !rules.isEmpty { ending.hasAdded = true }
        return true
    }

    private mutating func settle(_ queued: QueuedDelivery, as state: DeliveryState, at now: Instant) throws {
        try run.outbox.settle(queued.id, as: state, at: now)
        lane.note(queued.id, state)
    }

    private mutating func saveHealth(at now: Instant) throws {
        guard health != savedHealth else { return }
        try save(health, of: run.channel.name, at: now)
        savedHealth = health
    }

    private func save(_ health: ChannelHealth, of channel: String, at now: Instant) throws {
        let content = String(decoding: try JSONEncoder().encode(health), as: UTF8.self)
        let receipt = health == ChannelHealth() ? nil : DisplayReceipt(content: content, at: now)
        try run.outbox.keep(receipt, of: channel, for: ChannelRun.memory)
    }

    private var isOneOfSeveral: Bool { run.channel.entry != run.channel.name }

    /// How the entry fares that makes several channels, read anew since each of them may have changed it.
    private func entryHealth() throws -> ChannelHealth {
        isOneOfSeveral ? try Self.health(of: run.channel.entry, in: run.outbox) : ChannelHealth()
    }

    /// The receiver let this channel in, and so all of its entry.
    private func entryWorks() throws {
        if isOneOfSeveral { try run.outbox.keep(nil, of: run.channel.entry, for: ChannelRun.memory) }
    }

    private var name: String { Self.quoted(run.channel.name) }

    private static func quoted(_ name: String) -> String { "'\(clipped(oneLine(name), units: 120))'" }

    private func title(_ queued: QueuedDelivery) -> String { "“\(MessageText(queued.message).title)”" }

    private static func line(_ text: String) -> String {
        clipped(oneLine(text), bytes: DispatchReport.Failure.mostBytes)
    }
}

extension QueuedDelivery {
    /// Why the last attempt failed; nil where there was none that did.
    fileprivate var lastReason: String? {
        switch state {
        case .pending(_, let reason): reason
        case .inFlight: "It is not known whether the last attempt was received."
        case .delivered, .dropped, .dead: nil
        }
    }
}
