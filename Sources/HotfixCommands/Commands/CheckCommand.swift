package import ArgumentParser
import Foundation
import HotfixAgent
import HotfixChannels
import HotfixConfiguration
import HotfixCore
import HotfixHTTP
import HotfixStore
import Logging

/// `hotfix check`: evaluates every due window.
package struct CheckCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Evaluate every due window; the one command that the timer runs.",
        discussion: """
            With --quiet the result is printed only where a window breached, an episode opened or closed, or something could \
            not be asked or told.
            """)

    @OptionGroup package var common: CommonOptions
    @Option(help: "Leave out windows that were not due at this time.")
    package var until: String?
    @Option(name: .customLong("service"), help: "Only this service; may be repeated.", completion: .services)
    package var services: [String] = []
    @Flag(help: "Ask and judge, but write nothing.")
    package var dryRun = false
    @Option(help: "How long telling people may take; what is left is told by the next check.")
    package var deliverWithin = "60s"
    @Flag(help: "End with 1 where a window that was judged now is a confirmed breach.")
    package var failOnBreach = false
    @Option(help: "How the result is printed.")
    package var format = OutputFormat.text

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let budget = try deliveryBudget()
        let workplace = try Workplace(config: common.config, secrets: dryRun ? [.sources] : [.sources, .channels])
        let selected = try workplace.selected(services)
        let clock = surroundings.now
        let now = min(clock, try until.map { try HotfixCommand.instant($0, "--until") } ?? clock)
        let client = surroundings.client()
        do {
            if dryRun {
                let report = try await check(workplace, client, selected, at: now, ledger: try dryRunLedger(workplace))
                try await finish(report, readiness(report, workplace), nil, workplace)
            } else {
                try await checkAndTell(workplace, client, selected, at: now, budget: budget)
            }
            await client.shutDown()
        } catch {
            await client.shutDown()
            throw error
        }
    }

    private func deliveryBudget() throws -> Duration {
        guard let seconds = parseDuration(deliverWithin) else {
            throw CommandError(
                .wrong, "--deliver-within '\(oneLine(deliverWithin))' is not a duration. Write it as 60s or 2m.")
        }
        return .seconds(seconds)
    }

    private func checkAndTell(
        _ workplace: Workplace, _ client: HTTPClient, _ selected: Set<String>?, at now: Instant, budget: Duration
    ) async throws {
        let pulse = workplace.heartbeat(client).map { CheckHeartbeat(heartbeat: $0) }
        do {
            // The ledger is opened before the lock is taken, since the lock lies beside it.
            let ledger = try workplace.openLedger(createIfMissing: true)
            guard let lock = try CheckLock.acquire(ledgerPath: workplace.ledgerPath) else {
                throw CommandError(
                    .busy, "Another check of \(workplace.ledgerPath) is running; this one changed nothing.")
            }
            async let start = pulse?.heartbeat.start(run: pulse?.run ?? "")
            let report = try await check(workplace, client, selected, at: now, ledger: ledger)
            let delivery = CheckDelivery(workplace: workplace, client: client, budget: budget)
            var told = DispatchReport()
            let readiness = readiness(report, workplace)
            if let readiness { told = try await delivery.tell(ledger, readiness) }
            complain(await start)
            if let pulse {
                let text = (report.failureTexts + told.failureTexts + [told.text].compactMap(\.self))
                    .joined(separator: "\n")
                let findings = workplace.settings.heartbeatFindings(report, told)
                complain(try await pulse.end(findings, text: text, ledger, at: now))
            }
            // The tracker's files are written under the lock too, lest an older check overwrite a newer one.
            try await finish(report, readiness, told, workplace)
            lock.release()
        } catch let status as ExitStatus {
            throw status
        } catch let error as CommandError where error.status == .busy {
            // The check that runs gives its own sign of life.
            throw error
        } catch {
            // Whoever waits for a sign of life has to know that this check came to nothing.
            if let pulse { complain(await pulse.heartbeat.failure(run: pulse.run, text: oneLine("\(error)"))) }
            throw error
        }
    }

    /// Says that a sign of life was not taken.
    private func complain(_ failure: String?) {
        if let failure { Surroundings.current.writeError("hotfix: \(oneLine(failure))\n") }
    }

    private func check(
        _ workplace: Workplace, _ client: HTTPClient, _ selected: Set<String>?, at now: Instant, ledger: SQLiteLedger
    ) async throws -> CheckReport {
        let surroundings = Surroundings.current
        let sources = workplace.sources(client)
        let check = Check(
            ledger: ledger, sources: sources, watch: workplace.watch,
            retention: workplace.settings.ledgerRetention, plan: workplace.messagePlan(sources),
            logger: logger(surroundings))
        return try await check.run(at: now, clock: surroundings.now, services: selected, isDryRun: dryRun)
    }

    private func dryRunLedger(_ workplace: Workplace) throws -> SQLiteLedger {
        let exists = FileManager.default.fileExists(atPath: workplace.ledgerPath)
        return exists ? try workplace.openLedger() : try SQLiteLedger.inMemory()
    }

    private func logger(_ surroundings: Surroundings) -> Logger {
        var logger = Logger(label: "hotfix") { _ in ErrorStreamHandler(write: surroundings.writeError) }
        logger.logLevel = common.verbose ? .debug : common.quiet ? .error : .notice
        return logger
    }

    private func readiness(_ report: CheckReport, _ workplace: Workplace) -> Readiness? {
        let now = Surroundings.current.now
        return report.snapshot.map {
            workplace.withNotWatched($0.readiness(at: max(report.at, now), clock: now))
        }
    }

    private func finish(
        _ report: CheckReport, _ readiness: Readiness?, _ told: DispatchReport?, _ workplace: Workplace
    ) async throws {
        let surroundings = Surroundings.current
        let now = surroundings.now
        guard let readiness else { return }
        for failure in report.failureTexts + (told?.failureTexts ?? []) {
            surroundings.writeError("hotfix: \(failure)\n")
        }
        var statuses = told?.statuses ?? []
        if let tracker = TrackerUpdate(workplace.settings), !dryRun {
            for failure in await tracker.keep(readiness, now: now) {
                surroundings.writeError("hotfix: \(failure)\n")
                statuses.append(.unfinished)
            }
        }
        for failure in report.failures {
            statuses.append(failure.error.isConfigurationError ? .wrong : .unfinished)
        }
        // A timer's mail is read only as long as it is rare.
        if !common.quiet || format == .json || !statuses.isEmpty || report.hasNews {
            try surroundings.write(
                (format == .json
                    ? report.json(readiness, told).text : report.text(readiness, told, now: now)) + "\n")
        }
        if failOnBreach, report.hasBreach { statuses.append(.no) }
        let status = ExitStatus.gravest(statuses)
        if status != .done { throw status }
    }
}
