import Dispatch
import Foundation

/// Ends what a body began where somebody ends the process, and only then the process: a git that runs on would push all the same.
///
/// What the body does then is to give up: each step of a plan that had begun stays among the intents.
///
/// - Parameters:
///   - process: Whether the process is ours to end; else the body alone is run.
///   - body: What is done; it is cancelled by SIGINT and SIGTERM, of which a second one ends the process at once.
/// - Returns: What the body returns.
/// - Throws: What the body throws.
func endingWithSignals<Value: Sendable>(
    of process: Bool, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    guard process else { return try await body() }
    let task = Task { try await body() }
    let arrived = DispatchQueue(label: "hotfix.signals")
    let watches = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let watch = DispatchSource.makeSignalSource(signal: number, queue: arrived)
        watch.setEventHandler {
            signal(number, SIG_DFL)
            watch.cancel()
            task.cancel()
        }
        watch.resume()
        return (number, watch)
    }
    let result = await task.result
    for (number, watch) in watches {
        if watch.isCancelled { endProcess(by: number) }
        watch.cancel()
        signal(number, SIG_DFL)
    }
    return try result.get()
}

/// Ends the process as the signal would have ended it, so that whoever sent it sees that.
private func endProcess(by number: Int32) {
    // Dispatch's threads take no signals.
    var only = sigset_t()
    sigemptyset(&only)
    sigaddset(&only, number)
    pthread_sigmask(SIG_UNBLOCK, &only, nil)
    raise(number)
}
