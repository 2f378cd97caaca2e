import Dispatch

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
