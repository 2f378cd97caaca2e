import HotfixCore
import Testing

@Suite("What a channel is told next")
struct LaneTests {
    private let now = Instant(1_795_161_600)

    private func queued(
        _ id: Int, _ kind: MessageKind, _ thread: String = "a", opening: Int? = nil,
        state: DeliveryState = .pending(notBefore: nil, reason: nil), attempts: Int = 0, mayHaveArrived: Bool = false,
        of openingState: DeliveryState? = nil, openingMayHaveArrived: Bool = false, isReminded: Bool = false,
        age: Seconds = 0, firstAttempt: Instant? = nil, queuedAt: Instant? = nil
    ) -> QueuedDelivery {
        let message = Message(
            id: id, kind: kind, thread: thread, opening: opening, at: now - age, createdAt: now - age,
            facts: MessageFacts(ledgerID: "ledger", service: "checkout", guardrail: "cpu", severity: .error))
        return QueuedDelivery(
            id: id * 10, channel: "chat", message: message, state: state, attempts: attempts,
            firstAttempt: firstAttempt, mayHaveArrived: mayHaveArrived, opening: openingState,
            openingMayHaveArrived: openingMayHaveArrived, isReminded: isReminded, queuedAt: queuedAt)
    }

    /// What is done until nothing is left, where every attempt succeeds.
    private func course(
        _ queue: [QueuedDelivery], past: Bool = true, health: ChannelHealth = .init(), quiet: Quiet = Quiet()
    ) -> [String] {
        var lane = Lane(queue, isToldOfThePast: past, quiet: quiet)
        var course: [String] = []
        for _ in 0..<50 {
            switch lane.next(at: now, health: health) {
            case .idle: return course
            case .wait(let until): return course + ["wait \(until - now)"]
            case .giveUp(let late):
                course.append("give up \(late.message.id)")
                lane.note(late.id, .dead(reason: ""))
            case .drop(let drops):
                course.append("drop \(drops.map { "\($0.delivery.message.id)" }.joined(separator: " "))")
                for drop in drops { lane.note(drop.delivery.id, .dropped(reason: drop.reason)) }
            case .send(let queued, let delivery):
                let told = [
                    delivery.tense == .past ? "past" : nil, delivery.opening.map { "to \($0)" },
                    delivery.mayBeRepeat ? "again" : nil,
                ].compactMap(\.self)
                course.append((["\(queued.message.id)"] + told).joined(separator: " "))
                lane.note(queued.id, .inFlight)
                lane.note(queued.id, .delivered(receipt: "r\(queued.message.id)", isRepeat: false))
            }
        }
        return course + ["endless"]
    }

    private let told = DeliveryState.delivered(receipt: "r1", isRepeat: false)

    @Test("an opening and its end go in order, the oldest thread first, the end with what the opening gave")
    func order() {
        let queue = [
            queued(4, .recovered, "b", opening: 1, of: told), queued(2, .breach, "c"), queued(3, .deployed, "d"),
        ]
        #expect(course(queue) == ["2", "3", "4 to r1"])
        #expect(course(queue, past: false) == ["2", "3", "4 to r1"])
        #expect(course([queued(1, .breach), queued(5, .blind, "b")]) == ["1", "5"])
    }

    @Test("an end overtakes an opening that did not arrive: told once as past, or not at all")
    func overtaken() {
        let waiting = [
            queued(1, .breach, attempts: 3), queued(2, .reminder, opening: 1), queued(3, .recovered, opening: 1),
        ]
        #expect(course(waiting) == ["drop 1 2", "3 past"])
        #expect(course(waiting, past: false) == ["drop 1 2 3"])
        for state in [nil, .dropped(reason: ""), .dead(reason: "")] as [DeliveryState?] {
            let end = [queued(3, .recovered, opening: 1, of: state)]
            #expect(course(end) == ["3 past"])
            #expect(course(end, past: false) == ["drop 3"])
        }
        #expect(course([queued(3, .corrected)]) == ["3 past"])
        #expect(course([queued(3, .corrected)], past: false) == ["drop 3"])
    }

