import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// Keeps the tracker's files at what a check found.
struct TrackerUpdate {
    private let tracker: TrackerSettings
    private let maxAge: Seconds
    private let publisher: TrackerPublisher

    /// Finds out which files the tracker has; nil where none is configured.
    init?(_ settings: Settings, _ surroundings: Surroundings) {
        guard let tracker = settings.tracker else { return nil }
        self.tracker = tracker
        publisher = TrackerPublisher(tracker, surroundings)
        // What the law gives readiness by default, for the service that is evaluated most often.
        maxAge = 4 * (settings.services.map(\.policy.window).min() ?? 300)
    }

    /// Brings the status file and the outstanding report up to date, and publishes them where that is due.
    ///
    /// - Parameters:
    ///   - readiness: What the check found.
    ///   - now: When.
    /// - Returns: What could not be done, each as a sentence; what could is done all the same.
    func keep(_ readiness: Readiness, now: Instant) async -> [String] {
        do {
            try writeStability(readiness: readiness, to: tracker.statusFile, at: now, maxAge: maxAge)
            try OutstandingReport.keep(at: tracker.outstandingFile, of: tracker.statusFile, now: now)
        } catch {
            return [oneLine("\(error)")]
        }
        return await publisher.publish(now: now).map { oneLine($0) }
    }
}
