package import HotfixCore

/// Tells every channel what it has to be told, and makes every display match.
///
/// Each channel and each display is a task of its own and waits for no other; a channel makes one attempt at a time. The intent of an
/// attempt is in the ledger before it is made: an attempt whose result was not written may have been received.
package struct Dispatcher: Sendable {
    private let outbox: any Outbox
    private let channels: [any Channel]
    private let rules: [ChannelRule]
    private let displays: [any Display]
    private let quiet: Quiet
    private let clock: @Sendable () -> Instant
    private let sleep: @Sendable (Duration) async throws -> Void
    private let budget: Duration
    private let jitter: @Sendable () -> Double

    /// Makes a dispatcher.
    ///
    /// - Parameters:
    ///   - outbox: Where messages wait.
    ///   - channels: The channels that are configured; what waits for any other is dropped.
    ///   - rules: Their rules, by name.
    ///   - displays: The displays.
    ///   - quiet: What silences and acknowledgements hold back.
    ///   - clock: What time it is.
    ///   - sleep: Waits, until the time is over or its task is cancelled.
    ///   - budget: After this long, what still runs is cancelled, and the rest left to the next check.
    ///   - jitter: Gives a number from 0 to 1.
    package init(
        outbox: any Outbox, channels: [any Channel], rules: [ChannelRule], displays: [any Display],
        quiet: Quiet = Quiet(), clock: @escaping @Sendable () -> Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        budget: Duration = .seconds(60), jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.outbox = outbox
        self.channels = channels
        self.rules = rules
        self.displays = displays
        self.quiet = quiet
        self.clock = clock
        self.sleep = sleep
        self.budget = budget
        self.jitter = jitter
    }

    private enum Ended: Sendable {
        case channel(String, ChannelRun.Ending)
        case display(DispatchReport)
        case time
    }

    /// Tells what can be told within the budget.
    ///
    /// - Parameters:
    ///   - state: What displays show; nil where they are left as they are.
    ///   - dropsUnconfigured: Whether what waits for a channel that is not configured is dropped, rather than left to wait.
    /// - Returns: What came of it.
    package func run(showing state: DisplayState? = nil, dropsUnconfigured: Bool = true) async -> DispatchReport {
        var report = DispatchReport()
        let busy = dropsUnconfigured ? dropUnconfigured(&report) : configuredBusy(&report)
        await tell(busy, showing: state, &report)
        do {
            report.waiting = try outbox.waitingCounts().values.reduce(0, +)
        } catch { report.take(error, from: "ledger") }
        report.failures.sort { $0.name < $1.name }
        return report
    }

    /// When a run would have something to do, without doing it; what waits for channels that are not configured is left alone.
    ///
    /// - Returns: The instant; nil where nothing is to be done before something else happens, such as the end of a silence.
    /// - Throws: `LedgerError`.
    package func nextInstant() throws -> Instant? {
        let now = clock()
        let waiting = Set(try outbox.waitingCounts().keys)
        return try channels.filter { waiting.contains($0.name) }.compactMap { channel in
            var work = try ChannelWork(run(of: channel, until: now))
            return try work.nextInstant(at: now)
        }.min()
    }

    private func tell(_ busy: Set<String>, showing state: DisplayState?, _ report: inout DispatchReport) async {
        var waiting = busy
        var running: Set<String> = []
        var stuck: [String: DispatchReport.Failure] = [:]
        var shown = state == nil ? 0 : displays.count
        guard !busy.isEmpty || shown > 0 else { return }
        let deadline = clock() + Int((budget / .seconds(1)).rounded(.up))
        await withTaskGroup(of: Ended.self) { group in
            group.addTask { [sleep, budget] in
                // Being cancelled ends the wait as well: there is no time left either way.
                _ = try? await sleep(budget)
                return .time
            }
            if let state {
                for display in displays {
                    group.addTask { [outbox] in .display(await Self.update(display, to: state, outbox)) }
                }
            }
            var isOver = false
            repeat {
                for channel in channels where !isOver && waiting.contains(channel.name) {
                    // One wrong password tried once is enough: the others of its entry wait for what comes of it.
                    guard !isSuspect(channel) || siblings(of: channel).isDisjoint(with: running) else { continue }
                    guard running.insert(channel.name).inserted else { continue }
                    waiting.remove(channel.name)
                    let run = run(of: channel, until: deadline)
                    group.addTask { .channel(run.channel.name, await run.run()) }
                }
                guard shown > 0 || !running.isEmpty, let ended = await group.next() else { break }
                switch ended {
                case .time:
                    isOver = true
                    group.cancelAll()
                case .display(let ending):
                    shown -= 1
                    report.add(ending)
                case .channel(let name, let ending):
                    running.remove(name)
                    report.add(ending.report)
                    stuck[name] = ending.stuck
                    // What others have to be told of this one is told in this run; one that is busy looks again when it ends.
                    if ending.hasAdded { waiting.formUnion(channels.map(\.name)) }
                }
            } while true
            group.cancelAll()
        }
        // Of what an attempt just found out nothing more has to be said.
        for (name, failure) in stuck
        where !report.failures.contains(where: {
            $0.name == name && ($0.kind == .unreachable || $0.kind == .misconfigured || $0.kind == .ledger)
        }) { report.failures.append(failure) }
    }

    private func run(of channel: any Channel, until deadline: Instant) -> ChannelRun {
        ChannelRun(
            outbox: outbox, channel: channel, isToldOfThePast: rule(of: channel.name)?.isToldOfThePast ?? true,
            quiet: quiet,
            others: rules.filter { rule in
                rule.name != channel.name && channels.contains { $0.name == rule.name }
            }, siblings: siblings(of: channel),
            clock: clock, sleep: sleep, jitter: jitter, deadline: deadline)
    }

    /// The names of the other channels of the same entry.
    private func siblings(of channel: any Channel) -> Set<String> {
        Set(channels.filter { $0.entry == channel.entry && $0.name != channel.name }.map(\.name))
    }

    /// Whether an entry that makes several channels was misconfigured when it was tried last.
    private func isSuspect(_ channel: any Channel) -> Bool {
        guard channel.entry != channel.name else { return false }
        // Whoever cannot read the ledger makes no attempt at all, and says so.
        return (try? outbox.receipts(of: ChannelRun.memory)[channel.entry]) != nil
    }

    private func rule(of name: String) -> ChannelRule? { rules.first { $0.name == name } }

    /// Drops what waits for channels that are no longer configured, and says so.
    ///
    /// - Returns: The names of those for which something waits.
    private func dropUnconfigured(_ report: inout DispatchReport) -> Set<String> {
        let names = Set(channels.map(\.name))
        do {
            for name in try outbox.waitingCounts().keys.sorted() where !names.contains(name) {
                try AbandonedChannel(name: name, rules: rules.filter { names.contains($0.name) }).drop(
                    in: outbox, at: clock(), &report)
            }
            let remembered = names.union(channels.map(\.entry))
            for name in try outbox.receipts(of: ChannelRun.memory).keys where !remembered.contains(name) {
                try outbox.keep(nil, of: name, for: ChannelRun.memory)
            }
            return names.intersection(try outbox.waitingCounts().keys)
        } catch {
            report.take(error, from: "ledger")
            return []
        }
    }

    /// The names of the channels that are configured, and for which something waits.
    private func configuredBusy(_ report: inout DispatchReport) -> Set<String> {
        do { return Set(channels.map(\.name)).intersection(try outbox.waitingCounts().keys) } catch {
            report.take(error, from: "ledger")
            return []
        }
    }

    private static func update(
        _ display: any Display, to state: DisplayState, _ outbox: any Outbox
    ) async -> DispatchReport {
        var report = DispatchReport()
        for failure in await display.update(to: state, memory: DisplayMemory(outbox, of: display.name)) {
            let kind: DispatchReport.Failure.Kind = failure.isMisconfigured ? .misconfigured : .unreachable
            report.failures.append(DispatchReport.Failure(display.name, kind, failure.message))
        }
        return report
    }
}
