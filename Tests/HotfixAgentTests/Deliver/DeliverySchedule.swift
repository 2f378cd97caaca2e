import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Synchronization
import Testing

/// A random course of checks, outages and crashes, and what has to hold of what reached the receivers.
struct DeliverySchedule {
    /// The kinds that all channels of a schedule want.
    static let kinds: Set<MessageKind> = Set(MessageKind.allCases)
    /// A chat without keys, a mail whose repeats are folded by the message's number, a pager whose alerts have the thread as key.
    static let rules = [
        ChannelRule(name: "chat", kinds: kinds), ChannelRule(name: "mail", kinds: kinds),
        ChannelRule(name: "pager", kinds: kinds, isToldOfThePast: false),
    ]

    let seed: Int
    let ledger: any Ledger & Outbox
    let world: ThreadWorld
    let receivers: [FakeReceiver]
    private let clock: SimulatedClock
    private let isWell: Mutexed<Bool>
    private var random: SeededGenerator
    private let checks: Int
    private(set) var crashes = 0

    init(seed: Int, ledger: any Ledger & Outbox) {
        var random = SeededGenerator(seed: UInt64(seed))
        let start = Instant(1_795_161_600)
        checks = Int.random(in: 4...10, using: &random)
        let clock = SimulatedClock(start)
        let isWell = Mutexed(false)
        world = .random(&random, from: start, checks: checks, rules: Self.rules)
        let span = checks * 300
        receivers = Self.rules.map { rule in
            let from = start + Int.random(in: 0..<span, using: &random)
            let outage = from..<(from + Int.random(in: 1...span, using: &random))
            let flaw = random.pick([0, 0.1, 0.4])
            let answers = Mutexed(SeededGenerator(seed: random.next()))
            return FakeReceiver(rule.name) { _, now in
                if isWell.value { return .takes }
                return answers.change { random in
                    let isDown = outage.contains(now)
                    guard isDown || random.happens(flaw) else { return .takes }
                    // A slow failure uses up the budget.
                    if random.happens(0.2) { clock.advance(15) }
                    return random.pick([
                        .isAway, .fails, .isBusy(Int.random(in: 1...400, using: &random)),
                        .losesAnswer(received: !isDown), .losesAnswer(received: false),
                    ])
                }
            }
        }
        (self.seed, self.ledger, self.clock, self.isWell, self.random) = (seed, ledger, clock, isWell, random)
    }

    /// Runs all checks, then further ones with everything well until nothing waits.
    ///
    /// The crash is asked for each run of the dispatcher, by its number, after how many boundaries it ends; nil for none.
    mutating func run(crash: (inout SeededGenerator, Int) -> Int?) async throws {
        var runs = 0
        for _ in 0..<checks {
            // A source that cannot be asked: nothing is found out at this check, and more at the next.
            let isBlind = random.happens(0.15)
            while try await !check(isBlind: isBlind, crash: Crash(after: crash(&random, runs))) {
                runs += 1
                crashes += 1
                if random.happens(0.5) { break }
            }
            runs += 1
            clock.advance(240 + Int.random(in: 0...60, using: &random))
        }
        isWell.change { $0 = true }
        clock.advance(4000)
        for _ in 0..<6 {
            _ = try await check(isBlind: false, crash: Crash(after: nil))
            if try ledger.waiting().isEmpty { return }
            clock.advance(4000)
        }
    }

    /// Makes one check, and says whether it came to its end.
    private func check(isBlind: Bool, crash: Crash) async throws -> Bool {
        guard crash.passes() else { return false }
        if !isBlind { try world.commit(to: ledger, at: clock.now) }
        guard crash.passes() else { return false }
        for receiver in receivers { receiver.join(crash) }
        let jitter = Double(seed % 10) / 10
        let dispatcher = Dispatcher(
            outbox: CrashingOutbox(outbox: ledger, crash: crash), channels: receivers, rules: Self.rules, displays: [],
            clock: { [clock] in clock.now }, sleep: { [clock] in try await clock.sleep($0) }, jitter: { jitter })
        _ = await dispatcher.run()
        return !crash.hasHappened
    }

