import HotfixAgent
import HotfixChannels
import HotfixConfiguration
import HotfixCore
import HotfixHTTP
import HotfixStore
import Logging

/// One check with all that belongs to it, as the timer has it run: judging, telling people, the tracker's files and the sign of life.
struct CheckRun {
    /// What came of it.
    struct Outcome {
        /// What was judged.
        var report: CheckReport
        /// The readiness after it; nil where nothing is watched.
        var readiness: Readiness?
        /// What came of telling people; nil where nobody was to be told.
        var told: DispatchReport?
        /// What of the tracker's files could not be done.
        var trackerFailures: [String] = []
        /// What makes its results doubtful, whatever they are.
        var doubt: String?

        /// What could not be done, one line each.
        var failureTexts: [String] {
            [doubt].compactMap(\.self) + report.failureTexts + (told?.failureTexts ?? []) + trackerFailures
        }

        /// What a check ends with that could not do all it should.
        var statuses: [ExitStatus] {
            (told?.statuses ?? []) + (doubt == nil ? [] : [.unusable]) + trackerFailures.map { _ in .unfinished }
                + report.failures.map { $0.error.isConfigurationError ? .wrong : .unfinished }
        }
    }

    let workplace: Workplace
    let client: HTTPClient
    /// The services that are checked; nil means all.
    var services: Set<String>?
    /// How long telling people may take.
    var budget: Duration
    /// Whether it makes the ledger where there is none.
    var makesLedger = true
    /// What makes its results doubtful, whatever they are: its sign of life tells of a failure then.
    var doubt: String?
    /// Where it is noted how often sources were asked.
    var asked = TallyBook()
    let logger: Logger

    /// Checks, tells people, and keeps the tracker's files, as the one check of the ledger.
    ///
    /// - Parameters:
    ///   - now: Windows that are due at this instant are judged.
    ///   - finish: Called with what came of it before others may check.
    /// - Throws: `CommandError` with status `busy` where another check runs; `LedgerError`, `Roster.WindowChange`, what `finish`
    ///   throws, and `CancellationError`.
    func run(at now: Instant, finish: (Outcome) throws -> Void) async throws {
        let pulse = workplace.heartbeat(client).map { CheckHeartbeat(heartbeat: $0) }
        do {
            // The ledger is opened before the lock is taken, since the lock lies beside it.
            let ledger = try workplace.openLedger(createIfMissing: makesLedger)
            guard let lock = try CheckLock.acquire(ledgerPath: workplace.ledgerPath) else {
                throw CommandError(
                    .busy, "Another check of \(workplace.ledgerPath) is running; this one changed nothing.")
            }
            async let start = pulse?.heartbeat.start(run: pulse?.run ?? "")
            var outcome = try await judge(at: now, ledger: ledger)
            let told = try await tell(outcome.readiness, ledger)
            outcome.told = told
            outcome.doubt = doubt
            complain(await start)
            let text = (outcome.report.failureTexts + told.failureTexts + [told.text].compactMap(\.self))
                .joined(separator: "\n")
            if let pulse, let doubt {
                complain(await pulse.heartbeat.failure(run: pulse.run, text: "\(doubt)\n\(text)"))
            } else if let pulse {
                let findings = workplace.settings.heartbeatFindings(outcome.report, told)
                complain(try await pulse.end(findings, text: text, ledger, at: now))
            }
            // The tracker's files are written under the lock too, lest an older check overwrite a newer one.
            if let readiness = outcome.readiness, let tracker = TrackerUpdate(workplace.settings, surroundings) {
                outcome.trackerFailures = await tracker.keep(readiness, now: surroundings.now)
            }
            try finish(outcome)
            lock.release()
        } catch let status as ExitStatus {
            throw status
        } catch let error as CommandError where error.status == .busy {
            // The check that runs gives its own sign of life.
            throw error
        } catch let error as CancellationError {
            // Nor did one that was broken off come to nothing: the next one goes on.
            throw error
        } catch {
            // Whoever waits for a sign of life has to know that this check came to nothing.
            if let pulse { complain(await pulse.heartbeat.failure(run: pulse.run, text: oneLine("\(error)"))) }
            throw error
        }
    }

    /// Asks and judges.
    ///
    /// - Parameters:
    ///   - now: Windows that are due at this instant are judged.
    ///   - ledger: The ledger.
    ///   - isDryRun: Whether nothing is written.
    /// - Returns: What came of it; nobody is told.
    /// - Throws: `LedgerError`, `Roster.WindowChange` and `CancellationError`.
    func judge(at now: Instant, ledger: SQLiteLedger, isDryRun: Bool = false) async throws -> Outcome {
        let sources = workplace.sources(client)
        let check = Check(
            ledger: ledger, sources: sources, watch: workplace.watch, retention: workplace.settings.ledgerRetention,
            plan: workplace.messagePlan(sources), asked: asked, logger: logger)
        let report = try await check.run(
            at: now, clock: surroundings.now, services: services, isDryRun: isDryRun)
        let clock = surroundings.now
        let readiness = report.snapshot.map {
            workplace.withNotWatched($0.readiness(at: max(report.at, clock), clock: clock))
        }
        return Outcome(report: report, readiness: readiness)
    }

    private func tell(_ readiness: Readiness?, _ ledger: SQLiteLedger) async throws -> DispatchReport {
        guard let readiness else { return DispatchReport() }
        return try await CheckDelivery(workplace: workplace, client: client, budget: budget).tell(ledger, readiness)
    }

    /// Says that a sign of life was not taken.
    private func complain(_ failure: String?) {
        if let failure { surroundings.writeError("hotfix: \(oneLine(failure))\n") }
    }

    private var surroundings: Surroundings { workplace.surroundings }
}
