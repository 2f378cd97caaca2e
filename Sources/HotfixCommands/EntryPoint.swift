import ArgumentParser

/// Where the process starts: parses the command line, runs the command, ends with its exit code.
package enum EntryPoint {
    /// Runs the command that the process was called with.
    package static func run() async {
        await HotfixCommand.main()
    }
}
