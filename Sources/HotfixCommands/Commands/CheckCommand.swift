package import ArgumentParser
import Foundation
import HotfixAgent
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
        let check = CheckRun(
            workplace: workplace, client: client, services: selected, budget: budget, logger: logger(surroundings))
        do {
            if dryRun {
                try finish(try await check.judge(at: now, ledger: try dryRunLedger(workplace), isDryRun: true))
            } else {
                try await check.run(at: now, finish: finish)
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

    private func dryRunLedger(_ workplace: Workplace) throws -> SQLiteLedger {
        let exists = FileManager.default.fileExists(atPath: workplace.ledgerPath)
        return exists ? try workplace.openLedger() : try SQLiteLedger.inMemory()
    }

    private func logger(_ surroundings: Surroundings) -> Logger {
        var logger = Logger(label: "hotfix") { _ in ErrorStreamHandler(write: surroundings.writeError) }
        logger.logLevel = common.verbose ? .debug : common.quiet ? .error : .notice
        return logger
    }

    private func finish(_ outcome: CheckRun.Outcome) throws {
        let surroundings = Surroundings.current
        let now = surroundings.now
        guard let readiness = outcome.readiness else { return }
        let report = outcome.report
        for failure in outcome.failureTexts { surroundings.writeError("hotfix: \(failure)\n") }
        var statuses = outcome.statuses
        // A timer's mail is read only as long as it is rare.
        if !common.quiet || format == .json || !statuses.isEmpty || report.hasNews {
            try surroundings.write(
                (format == .json
                    ? report.json(readiness, outcome.told).text : report.text(readiness, outcome.told, now: now)) + "\n"
            )
        }
        if failOnBreach, report.hasBreach { statuses.append(.no) }
        let status = ExitStatus.gravest(statuses)
        if status != .done { throw status }
    }
}
