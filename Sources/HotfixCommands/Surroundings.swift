import Foundation
package import HotfixCore
import Synchronization

/// What a command finds around it: clock, environment, working directory, standard output and error.
///
/// The only place where the process's own are read; tests put theirs in their stead.
package struct Surroundings: Sendable {
    /// The clock: Unix seconds.
    package var clock: @Sendable () -> Double
    /// The environment's variables.
    package var environment: [String: String]
    /// The working directory, absolute.
    package var directory: String
    /// Writes results.
    package var write: @Sendable (String) -> Void
    /// Writes everything else.
    package var writeError: @Sendable (String) -> Void
    /// Whether results go to a terminal.
    package var isTerminal: Bool

    /// Makes surroundings.
    package init(
        clock: @escaping @Sendable () -> Double, environment: [String: String], directory: String,
        write: @escaping @Sendable (String) -> Void, writeError: @escaping @Sendable (String) -> Void,
        isTerminal: Bool = false
    ) {
        self.clock = clock
        self.environment = environment
        self.directory = directory
        self.write = write
        self.writeError = writeError
        self.isTerminal = isTerminal
    }

    /// The surroundings of the command that runs.
    @TaskLocal package static var current = Surroundings.process

    /// Those of the process.
    package static let process = Surroundings(
        clock: { Date().timeIntervalSince1970 }, environment: ProcessInfo.processInfo.environment,
        directory: FileManager.default.currentDirectoryPath,
        write: { writeAll($0, to: 1) }, writeError: { writeAll($0, to: 2) }, isTerminal: isatty(1) == 1)

    /// The instant now, in whole seconds.
    package var now: Instant { Instant(Int(clock().rounded(.down))) }

    /// Makes a path absolute.
    package func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : directory + "/" + path
    }
}

private func writeAll(_ text: String, to descriptor: Int32) {
    var rest = ArraySlice(Array(text.utf8))
    while !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        // A reader that went away (a closed pipe) wants no more.
        guard written > 0 else { return }
        rest = rest.dropFirst(written)
    }
}
