import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// The step of a check that publishes the tracker's files, as `tracker.publish` says.
struct TrackerPublisher {
    private let settings: TrackerSettings
    private let surroundings: Surroundings

    init(_ settings: TrackerSettings, _ surroundings: Surroundings) {
        self.settings = settings
        self.surroundings = surroundings
    }

    /// Publishes what is due; nothing where the configuration does not ask for it.
    ///
    /// - Parameter now: The instant of the check.
    /// - Returns: What went wrong, for a person. The files are left to the next check then.
    func publish(now: Instant) async -> [String] {
        guard settings.publish != .none else { return [] }
        do {
            _ = try await TrackerPublication(settings, surroundings).publish(at: now)
            return []
        } catch {
            let text = "\(error)"
            return [
                "The tracker could not be published: \(text)\(text.hasSuffix(".") || text.hasSuffix("'") ? "" : ".")"
                    + " Nothing is lost: the next check tries again."
            ]
        }
    }
}

extension TrackerPublication {
    /// Makes the publication that a configuration asks for.
    init(_ settings: TrackerSettings, _ surroundings: Surroundings) {
        self.init(
            statusFile: settings.statusFile, outstandingFile: settings.outstandingFile,
            pushes: settings.publish == .push, environment: surroundings.environment)
    }
}
