package import HotfixCore

/// The report of what is left to do, in Markdown, which lies beside the status file.
package struct OutstandingReport: Sendable, Hashable {
    /// What the status file says.
    package var record: TrackerRecord

    /// Makes a report.
    package init(_ record: TrackerRecord) {
        self.record = record
    }

    /// The report; the same as long as nothing changes that is worth another commit.
    ///
    /// None of the text from outside is markup, and no line begins with it. It says nothing of git: whoever writes it, with git at hand
    /// or without, writes the same.
    ///
    /// - Parameter now: The instant that stability is held against.
    /// - Returns: Lines, with the end of the last.
    package func markdown(at now: Instant) -> String {
        let tasks = OutstandingTask.tasks(of: record, at: now)
        let telling = RecordTelling(.hourly, at: now, outside: markdownText)
        var lines = [
            "# Hotfix: Outstanding Items", "",
            "As of the newest `hotfix check` or `hotfix status --write`; `hotfix status` says what holds now.", "",
            "## Current Status", "",
        ]
        lines += telling.facts(of: record).map { "- \($0.name): \($0.value)" }
        lines += ["", "## Outstanding Tasks", ""]
        lines += tasks.map { "- [ ] \($0.title(of: record, telling)) (`\($0.command)`)" }
        if tasks.isEmpty { lines.append("Nothing is left to do.") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Keeps the report of a status file at a path; it is written only where it changes.
    ///
    /// The status file is read under the lock of the report, lest an older state replace a newer one.
    ///
    /// - Parameters:
    ///   - path: Where the report is; a symbolic link is followed, and missing directories are made.
    ///   - statusFile: The status file.
    ///   - now: The instant that stability is held against.
    /// - Returns: Whether it was written.
    /// - Throws: ``StatusFileError``; the report is then left as it was.
    @discardableResult
    package static func keep(
        at path: String, of statusFile: String, now: Instant
    ) throws(StatusFileError) -> Bool {
        guard path != statusFile, FileIdentity(path: path).map({ $0 != FileIdentity(path: statusFile) }) ?? true else {
            throw StatusFileError(
                path: path, message: "this is the status file itself. Name another file for the report.",
                isWrongCall: true)
        }
        let directory = try StatusDirectory(ofFile: path)
        defer { directory.unlock() }
        let record = try TrackerRecord(StatusFile.read(path: statusFile), path: statusFile)
        let text = OutstandingReport(record).markdown(at: now)
        let stored = try StoredFile(reading: directory.file, shown: path)
        guard stored?.bytes != Array(text.utf8) else { return false }
        guard try directory.replace(stored?.facts, by: text) else {
            throw StatusFileError(
                path: path, message: "another program writes it. Find out which, and run the command again.")
        }
        return true
    }
}
