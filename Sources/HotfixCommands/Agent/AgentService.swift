import HotfixAgent
import HotfixConfiguration
import HotfixCore
import HotfixHTTP
import HotfixServer
import HotfixStore
import Logging
import ServiceLifecycle

/// Checks when the timer would, and tells between two checks what has to be told again, until it is told to end.
///
/// Every check reads the configuration anew and is one of a timer in all else: where one fails, that is told, and the next one does
/// what it left.
struct AgentService: ServiceLifecycle.Service {
    /// A check that is under way when the agent has to end is broken off after so many seconds.
    static let endingSeconds = 15
    /// How long telling people may take.
    private static let budget = Duration.seconds(60)
    /// It looks at the clock and at what waits so often, in seconds.
    private static let pause: Seconds = 10
    /// What waits for longer, or for the end of a silence, is looked at so often, in seconds.
    private static let longestPause: Seconds = 60

    /// Where the configuration is.
    let config: String
    /// The time between two checks, in seconds.
    let period: Seconds
    /// Whether the result of every check is printed, rather than of those that have news.
    let isVerbose: Bool
    /// Where it notes what it does.
    let record: AgentRecord
    /// What makes the first check doubtful.
    let doubt: String?
    /// Whether the server answers; nothing is done before it does.
    let ready: StartSignal
    let surroundings: Surroundings
    let logger: Logger
    /// Checks wait for the disk, and compute; answers wait for neither.
    private let thread = QueueExecutor("hotfix.agent")

    init(
        config: String, period: Seconds, isVerbose: Bool, record: AgentRecord, doubt: String?, ready: StartSignal,
        surroundings: Surroundings, logger: Logger
    ) {
        self.config = config
        self.period = period
        self.isVerbose = isVerbose
        self.record = record
        self.doubt = doubt
        self.ready = ready
        self.surroundings = surroundings
        self.logger = logger
    }

    /// Checks until it is told to end.
    func run() async {
        await withTaskExecutorPreference(thread) { await work() }
    }

