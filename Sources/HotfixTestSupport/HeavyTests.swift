import Dispatch
package import Testing

/// Takes tests that keep the machine busy in turn, and off the threads that all other tests share.
///
/// Swift runs asynchronous code on as many threads as there are cores. A test that calculates for seconds, or waits in
/// a call for a process, a disk or a lock, holds one of them for so long; a few such tests at once, and the servers and
/// clients of all others stand still until their deadlines have passed.
package struct HeavyTests: SuiteTrait, TestTrait, TestScoping {
    /// Whether it is taken before the others, as the whole run lasts as long as it does.
    fileprivate let isLong: Bool

    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withTurn(isLong: isLong, function)
    }
}

extension Trait where Self == HeavyTests {
    /// Runs no more than three such tests, or cases of them, at the same time, and on threads of their own.
    package static var heavy: HeavyTests { HeavyTests(isLong: false) }

    /// The same of tests that take many seconds each, which therefore go first.
    package static var heavyAndLong: HeavyTests { HeavyTests(isLong: true) }
}

/// Runs a body in turn with the heavy tests, and on a thread that may be blocked.
package func withTurn<T>(
    isLong: Bool = false, _ body: @concurrent @Sendable () async throws -> T
) async throws -> T {
    await Turns.shared.take(isLong: isLong)
    do {
        let value = try await withTaskExecutorPreference(ThreadsOfHeavyTests.shared) { try await body() }
        await Turns.shared.giveBack()
        return value
    } catch {
        await Turns.shared.giveBack()
        throw error
    }
}

/// How many turns are left, and who waits for one.
private actor Turns {
    static let shared = Turns()

    private var left = 3
    private var long: [CheckedContinuation<Void, Never>] = []
    private var others: [CheckedContinuation<Void, Never>] = []

    func take(isLong: Bool) async {
        guard left == 0 else { return left -= 1 }
        await withCheckedContinuation { waiter in
            if isLong { long.append(waiter) } else { others.append(waiter) }
        }
    }

    func giveBack() {
        // A turn passes to who waits for it without being free in between.
        if !long.isEmpty {
            long.removeFirst().resume()
        } else if !others.isEmpty {
            others.removeFirst().resume()
        } else {
            left += 1
        }
    }
}

/// Threads that may be blocked: there is one more wherever there is work to do.
private final class ThreadsOfHeavyTests: TaskExecutor {
    static let shared = ThreadsOfHeavyTests()

    private let queue = DispatchQueue(label: "heavy tests", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
