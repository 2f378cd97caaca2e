import Foundation
package import HotfixCore
import Synchronization

/// What a command finds around it: clock, environment, working directory, standard output and error.
///
/// The only place where the process's own are read; tests put theirs in their stead.
package struct Surroundings: Sendable {
    /// The clock: Unix seconds.
    package var clock: @Sendable () -> Double
    /// How it waits between attempts to reach a source.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// The environment's variables.
    package var environment: [String: String]
    /// The working directory, absolute.
    package var directory: String
    /// Writes results; throws `CommandError` where they cannot be written.
    package var write: @Sendable (String) throws -> Void
    /// Writes everything else.
    package var writeError: @Sendable (String) -> Void
    /// Whether results go to a terminal.
    package var isTerminal: Bool
    /// The columns of that terminal; nil where there is none, or it does not say.
    package var terminalColumns: Int?
    /// Asks whoever sits at the terminal, and reads one line; nil where nobody does.
    package var ask: @Sendable (String) -> String? = { _ in nil }
    /// Whether somebody sits at the terminal that the process belongs to, whom an ssh could ask for a password.
    package var isAttended = false
    /// Whether they are the process's own, whose signals then end a server.
    package var isProcess = false

    /// Makes surroundings.
    package init(
        clock: @escaping @Sendable () -> Double,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        environment: [String: String], directory: String, write: @escaping @Sendable (String) throws -> Void,
        writeError: @escaping @Sendable (String) -> Void, isTerminal: Bool = false, terminalColumns: Int? = nil
    ) {
        self.clock = clock
        self.sleep = sleep
        self.environment = environment
        self.directory = directory
        self.write = write
        self.writeError = writeError
        self.isTerminal = isTerminal
        self.terminalColumns = terminalColumns
    }

    /// The surroundings of the command that runs.
    @TaskLocal package static var current = Surroundings.process

    /// Those of the process.
    package static let process: Surroundings = {
        var surroundings = ofProcess
        surroundings.isProcess = true
        surroundings.isAttended = hasTerminal()
        surroundings.ask = { question in
            guard isatty(0) == 1 else { return nil }
            _ = writeAll(question, to: 2)
            return readLine()
        }
        return surroundings
    }()

    private static let ofProcess = Surroundings(
        clock: { Date().timeIntervalSince1970 }, environment: ProcessInfo.processInfo.environment,
        directory: FileManager.default.currentDirectoryPath,
        write: { text in
            guard let code = writeAll(text, to: 1) else { return }
            throw CommandError(
                .unfinished,
                "The result could not be written to standard output: \(String(cString: strerror(code))). Mend "
                    + "that, and run the command again.")
        },
        // Where standard error cannot be written, nobody is left to tell.
        writeError: { _ = writeAll($0, to: 2) }, isTerminal: isatty(1) == 1,
        terminalColumns: columnsOfTerminal())

    /// The instant now, in whole seconds.
    package var now: Instant { Instant(Int(clock().rounded(.down))) }
}

/// Whether the process belongs to a terminal, wherever its input and output go.
private func hasTerminal() -> Bool {
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard terminal >= 0 else { return false }
    close(terminal)
    return true
}

/// The width of the terminal that standard output is; nil where it is none.
private func columnsOfTerminal() -> Int? {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
}

/// Writes all of a text; nil, or the system's number of the error that ended it.
private func writeAll(_ text: String, to descriptor: Int32) -> Int32? {
    var rest = ArraySlice(Array(text.utf8))
    while !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if written >= 0 {
            rest = rest.dropFirst(written)
            continue
        }
        switch errno {
        case EINTR: continue
        case EAGAIN:
            var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&ready, 1, -1)
        // A reader that went away (a closed pipe) wants no more.
        case EPIPE: return nil
        case let code: return code
        }
    }
    return nil
}
