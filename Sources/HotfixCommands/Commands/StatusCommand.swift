package import ArgumentParser
import Foundation
import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// `hotfix status`: what the tracker says of the hotfix, what git says, and what is left to do.
package struct StatusCommand: PromptCommand {
    package static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tell how far the hotfix is, what is left to do, and where git says otherwise.",
        discussion: """
            What the status file says is printed first; git, and origin, are asked then. With --file-only they are not, and where \
            --status-file is given no configuration is read either. It ends with 0 whatever is left to do.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var tracker: TrackerOptions
    @Option(help: "Write the report in Markdown to this file too.", completion: .file(extensions: ["md"]))
    package var write: String?
    @Flag(help: "Do not ask git.")
    package var fileOnly = false
    @Option(help: "How the result is printed.")
    package var format = OutputFormat.text

    package init() {}

    package func validate() throws {
        if write?.isEmpty == true { throw ValidationError("--write names no file.") }
    }

    package mutating func begin() async throws {
        let surroundings = Surroundings.current
        let now = surroundings.now
        let place = fileOnly && tracker.statusFile != nil ? nil : try TrackerPlace(common, tracker)
        let path = try place?.statusFile ?? TrackerPlace.statusFile(tracker, in: surroundings.directory) ?? ""
        let status = try StatusFile.read(path: path)
        let record = try TrackerRecord(status, path: path)
        let isWritten = FileManager.default.fileExists(atPath: path)
        if format == .text { try surroundings.write(text(record, path: path, isWritten: isWritten, at: now)) }
        var comparison: GitComparison?
        if !fileOnly, let place { comparison = await GitComparison(place, status, record) }
        switch format {
        case .text: if let comparison { try surroundings.write(comparison.text) }
        case .json: try surroundings.write(json(status, record, path: path, comparison, at: now).text + "\n")
        }
        if let write {
            let report = absolutePath(write, in: surroundings.directory)
            try OutstandingReport.keep(at: report, of: path, now: now)
        }
        if let failure = comparison?.failure { throw failure }
        // A program has been told by the caveats.
        if let silence = comparison?.silence {
            throw format == .json ? ExitStatus.unfinished : CommandError(.unfinished, silence) as any Error
        }
    }

    private func text(_ record: TrackerRecord, path: String, isWritten: Bool, at now: Instant) -> String {
        let telling = RecordTelling(.exact, at: now, outside: oneLine)
        let updated = record.lastUpdated.map { ", changed \(oneLine($0))" } ?? ""
        var lines = ["\(oneLine(path))\(isWritten ? updated : " is not there yet"):"]
        lines.append(table(telling.facts(of: record).map { [$0.name, $0.value] }))
        let tasks = OutstandingTask.tasks(of: record, at: now)
        lines.append(tasks.isEmpty ? "Nothing is left to do." : "Outstanding:")
        lines += tasks.enumerated().map { "  \($0 + 1). \($1.title(of: record, telling)) (\($1.command))" }
        return lines.joined(separator: "\n") + "\n"
    }

    private func json(
        _ status: StatusFile, _ record: TrackerRecord, path: String, _ comparison: GitComparison?, at now: Instant
    ) -> JSONValue {
        let telling = RecordTelling(.exact, at: now, outside: { $0 })
        let tasks = OutstandingTask.tasks(of: record, at: now).map { task in
            JSONValue.object([
                "task": JSONValue(task.rawValue), "title": JSONValue(task.title(of: record, telling)),
                "command": JSONValue(task.command),
            ])
        }
        return .object([
            "statusFile": JSONValue(path), "status": .object(status.root),
            "isProven": .boolean(record.isProven(at: now)),
            "outstanding": .array(tasks), "git": comparison?.json ?? .null,
        ])
    }
}
