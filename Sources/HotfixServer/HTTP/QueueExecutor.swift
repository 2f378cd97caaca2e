import Dispatch

/// Runs what it is given one after the other on a thread that may wait.
package final class QueueExecutor: TaskExecutor {
    private let queue: DispatchQueue

    /// Makes an executor.
    ///
    /// - Parameter label: What the thread is called.
    package init(_ label: String) {
        queue = DispatchQueue(label: label)
    }

    /// Has a job run.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