    /// Everything that does not hold, in words.
    func flaws() throws -> [String] {
        var flaws = try ledger.waiting().map { "\($0.channel) still waits for \($0.message.kind) \($0.message.thread)" }
        let told = try ledger.told(limit: .max)
        for receiver in receivers {
            var states: [Int: DeliveryState] = [:]
            for message in told {
                states[message.message.id] = message.lines.first { $0.channel == receiver.name }?.state
            }
            let story = Story(receiver, told.map(\.message).reversed(), states, mostRepeats: receiver.lost)
            flaws += story.flaws().map { "\(receiver.name): \($0)" }
        }
        return flaws.map { "schedule \(seed): \($0)" }
    }
}

/// What reached one receiver, held against what there was to tell.
private struct Story {
    let name: String
    let received: [FakeReceiver.Received]
    let messages: [Message]
    let states: [Int: DeliveryState]
    let mostRepeats: Int

    init(_ receiver: FakeReceiver, _ messages: [Message], _ states: [Int: DeliveryState], mostRepeats: Int) {
        name = receiver.name
        received = receiver.received
        self.messages = messages
        self.states = states
        self.mostRepeats = mostRepeats
    }

    private var isToldOfThePast: Bool { name != "pager" }

    func flaws() -> [String] {
        var flaws: [String] = []
        for (thread, received) in Dictionary(grouping: received, by: \.message.thread) {
            let ids = received.map(\.message.id)
            if ids != ids.sorted() { flaws.append("\(thread) came out of order: \(ids)") }
        }
        for message in messages {
            guard let state = states[message.id] else { continue }
            let copies = received.filter { $0.message.id == message.id }
            if !state.isSettled { flaws.append("\(message.kind) \(message.thread) is not settled") }
            if case .dead = state { flaws.append("\(message.kind) \(message.thread) was given up") }
            if case .delivered(let receipt, _) = state, copies.isEmpty {
                flaws.append("\(message.id) counts as told and never came: \(receipt ?? "")")
            }
            if copies.dropFirst().contains(where: { !$0.mayBeRepeat }) {
                flaws.append("\(message.id) came again and does not say so")
            }
            if copies.count > 1, case .delivered(_, isRepeat: false) = state {
                flaws.append("\(message.id) came again and is not counted")
            }
            if message.kind.isOpening { flaws += self.flaws(ofOpening: message, copies) }
            if message.kind.isClosing { flaws += self.flaws(ofEnding: message, copies) }
        }
        let repeats = received.count - Set(received.map(\.message.id)).count
        if repeats > mostRepeats { flaws.append("\(repeats) repeats where \(mostRepeats) answers were lost") }
        return flaws
    }

    private func flaws(ofOpening opening: Message, _ copies: [FakeReceiver.Received]) -> [String] {
        let isOver = messages.contains { $0.opening == opening.id && $0.kind.isClosing }
        return copies.isEmpty && !isOver ? ["\(opening.thread) was opened and not told"] : []
    }

    private func flaws(ofEnding ending: Message, _ copies: [FakeReceiver.Received]) -> [String] {
        let openings = received.filter { $0.message.id == ending.opening }
        guard let copy = copies.first else {
            return openings.isEmpty && !isToldOfThePast ? [] : ["\(ending.thread) was closed and not told"]
        }
        if copy.tense == .present {
            if isToldOfThePast, openings.isEmpty { return ["\(ending.thread) was closed before it was opened"] }
            let isAnswer = copy.opening == nil ? !isToldOfThePast : copy.opening == ending.opening.map { "r\($0)" }
            return isAnswer ? [] : ["the end of \(ending.thread) does not answer its opening: \(copy.opening ?? "-")"]
        }
        if !isToldOfThePast { return ["\(ending.thread) was told as past"] }
        return openings.isEmpty || copy.mayBeRepeat ? [] : ["\(ending.thread) was told as it began, and again as past"]
    }
}

/// A value that is shared.
final class Mutexed<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    var value: Value { mutex.withLock { $0 } }

    func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result { mutex.withLock { body(&$0) } }
}