    private func work() async {
        // Whoever cannot listen checks nothing either.
        guard await ready.wait() else { return }
        defer { record.end() }
        var plan = currentPlan()
        var untold = Untold()
        var doubt = doubt
        // What was missed while no agent ran is caught up at once.
        var next = surroundings.now
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            record.begin(.betweenChecks)
            let now = surroundings.now
            if now >= next {
                untold = Untold()
                let first = doubt
                doubt = nil
                untold.texts = await breakingOff { await check(at: now, doubt: first) } ?? []
                plan = currentPlan() ?? plan
                next = plan?.schedule.next(after: surroundings.now) ?? surroundings.now + period
                record.plan(next)
                continue
            }
            // A clock that was set back makes nobody wait for what was next before.
            if let plan {
                next = min(next, plan.schedule.next(after: now))
                record.plan(next)
            }
            if let plan, now >= untold.next || untold.next > now + Self.longestPause {
                let (before, workplace) = (untold, plan.workplace)
                untold = await breakingOff { await tellWaiting(workplace, after: before) } ?? untold
            }
            await wait(until: next)
        }
    }

    /// What is known of what waits in the outbox.
    private struct Untold: Sendable {
        /// When it is looked at again.
        var next = Instant(0)
        /// What of it was said already that could not be done.
        var texts: Set<String> = []
    }

    private func currentPlan() -> (schedule: CheckSchedule, workplace: Workplace)? {
        // What is wrong with the configuration is told by the check.
        (try? configuration()).map { (CheckSchedule(period: period, $0.settings), $0) }
    }

    /// Reads the configuration as it is now, where it stands still.
    private func configuration(secrets: Set<SecretUse> = []) throws -> Workplace {
        try SteadyConfiguration(config, secrets: secrets, surroundings).workplace.get()
    }

    private func wait(until next: Instant) async {
        let seconds = min(Double(next.seconds) - surroundings.clock(), Double(Self.pause))
        guard seconds > 0 else { return }
        let surroundings = surroundings
        // Being told to end ends the wait as well.
        _ = try? await cancelWhenGracefulShutdown { try await surroundings.sleep(.seconds(seconds)) }
    }

    /// Does what is under way when the agent has to end, for as long as that may take; nil where it took longer and was broken off.
    private func breakingOff<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value? {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask { await body() }
            group.addTask {
                // Ends early where the body has ended.
                guard (try? await gracefulShutdown()) != nil else { return nil }
                _ = try? await Task.sleep(for: .seconds(Self.endingSeconds))
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            if let first { return first }
            // What it had begun to write is written.
            return await group.next() ?? nil
        }
    }

    /// Checks.
    ///
    /// - Returns: What was said of a check that came to nothing.
    private func check(at now: Instant, doubt: String?) async -> Set<String> {
        record.begin(.check)
        do {
            let workplace = try configuration(secrets: [.sources, .channels])
            let outcome = try await withClient { client in
                var outcome: CheckRun.Outcome?
                let run = CheckRun(
                    workplace: workplace, client: client, budget: Self.budget, makesLedger: false, doubt: doubt,
                    asked: record.asked, logger: logger)
                try await run.run(at: now) { outcome = $0 }
                return outcome
            }
            record.end(outcome?.statuses.isEmpty ?? true ? .done : .failed)
            if let told = outcome?.told { record.take(told) }
            if let outcome { tell(outcome) }
        } catch is CancellationError {
            record.end(.brokenOff)
            surroundings.writeError("hotfix: The check was broken off; the next one does the rest.\n")
        } catch let error as CommandError where error.status == .busy {
            record.end(.skipped)
            surroundings.writeError("hotfix: \(oneLine(error.description)) The next one here is made when it is due.\n")
        } catch {
            record.end(.failed)
            return complain(error)
        }
        return []
    }

    private func tell(_ outcome: CheckRun.Outcome) {
        for failure in outcome.failureTexts { surroundings.writeError("hotfix: \(failure)\n") }
        guard let readiness = outcome.readiness, isVerbose || outcome.report.hasNews else { return }
        let text = outcome.report.text(readiness, outcome.told, now: surroundings.now)
        // Where nobody reads what is printed, checks go on all the same.
        do { try surroundings.write(text + "\n") } catch { _ = complain(error) }
    }

    /// Tells what is due of what waits: by the configuration as it is now, as a check would.
    ///
    /// - Parameters:
    ///   - known: Where the ledger was at the last check; where nothing waits there, nothing else is read.
    ///   - before: What is known of it.
    /// - Returns: What is known then.
    private func tellWaiting(_ known: Workplace, after before: Untold) async -> Untold {
        var untold = before
        untold.next = surroundings.now + Self.pause
        var texts: [String] = []
        do {
            let ledger = try known.openLedger()
            guard !(try ledger.waitingCounts().isEmpty) else { return untold }
            let workplace = try configuration(secrets: [.sources, .channels])
            guard workplace.ledgerPath == known.ledgerPath else { return untold }
            (texts, untold.next) = try await withClient { client in
                let delivery = CheckDelivery(workplace: workplace, client: client, budget: Self.budget)
                let (due, now) = (try delivery.nextInstant(ledger), surroundings.now)
                let later = now + Self.longestPause
                guard let due, due <= now else { return ([], min(due ?? later, later)) }
                // Whoever else holds the lock tells it.
                guard let lock = try CheckLock.acquire(ledgerPath: workplace.ledgerPath) else {
                    return ([], now + Self.pause)
                }
                let told = try await delivery.tellWaiting(ledger)
                lock.release()
                record.take(told)
                return (told.failureTexts, surroundings.now + Self.pause)
            }
        } catch {
            texts = EntryPoint.ending(of: error)?.messages.map { oneLine($0) } ?? [oneLine("\(error)")]
        }
        for text in texts where untold.texts.insert(text).inserted { surroundings.writeError("hotfix: \(text)\n") }
        return untold
    }

    private func withClient<Value>(_ body: (HTTPClient) async throws -> Value) async throws -> Value {
        let client = surroundings.client()
        do {
            let value = try await body(client)
            await client.shutDown()
            return value
        } catch {
            await client.shutDown()
            throw error
        }
    }

    private func complain(_ error: any Error) -> Set<String> {
        let messages = (EntryPoint.ending(of: error)?.messages ?? ["\(error)"]).map { oneLine($0) }
        for message in messages { surroundings.writeError("hotfix: \(message)\n") }
        return Set(messages)
    }
}
