package import ArgumentParser
import HotfixAgent
import HotfixConfiguration
import HotfixCore
import HotfixHTTP
import HotfixStore
import HotfixTracker
import Logging

/// `hotfix verify`: derives the ledger afresh from the sources and compares.
package struct VerifyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Derive the ledger afresh from the sources, and tell every difference.",
        discussion: """
            Ends with 1 where something differs, also where --write records it; with 3 where a part could not be asked, which \
            is then not verified. What people recorded, the versions of policies, and that a streak was asked once more, are taken \
            from the ledger.
            """)

    @OptionGroup package var common: CommonOptions
    @Option(help: "Only windows that start at or after this time; what they rest on is asked too.")
    package var from: String?
    @Option(help: "Only windows that start before this time.")
    package var to: String?
    @Option(name: .customLong("service"), help: "Only this service; may be repeated.")
    package var services: [String] = []
    @Flag(help: "Record what differs as revisions: what the ledger said is kept, and what is derived counts.")
    package var write = false
    @Option(help: "How the result is printed.")
    package var format = OutputFormat.text

    package init() {}

    package mutating func run() async throws {
        let workplace = try Workplace(config: common.config, secrets: [.sources])
        let selected = try workplace.selected(services)
        let range = VerificationRange(
            from: try from.map { try HotfixCommand.instant($0, "--from") },
            to: try to.map { try HotfixCommand.instant($0, "--to") })
        if let from = range.from, let to = range.to, to <= from {
            throw CommandError(.wrong, "--to \(to) is not after --from \(from).")
        }
        let ledger = try workplace.openLedger()
        guard write else {
            try finish(try await verify(ledger, workplace, selected, range), workplace)
            return
        }
        guard let lock = try CheckLock.acquire(ledgerPath: workplace.ledgerPath) else {
            throw CommandError(.busy, "A check of \(workplace.ledgerPath) is running; nothing was verified.")
        }
        let report = try await verify(ledger, workplace, selected, range)
        lock.release()
        try finish(report, workplace)
    }

    private func verify(
        _ ledger: SQLiteLedger, _ workplace: Workplace, _ selected: Set<String>?, _ range: VerificationRange
    ) async throws -> VerificationReport {
        let surroundings = Surroundings.current
        let client = surroundings.client()
        var logger = Logger(label: "hotfix") { _ in ErrorStreamHandler(write: surroundings.writeError) }
        logger.logLevel = common.verbose ? .debug : common.quiet ? .error : .notice
        let verification = Verification(
            ledger: ledger, sources: workplace.sources(client), watch: workplace.watch, logger: logger)
        do {
            let report = try await verification.run(
                at: surroundings.now, range: range, services: selected, writes: write)
            await client.shutDown()
            return report
        } catch {
            await client.shutDown()
            throw error
        }
    }

    private func finish(_ report: VerificationReport, _ workplace: Workplace) throws {
        let surroundings = Surroundings.current
        guard report.checkedAt != nil else {
            throw CommandError(
                .wrong,
                "No check has filled the ledger \(workplace.ledgerPath): there is nothing to verify. Run 'hotfix check'."
            )
        }
        for failure in failureTexts(report.failures + report.versionFailures) {
            surroundings.writeError("hotfix: \(failure)\n")
        }
        var statuses: [ExitStatus] = report.failures.map { $0.error.isConfigurationError ? .wrong : .unfinished }
        statuses += report.versionFailures.map { $0.error.isConfigurationError ? .wrong : .unfinished }
        if !report.isWhole { statuses.append(.unfinished) }
        if !report.differences.isEmpty { statuses.append(.no) }
        if !common.quiet || format == .json || !statuses.isEmpty {
            try surroundings.write((format == .json ? report.json.text : report.text(now: surroundings.now)) + "\n")
        }
        if report.isWritten == false {
            surroundings.writeError(
                "hotfix: The ledger changed while it was verified, so that nothing was recorded. Run the command again.\n"
            )
            statuses.append(.busy)
        }
        let status = ExitStatus.gravest(statuses)
        if status != .done { throw status }
    }
}
