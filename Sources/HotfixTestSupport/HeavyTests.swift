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
    let thread = await Turns.shared.take(isLong: isLong)
    do {
        let value = try await withTaskExecutorPreference(thread) { try await body() }
        await Turns.shared.giveBack(thread)
        return value
    } catch {
        await Turns.shared.giveBack(thread)
        throw error
    }
}

/// The threads that nobody uses, and who waits for one.
private actor Turns {
    static let shared = Turns()

    private var free = (1...3).map { HeavyThread("heavy tests \($0)") }
    private var long: [CheckedContinuation<HeavyThread, Never>] = []
    private var others: [CheckedContinuation<HeavyThread, Never>] = []

    func take(isLong: Bool) async -> HeavyThread {
        if let thread = free.popLast() { return thread }
        return await withCheckedContinuation { waiter in
            if isLong { long.append(waiter) } else { others.append(waiter) }
        }
    }

    func giveBack(_ thread: HeavyThread) {
        // A turn passes to who waits for it without being free in between.
        if !long.isEmpty {
            long.removeFirst().resume(returning: thread)
        } else if !others.isEmpty {
            others.removeFirst().resume(returning: thread)
        } else {
            free.append(thread)
        }
    }
}

/// A thread that may be blocked.
private final class HeavyThread: TaskExecutor {
    // A queue that is not serial would share the threads of all asynchronous code.
    private let queue: DispatchQueue

    init(_ label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
