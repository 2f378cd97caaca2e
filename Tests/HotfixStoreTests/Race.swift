import Foundation
import Synchronization

/// Threads that do the same at the same time.
final class Race: Sendable {
    private let runners: Int
    private let ready = Atomic<Int>(0)
    private let outcomes = Mutex<[Result<String, any Error>]>([])

    init(runners: Int) {
        self.runners = runners
    }

    /// Starts every thread, lets none of them go before all are there, and waits for the last.
    func run(_ body: @escaping @Sendable () throws -> String) {
        let finished = DispatchGroup()
        for _ in 0..<runners {
            finished.enter()
            Thread.detachNewThread {
                self.ready.add(1, ordering: .acquiringAndReleasing)
                while self.ready.load(ordering: .acquiring) < self.runners {}
                let outcome = Result { try body() }
                self.outcomes.withLock { $0.append(outcome) }
                finished.leave()
            }
        }
        finished.wait()
    }

    /// What each came to.
    func results() throws -> [String] {
        try outcomes.withLock { $0 }.map { try $0.get() }
    }
}
