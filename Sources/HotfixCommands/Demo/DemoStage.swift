import Foundation
import HotfixCore
package import HotfixDemo
import Synchronization

/// Where the demonstration plays: command lines are run in a directory, by the simulated clock, and shown as a user sees them.
package struct DemoStage: Sendable {
    /// What came of a command line.
    struct Run: Sendable {
        /// The command line.
        var line: String
        /// What it ended with.
        var status: ExitStatus
        /// What it wrote, errors included.
        var output: String
    }

    /// The directory with the configuration.
    let directory: String
    /// The simulated clock.
    let clock: SimulatedClock
    private let audience = Surroundings.current

    /// Makes a stage in front of whoever reads the current surroundings' output.
    package init(directory: String, clock: SimulatedClock) {
        self.directory = directory
        self.clock = clock
    }

    /// Opens a scene.
    func scene(_ number: Int, of count: Int, _ title: String, _ text: String) throws {
        try audience.write(
            "\n== \(number) of \(count): \(title) (simulated services; it is \(clock.now)) ==\n\n\(text)\n")
    }

    /// Says something between two command lines.
    func say(_ text: String) throws {
        try audience.write("\n\(text)\n")
    }

    /// Runs a command line and shows it with what it writes.
    ///
    /// - Parameters:
    ///   - arguments: The arguments, without the program's name.
    ///   - status: What it must end with.
    ///   - facts: What it must say.
    /// - Throws: `CommandError` where it comes out otherwise.
    package func show(_ arguments: [String], ends status: ExitStatus = .done, saying facts: [String] = []) async throws
    {
        let line = Self.line(arguments)
        try audience.write("\n$ \(line)\n")
        let run = await run(arguments)
        try audience.write(run.output)
        if run.status != .done { try audience.write("(ends with exit status \(run.status.rawValue))\n") }
        try expect(run, status, facts)
    }

    /// Shows a file.
    func show(file name: String, _ text: String) throws {
        try audience.write("\n$ cat \(name)\n\(text)")
    }

    /// Shows what people got in Slack since they last looked.
    ///
    /// - Parameters:
    ///   - slack: The simulated Slack.
    ///   - facts: What it must say.
    /// - Throws: `CommandError` where it says otherwise.
    func show(_ slack: DemoSlack, saying facts: [String]) throws {
        let news = slack.news()
        try audience.write("\nSlack (simulated) got, in #alerts:\n\n\(news)")
        guard let lacking = facts.first(where: { !news.contains($0) }) else { return }
        throw failure("Slack at \(clock.now) did not get '\(lacking)'", news)
    }

    /// Runs `hotfix check --quiet` as a timer does, until an instant, and shows nothing.
    ///
    /// - Parameters:
    ///   - end: The instant of the last one, at which the clock then stands.
    ///   - interval: The seconds between two.
    /// - Returns: How many there were.
    /// - Throws: `CommandError` where one of them ends with anything but 0.
    @discardableResult
    func checks(until end: Instant, every interval: Seconds) async throws -> Int {
        var count = 0
        while clock.now < end {
            clock.move(to: min(end, (clock.now + interval).floored(to: interval)))
            if audience.isTerminal { try audience.write("\r\u{1B}[2K  … simulated time \(clock.now)") }
            try expect(await run(["check", "--quiet"]), .done, [])
            count += 1
        }
        if audience.isTerminal { try audience.write("\r\u{1B}[2K") }
        return count
    }

    /// Runs a command line.
    func run(_ arguments: [String]) async -> Run {
        let output = Mutex("")
        let surroundings = surroundings(
            write: { text in output.withLock { $0 += text } }, writeError: { text in output.withLock { $0 += text } })
        let status = await Surroundings.$current.withValue(surroundings) { await EntryPoint.run(arguments) }
        return Run(line: Self.line(arguments), status: status, output: output.withLock { $0 })
    }

    /// What a command finds around it on the stage.
    func surroundings(
        write: @escaping @Sendable (String) throws -> Void, writeError: @escaping @Sendable (String) -> Void
    ) -> Surroundings {
        let clock = clock
        // How text is shown is the audience's; nothing else of its environment has a part in the story.
        let shown = ["NO_COLOR", "TERM", "LANG", "LC_ALL", "LC_CTYPE", "COLUMNS"]
        let environment = audience.environment.filter { shown.contains($0.key) }
            .merging([DemoFiles.tokenName: DemoFiles.token, DemoFiles.slackTokenName: SlackStandIn.token]) { $1 }
        return Surroundings(
            clock: { clock.seconds },
            // Waits take no time, lest their jitter make two demonstrations differ. No source is waited for as long as a
            // minute, after which telling people is over; it is done before.
            sleep: { if $0 >= .seconds(60) { try await Task.sleep(for: $0) } }, environment: environment,
            directory: directory,
            write: write, writeError: writeError, isTerminal: audience.isTerminal,
            terminalColumns: audience.terminalColumns)
    }

    /// Makes sure that a command came out as the story has it.
    private func expect(_ run: Run, _ status: ExitStatus, _ facts: [String]) throws {
        let lacking = facts.first { !run.output.contains($0) }
        guard run.status != status || lacking != nil else { return }
        let what =
            lacking.map { "did not say '\($0)'" } ?? "ended with \(run.status.rawValue), not \(status.rawValue)"
        throw failure("`\(run.line)` at \(clock.now) \(what)", run.output)
    }

    private func failure(_ what: String, _ output: String) -> CommandError {
        CommandError(
            .no, "The demonstration did not come out as told: \(what). Please report it with what it said: \(output)")
    }

    private static func line(_ arguments: [String]) -> String { (["hotfix"] + arguments).joined(separator: " ") }
}
