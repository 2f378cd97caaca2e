package import HotfixCore

extension StatusFile {
    /// Changes a status file: waits for its lock, reads it again, applies the change, replaces the file.
    ///
    /// Whoever reads the file sees it before or after the change. Where the change changes nothing, nothing is written.
    ///
    /// - Parameters:
    ///   - path: The file; a symbolic link is followed, and missing directories are made.
    ///   - at: What `lastUpdated` becomes.
    ///   - apply: The change. It is asked again when someone who takes no lock wrote the file meanwhile.
    /// - Returns: Whether the file was written.
    /// - Throws: ``StatusFileError``, or what `apply` throws; the file is then left as it was.
    @discardableResult
    package static func update(
        path: String, at: Instant, apply: (inout StatusFile) throws -> Void
    ) throws -> Bool {
        let directory = try StatusDirectory(ofFile: path)
        defer { directory.unlock() }
        for _ in 0..<attempts {
            let stored = try StoredStatus(reading: directory.file, shown: path)
            var changed = stored.status
            try apply(&changed)
            guard changed != stored.status else { return false }
            try stored.status.requireRoom(for: changed, path: path)
            changed.stamp(at)
            if try directory.replace(stored.facts, by: changed.text) { return true }
        }
        throw StatusFileError(
            path: path, message: "another program keeps writing it. Find out which, and run the command again.")
    }

    /// Makes sure that a status file can be written, before anything is done that it then has to say; missing directories are made.
    ///
    /// - Throws: ``StatusFileError`` where it cannot be read, locked or written.
    static func requireWritable(path: String) throws(StatusFileError) {
        let directory = try StatusDirectory(ofFile: path)
        defer { directory.unlock() }
        try directory.requireWritable(try StoredStatus(reading: directory.file, shown: path).facts)
    }

    private static var attempts: Int { 10 }
}
