import Dispatch
import HotfixCore
import Synchronization

/// What a server says, written on a thread of its own: a reader that reads nothing holds up neither checks nor the end.
final class ServedOutput: Sendable {
    private struct State {
        /// What waits to be written, in bytes.
        var waiting = 0
        /// How many texts were given up, since nobody read those before them.
        var lost = 0
        /// Whether nobody read what was written for as long as anybody waits.
        var isStuck = false
    }

    /// How much waits at most, in bytes; what comes after that is lost, and counted.
    private static let room = 1 << 20

    private let name: String
    private let patience: Duration
    private let write: @Sendable (String) -> Void
    private let queue: DispatchQueue
    private let state = Mutex(State())

    /// Makes an output.
    ///
    /// - Parameters:
    ///   - name: What it is called where something of it was lost.
    ///   - patience: How long whoever writes waits for it to be written.
    ///   - write: Writes a text, for however long that takes.
    init(_ name: String, patience: Duration = .seconds(2), write: @escaping @Sendable (String) -> Void) {
        self.name = name
        self.patience = patience
        self.write = write
        queue = DispatchQueue(label: "hotfix.output")
    }

    /// Writes a text, and waits for that as long as somebody seems to read.
    func put(_ text: String) {
        let size = text.utf8.count
        let waits = state.withLock { state -> Bool? in
            guard state.waiting + size <= Self.room else {
                state.lost += 1
                return nil
            }
            state.waiting += size
            return !state.isStuck
        }
        guard let waits else { return }
        let written = DispatchSemaphore(value: 0)
        queue.async {
            self.write(text)
            self.wrote(size)
            written.signal()
        }
        if waits, !Self.wait(for: written, patience) { state.withLock { $0.isStuck = $0.waiting > 0 } }
    }

    /// Waits until all is written, but no longer than anybody waits.
    func finish() {
        let written = DispatchSemaphore(value: 0)
        queue.async { written.signal() }
        _ = Self.wait(for: written, patience)
    }

    private func wrote(_ size: Int) {
        let lost = state.withLock { state in
            state.waiting -= size
            guard state.waiting == 0 else { return 0 }
            state.isStuck = false
            defer { state.lost = 0 }
            return state.lost
        }
        if lost > 0 { write("hotfix: \(count(lost, "text")) could not be written to \(name), which nobody read.\n") }
    }

    private static func wait(for semaphore: DispatchSemaphore, _ patience: Duration) -> Bool {
        let (seconds, attoseconds) = patience.components
        let deadline = DispatchTime.now() + .seconds(Int(seconds)) + .nanoseconds(Int(attoseconds / 1_000_000_000))
        return semaphore.wait(timeout: deadline) == .success
    }
}

extension Surroundings {
    /// The same, where whoever writes never waits for long.
    ///
    /// - Returns: The surroundings, and what waits at the end until all is written.
    func neverHeldUp() -> (surroundings: Surroundings, finish: @Sendable () -> Void) {
        let (plainWrite, plainError) = (write, writeError)
        let errors = ServedOutput("standard error", write: plainError)
        let results = ServedOutput("standard output") { text in
            do { try plainWrite(text) } catch { errors.put("hotfix: \(oneLine("\(error)"))\n") }
        }
        var surroundings = self
        surroundings.write = { results.put($0) }
        surroundings.writeError = { errors.put($0) }
        return (
            surroundings,
            {
                results.finish()
                errors.finish()
            }
        )
    }
}