    @Test(
        "an end of what may have arrived is told as past, or closes it by its key, also when the opening was dropped since"
    )
    func maybe() {
        for opening in [
            queued(1, .blind, attempts: 1, mayHaveArrived: true), queued(1, .blind, state: .inFlight, attempts: 1),
        ] {
            let queue = [opening, queued(2, .sighted, opening: 1)]
            #expect(course(queue) == ["drop 1", "2 past again"])
            #expect(course(queue, past: false) == ["drop 1", "2"])
        }
        let end = [queued(2, .sighted, opening: 1, of: .dead(reason: ""), openingMayHaveArrived: true)]
        #expect(course(end) == ["2 past again"])
        #expect(course(end, past: false) == ["2"])
    }

    @Test("of reminders only the newest is told, and none where the opening or an end waits")
    func reminders() {
        let reminders = [2, 3, 4].map { queued($0, .reminder, opening: 1, of: told) }
        #expect(course(reminders) == ["drop 2 3", "4 to r1"])
        #expect(course(reminders + [queued(5, .excused, opening: 1, of: told)]) == ["drop 2 3 4", "5 to r1"])
        #expect(course([queued(1, .breach), queued(2, .reminder, opening: 1)]) == ["drop 2", "1"])
    }

    @Test("where the opening was refused, given up or never waited, a reminder is told, and so is the end of that")
    func remindersAlone() {
        for opening in [nil, .dropped(reason: ""), .dead(reason: "")] as [DeliveryState?] {
            let reminders = [2, 3].map { queued($0, .reminder, opening: 1, of: opening) }
            for past in [true, false] {
                #expect(course(reminders, past: past) == ["drop 2", "3"])
                let end = queued(4, .recovered, opening: 1, of: opening, isReminded: true)
                #expect(course([end], past: past) == ["4"])
                let doubtful = [
                    queued(3, .reminder, opening: 1, attempts: 1, mayHaveArrived: true, of: opening),
                    queued(4, .recovered, opening: 1, of: opening),
                ]
                #expect(course(doubtful, past: past) == ["drop 3", past ? "4 past again" : "4"])
            }
        }
        // What is told in this run counts.
        var lane = Lane(
            [queued(2, .reminder, opening: 1, of: .dead(reason: "")), queued(3, .breach, "b")], isToldOfThePast: true)
        #expect(lane.next(at: now, health: .init()).sent == 2)
        lane.note(20, .inFlight)
        lane.note(20, .delivered(receipt: "r2", isRepeat: false))
        #expect(lane.next(at: now, health: .init()).sent == 3)
    }

    private func silence(from start: Seconds = -60, to end: Seconds = 60, guardrail: String = "cpu") -> Silence {
        Silence(
            service: "checkout", guardrail: guardrail, start: now + start, end: now + end, reason: "known", by: "Ada",
            recordedAt: now)
    }

