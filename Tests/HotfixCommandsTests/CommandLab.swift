import Foundation
import HotfixCommands
import HotfixCore
import HotfixTestSupport
import Synchronization

/// Noon of the day that tests take place on.
let noon = Instant(1_795_176_000)

/// A full commit id.
let commit = String(repeating: "a1", count: 20)

/// What came of a command.
struct Run: Equatable, Sendable {
    var status: ExitStatus
    var output = ""
    var errors = ""

    init(_ status: ExitStatus, _ output: String = "", errors: String = "") {
        self.status = status
        self.output = output
        self.errors = errors
    }
}

/// What came of a command line as a process would end: a plugin has exit codes of its own.
struct Ended: Equatable, Sendable {
    var code: Int32
    var output: String
    var errors = ""

    init(_ code: Int32, _ output: String, errors: String = "") {
        self.code = code
        self.output = output
        self.errors = errors
    }
}

/// A working directory, a clock that only tests move, and the command line run in them.
final class CommandLab: Sendable {
    let directory: String
    let environment: [String: String]
    private let time: Mutex<Double>

    init(directory: String, environment: [String: String], now: Instant) {
        self.directory = directory
        self.environment = environment
        time = Mutex(Double(now.seconds))
    }

    /// The time, which waits between attempts move on too.
    var clock: Double { time.withLock { $0 } }

    var now: Instant {
        get { Instant(Int(clock)) }
        set { time.withLock { $0 = Double(newValue.seconds) } }
    }

    /// Runs a command line.
    @discardableResult
    func run(_ arguments: String..., isTerminal: Bool = false) async -> Run {
        await run(arguments, isTerminal: isTerminal)
    }

    /// Runs a command line at an instant.
    @discardableResult
    func run(at instant: Instant, _ arguments: String...) async -> Run {
        now = instant
        return await run(arguments)
    }

    /// Runs a command line.
    @discardableResult
    func run(_ arguments: [String], isTerminal: Bool = false) async -> Run {
        let (status, output, errors) = await inSurroundings(isTerminal: isTerminal) { await EntryPoint.run(arguments) }
        return Run(status, output, errors: errors)
    }

    /// Runs a command line, and says what the process would end with.
    @discardableResult
    func process(_ arguments: String...) async -> Ended { await process(arguments) }

    /// Runs a command line, and says what the process would end with.
    @discardableResult
    func process(_ arguments: [String]) async -> Ended {
        let (code, output, errors) = await inSurroundings { await EntryPoint.exitCode(of: arguments) }
        return Ended(code, output, errors: errors)
    }

    private func inSurroundings<Result: Sendable>(
        isTerminal: Bool = false, _ body: @Sendable () async -> Result
    ) async -> (Result, output: String, errors: String) {
        let written = Mutex((output: "", errors: ""))
        let surroundings = Surroundings(
            clock: { self.clock }, sleep: { self.advance($0) }, environment: environment, directory: directory,
            write: { text in written.withLock { $0.output += text } },
            writeError: { text in written.withLock { $0.errors += text } }, isTerminal: isTerminal)
        let result = await Surroundings.$current.withValue(surroundings, operation: body)
        let (output, errors) = written.withLock { $0 }
        return (result, output, errors)
    }

    /// Moves the clock on.
    func advance(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        time.withLock { $0 += Double(seconds) + Double(attoseconds) / 1e18 }
    }

    /// Runs a check after each of the boundaries in `(from, to]`, and says what the last one came to.
    @discardableResult
    func checks(from: Instant, to: Instant, _ arguments: String...) async -> Run {
        var last = Run(.done)
        for boundary in stride(from: from.seconds + 300, through: to.seconds, by: 300) {
            now = Instant(boundary + 130)
            last = await run(["check"] + arguments)
        }
        return last
    }

    /// The absolute path of a file in the directory.
    func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// Writes a file into the directory.
    func write(_ text: String, to name: String) throws {
        let url = URL(fileURLWithPath: path(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    /// The bytes of every file below the directory, by its path from there.
    func files() throws -> [String: Data] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: directory)
        return Dictionary(
            uniqueKeysWithValues: names.compactMap { name in
                FileManager.default.contents(atPath: path(name)).map { (name, $0) }
            })
    }

    /// The rows of `ledger export` as dictionaries by column; none where there is no ledger.
    func rows(_ arguments: String...) async -> [[String: String]] {
        let export = await run(["ledger", "export"] + arguments)
        guard export.status == .done else { return [] }
        let lines = export.output.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
    }

    /// The verdicts of a guardrail as `HH:MM verdict reason`, in the order of the windows.
    func verdicts(of guardrail: String = "error-rate", _ arguments: String...) async -> [String] {
        await rows().filter { $0["guardrail"] == guardrail }.map { row in
            let start = row["window_start"] ?? ""
            return [String(start.dropFirst(11).prefix(5)), row["verdict"] ?? "", row["reason"] ?? ""]
                .filter { !$0.isEmpty }.joined(separator: " ")
        }
    }
}

/// Runs a body with a directory that holds some files.
func withCommands(
    _ files: [String: String] = [:], environment: [String: String] = [:], now: Instant = noon + 430,
    _ body: (CommandLab) async throws -> Void
) async throws {
    try await withTemporaryDirectory { directory in
        let lab = CommandLab(directory: directory, environment: environment, now: now)
        for (name, text) in files { try lab.write(text, to: name) }
        try await body(lab)
    }
}
