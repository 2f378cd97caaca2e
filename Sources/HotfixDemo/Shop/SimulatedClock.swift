package import HotfixCore
import Synchronization

/// A clock that goes only when it is moved.
package final class SimulatedClock: Sendable {
    private let time: Mutex<Instant>

    /// Makes a clock that shows an instant.
    package init(_ now: Instant) {
        time = Mutex(now)
    }

    /// What it shows.
    package var now: Instant { time.withLock { $0 } }

    /// What it shows, in seconds of Unix time.
    package var seconds: Double { Double(now.seconds) }

    /// Moves it.
    package func move(to instant: Instant) {
        time.withLock { $0 = instant }
    }
}