    @Test("what is silenced now waits, and holds up nothing; the end of what was told is told")
    func silenced() {
        let quiet = Quiet(silences: [silence()])
        let queue = [
            queued(1, .breach), queued(2, .reminder, "b", opening: 9, of: told), queued(3, .deployed, "c"),
            queued(4, .recovered, "d", opening: 8, of: told), queued(5, .neverSeen, "e"),
        ]
        #expect(course(queue, quiet: quiet) == ["3", "4 to r1"])
        #expect(
            course(queue, quiet: Quiet(silences: [silence(guardrail: "other")])) == [
                "1", "2 to r1", "3", "4 to r1", "5",
            ])
        #expect(course(queue, quiet: Quiet(silences: [silence(to: 0)])) == ["1", "2 to r1", "3", "4 to r1", "5"])
    }

    @Test("the end of what was never tried to be told is not told while silenced, and that of what was is")
    func silencedEnd() {
        let quiet = Quiet(silences: [silence()])
        #expect(course([queued(1, .breach), queued(2, .recovered, opening: 1)], quiet: quiet) == ["drop 1 2"])
        #expect(course([queued(2, .recovered)], quiet: quiet) == ["drop 2"])
        let tried = [queued(1, .breach, attempts: 1), queued(2, .recovered, opening: 1)]
        #expect(course(tried, quiet: quiet) == ["drop 1", "2 past"])
        #expect(course([queued(2, .recovered, opening: 1, of: .dead(reason: ""))], quiet: quiet) == ["2 past"])
    }

    @Test("nobody is reminded of what somebody has seen")
    func seen() {
        let quiet = Quiet(seen: ["a"])
        let queue = [queued(2, .reminder, opening: 1, of: told), queued(3, .reminder, "b", opening: 9, of: told)]
        #expect(course(queue, quiet: quiet) == ["drop 2", "3 to r1"])
        #expect(
            course([queued(1, .breach), queued(4, .recovered, "b", opening: 9, of: told)], quiet: quiet) == [
                "1", "4 to r1",
            ])
    }

    @Test("what was silenced for a day is not given up for that, nor what is told anew")
    func lateAfterSilence() {
        var health = ChannelHealth()
        health.failed(at: now, wait: 60, jitter: 0)
        let old = queued(1, .breach, age: 100_000)
        #expect(course([old], health: health) == ["give up 1"])
        #expect(course([old], health: health, quiet: Quiet(silences: [silence()])) == [])
        let over = Quiet(silences: [silence(from: -90_000, to: -10)])
        #expect(course([old], health: health, quiet: over) == ["wait 60"])
        #expect(course([queued(1, .breach, age: 100_000, queuedAt: now - 300)], health: health) == ["wait 60"])
        let tried = queued(1, .breach, attempts: 1, age: 100_000, firstAttempt: now - 600)
        #expect(course([tried], health: health) == ["wait 60"])
    }

    @Test("after a configuration was said to be wrong, what was tried least goes first")
    func wary() {
        var health = ChannelHealth()
        health.wasMisconfigured(at: now - 900)
        #expect(health.isMisconfigured)
        let queue = [queued(1, .breach, attempts: 3), queued(2, .breach, "b"), queued(3, .breach, "c", attempts: 1)]
        #expect(course(queue, health: health) == ["2", "3", "1"])
        health.worked()
        #expect(!health.isMisconfigured)
        #expect(course(queue, health: health) == ["1", "2", "3"])
    }

    @Test("of cycles in one thread each is told or overtaken by itself")
    func cycles() {
        let cycles = [
            queued(1, .ready), queued(2, .lost, opening: 1), queued(3, .ready), queued(4, .lost, opening: 3),
            queued(5, .ready),
        ]
        #expect(course(cycles) == ["drop 1 3", "2 past", "4 past", "5"])
        #expect(course(cycles, past: false) == ["drop 1 2 3 4", "5"])
        #expect(course([queued(2, .lost, opening: 1, of: told), cycles[2]]) == ["2 to r1", "3"])
    }

    @Test("an attempt without a result is made again, and said to be")
    func again() {
        #expect(course([queued(1, .breach, state: .inFlight, attempts: 1)]) == ["1 again"])
        #expect(course([queued(1, .breach, attempts: 2, mayHaveArrived: true)]) == ["1 again"])
        #expect(course([queued(1, .breach, attempts: 2)]) == ["1"])
    }

    @Test("what waits for its time holds up its own thread, and no other")
    func pauses() {
        let queue = [
            queued(1, .breach, state: .pending(notBefore: now + 40, reason: "500")), queued(2, .deployed, "a"),
            queued(3, .breach, "b"), queued(4, .breach, "c", state: .pending(notBefore: now + 30, reason: "500")),
            queued(5, .breach, "d", state: .pending(notBefore: now, reason: "500")),
        ]
        #expect(course(queue) == ["3", "5", "wait 30"])
        // Another clock set this one.
        #expect(course([queued(1, .breach, state: .pending(notBefore: now + 90_000, reason: nil))]) == ["1"])
    }

    @Test(
        "a channel that is left alone is told nothing, then the oldest regardless of its own time, then what was tried least"
    )
    func probing() {
        var health = ChannelHealth()
        health.failed(at: now, jitter: 0.5)
        #expect(health.held(at: now) == nil)
        health.failed(at: now, jitter: 0.5)
        #expect(health.held(at: now) == now + 30)
        let later = now + 30
        let queue = [
            queued(1, .breach, state: .pending(notBefore: now + 900, reason: "500"), attempts: 9),
            queued(2, .breach, "b", state: .pending(notBefore: now + 900, reason: "500"), attempts: 9),
            queued(3, .breach, "c"),
        ]
        var lane = Lane(queue, isToldOfThePast: true)
        #expect(lane.next(at: now, health: health) == .wait(until: later))
        #expect(lane.next(at: later, health: health).sent == 1)
        lane.note(10, .inFlight)
        lane.note(10, .pending(notBefore: later + 1800, reason: "500"))
        health.failed(at: later, jitter: 0.5)
        #expect(lane.next(at: later, health: health).sent == 3)
        lane.note(30, .inFlight)
        lane.note(30, .delivered(receipt: nil, isRepeat: false))
        health.worked()
        #expect(lane.next(at: later, health: health) == .wait(until: now + 900))
        lane.forgetPauses()
        #expect(lane.next(at: later, health: health).sent == 1)
    }

    @Test("what is a day old is tried once more where that can be, and else given up")
    func late() {
        let fresh = queued(2, .breach, "b", age: 86_399)
        #expect(course([queued(1, .breach, age: 86_400), fresh]) == ["1", "2"])
        let paused = queued(1, .breach, state: .pending(notBefore: now + 60, reason: "500"), attempts: 3, age: 86_400)
        #expect(course([paused, fresh]) == ["2", "give up 1"])
        var health = ChannelHealth()
        health.failed(at: now, wait: 60, jitter: 0)
        #expect(course([queued(1, .breach, age: 86_400), fresh], health: health) == ["give up 1", "wait 60"])
    }
}

