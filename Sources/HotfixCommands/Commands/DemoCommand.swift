package import ArgumentParser
import Foundation
import HotfixCore

/// `hotfix demo`: the whole story on simulated services.
package struct DemoCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Show the whole story of a hotfix on simulated services, in less than a minute.",
        discussion: """
            Two services, their Sentry, their Prometheus and a Slack are simulated by servers on loopback, and the clock runs \
            fast. Everything else is what `hotfix` does every day: the commands, the sources, the ledger, the messages, the page, \
            which on a terminal is served in the end, on this machine alone, until Ctrl-C. Needs no configuration and leaves \
            nothing behind.
            """)

    @Option(
        help: ArgumentHelp(
            "An empty or new directory that keeps the configuration and the ledger, to go on with.",
            valueName: "directory"))
    package var keep: String?

    @Flag(help: "Serve the page in the end, also where standard output is no terminal, until interrupted.")
    package var page = false

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let hasPage = page || surroundings.isTerminal
        if let keep {
            let directory = URL(
                fileURLWithPath: keep, relativeTo: URL(fileURLWithPath: surroundings.directory, isDirectory: true)
            ).standardizedFileURL.path
            try Self.makeEmpty(directory, named: keep)
            let story = try await DemoStory.play(in: directory, hasPage: hasPage)
            try surroundings.write(story.waysOn(config: "\(directory)/\(DemoFiles.settingsName)"))
        } else {
            let scratch = try ScratchDirectory()
            defer { scratch.remove() }
            try await DemoStory.play(in: scratch.path, hasPage: hasPage)
            try surroundings.write(
                """

                Nothing was left behind. `hotfix demo --keep DIRECTORY` keeps the configuration and the ledger, to look at
                what was simulated here; `hotfix config example` prints a configuration for services of your own.

                """)
        }
    }

    private static func makeEmpty(_ directory: String, named name: String) throws {
        let files = FileManager.default
        do {
            try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
            guard try files.contentsOfDirectory(atPath: directory).isEmpty else {
                throw CommandError(
                    .wrong, "--keep '\(oneLine(name))' is not empty. Give a directory that is, or does not exist yet.")
            }
        } catch let error as CocoaError {
            throw CommandError(
                .wrong,
                "--keep '\(oneLine(name))' can't be used: \(oneLine(error.localizedDescription)) Give another directory."
            )
        }
    }
}
