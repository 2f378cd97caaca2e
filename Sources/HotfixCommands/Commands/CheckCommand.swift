package import ArgumentParser
import Foundation
import HotfixAgent
import HotfixConfiguration
import HotfixCore
import HotfixHTTP
import HotfixStore
import HotfixTracker
import Logging

/// `hotfix check`: evaluates every due window.
package struct CheckCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Evaluate every due window; the one command that the timer runs.",
        discussion: """
            With --quiet the result is printed only where a window breached, an episode opened or closed, or something could \
            not be asked.
            """)

    @OptionGroup package var common: CommonOptions
    @Option(help: "Leave out windows that were not due at this time.")
    package var until: String?
    @Option(name: .customLong("service"), help: "Only this service; may be repeated.", completion: .services)
    package var services: [String] = []
    @Flag(help: "Ask and judge, but write nothing.")
    package var dryRun = false
    @Flag(help: "End with 1 where a window that was judged now is a confirmed breach.")
    package var failOnBreach = false
    @Option(help: "How the result is printed.")
    package var format = OutputFormat.text

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let workplace = try Workplace(config: common.config, secrets: [.sources])
        let selected = try workplace.selected(services)
        let clock = surroundings.now
        let now = min(clock, try until.map { try HotfixCommand.instant($0, "--until") } ?? clock)
        if dryRun {
            try await finish(try await check(workplace, selected, at: now), workplace)
            return
        }
        // The ledger is opened before the lock is taken, since the lock lies beside it.
        let ledger = try workplace.openLedger(createIfMissing: true)
        guard let lock = try CheckLock.acquire(ledgerPath: workplace.ledgerPath) else {
            throw CommandError(.busy, "Another check of \(workplace.ledgerPath) is running; this one changed nothing.")
        }
        let report = try await check(workplace, selected, at: now, ledger: ledger)
        // The tracker's file is written under the lock too, lest an older check overwrite a newer one.
        try await finish(report, workplace)
        lock.release()
    }

    private func check(
        _ workplace: Workplace, _ selected: Set<String>?, at now: Instant, ledger: SQLiteLedger? = nil
    ) async throws -> CheckReport {
        let surroundings = Surroundings.current
        let client = HTTPClient(
            agent: "hotfix/\(Version.text)", wallClock: surroundings.clock, sleep: surroundings.sleep)
        let check = Check(
            ledger: try ledger ?? dryRunLedger(workplace), sources: workplace.sources(client), watch: workplace.watch,
            retention: workplace.settings.ledgerRetention, logger: logger(surroundings))
        do {
            let report = try await check.run(
                at: now, clock: surroundings.now, services: selected, isDryRun: dryRun)
            await client.shutDown()
            return report
        } catch {
            await client.shutDown()
            throw error
        }
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

    private func finish(_ report: CheckReport, _ workplace: Workplace) async throws {
        let surroundings = Surroundings.current
        let now = surroundings.now
        guard let snapshot = report.snapshot else { return }
        let readiness = workplace.withNotWatched(snapshot.readiness(at: max(report.at, now), clock: now))
        for failure in report.failureTexts { surroundings.writeError("hotfix: \(failure)\n") }
        var statuses: [ExitStatus] = []
        if let tracker = workplace.settings.tracker, !dryRun {
            do {
                try writeStability(readiness: readiness, to: tracker.statusFile, at: now)
            } catch {
                surroundings.writeError("hotfix: \(oneLine("\(error)"))\n")
                statuses.append(.unfinished)
            }
        }
        for failure in report.failures {
            statuses.append(failure.error.isConfigurationError ? .wrong : .unfinished)
        }
        // A timer's mail is read only as long as it is rare.
        if !common.quiet || format == .json || !statuses.isEmpty || report.hasNews {
            try surroundings.write(
                (format == .json ? report.json(readiness).text : report.text(readiness, now: now)) + "\n")
        }
        if failOnBreach, report.hasBreach { statuses.append(.no) }
        let status = ExitStatus.gravest(statuses)
        if status != .done { throw status }
    }
}