extension LaneStep {
    /// The number of the message that is told.
    fileprivate var sent: Int? {
        if case .send(let queued, _) = self { queued.message.id } else { nil }
    }
}

@Suite("How long is waited before something is tried again")
struct RetryScheduleTests {
    @Test("it doubles from 30 s to 30 min, within a fourth")
    func pauses() {
        #expect(
            (1...9).map { RetrySchedule.pause(after: $0, jitter: 0.5) } == [
                30, 60, 120, 240, 480, 960, 1800, 1800, 1800,
            ])
        #expect(RetrySchedule.pause(after: 3, jitter: 0) == 90 && RetrySchedule.pause(after: 3, jitter: 1) == 150)
        #expect(RetrySchedule.pause(after: 1, jitter: 0) == 30 && RetrySchedule.pause(after: 99, jitter: 1) == 1800)
    }

    @Test("what a receiver asks for is kept to, from 1 s to 1 h")
    func wishes() {
        #expect([-5, 0, 7, 9000].map { RetrySchedule.wish($0, jitter: 0) } == [1, 1, 7, 3600])
        #expect(RetrySchedule.wish(9000, jitter: 1) == 3960)
    }

    @Test("a channel that fails alone, again and again, is left alone each time; one that works is well again")
    func health() {
        let now = Instant(1_795_161_600)
        var health = ChannelHealth()
        for _ in 0..<2 { health.failed(at: now, isAlone: true, jitter: 0.5) }
        #expect(health.held(at: now) == now + 30)
        health.failed(at: now + 300, isAlone: true, jitter: 0.5)
        #expect(health.held(at: now + 300) == now + 360)
        #expect(health.held(at: now + 360) == nil)
        // A clock that was set back by a day does not make it wait for a day.
        #expect(health.held(at: now - 86_400) == nil)
        health.told = [.refused]
        health.answered()
        #expect(!health.isProbing && health.told == [.refused])
        health.worked()
        #expect(health == ChannelHealth())
        health.wasMisconfigured(at: now)
        #expect(health.held(at: now) == now + 900)
    }
}
