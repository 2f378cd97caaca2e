import HotfixCore

extension TrackerPlace {
    /// Tells what was done to the status file.
    ///
    /// - Parameters:
    ///   - did: What was done, in sentences; nil where it said so already.
    ///   - quietly: Whether nothing but errors is told.
    /// - Throws: `CommandError` where it could not be written.
    func tell(_ did: String?, quietly: Bool) throws {
        guard !quietly else { return }
        try Surroundings.current.write((did.map(oneLine) ?? "Nothing changed: the tracker says so already.") + "\n")
    }
}
