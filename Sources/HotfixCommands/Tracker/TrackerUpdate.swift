import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// Keeps the tracker's files at what a check found.
struct TrackerUpdate {
    private let tracker: TrackerSettings
    private let maxAge: Seconds

    /// Finds out which files the tracker has; nil where none is configured.
    init?(_ settings: Settings) {
        guard let tracker = settings.tracker else { return nil }
        self.tracker = tracker
        // What the law gives readiness by default, for the service that is evaluated most often.
        maxAge = 4 * (settings.services.map(\.policy.window).min() ?? 300)
    }

    /// Brings the status file and the outstanding report up to date.
    ///
    /// - Parameters:
    ///   - readiness: What the check found.
    ///   - now: When.
    /// - Returns: What could not be done, each as a sentence; what could is done all the same.
    func keep(_ readiness: Readiness, now: Instant) async -> [String] {
        do {
            try writeStability(readiness: readiness, to: tracker.statusFile, at: now, maxAge: maxAge)
            try OutstandingReport.keep(at: tracker.outstandingFile, of: tracker.statusFile, now: now)
            return []
        } catch {
            return [oneLine("\(error)")]
        }
    }
}
