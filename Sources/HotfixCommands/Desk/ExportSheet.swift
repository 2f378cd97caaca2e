import Synchronization

/// What of an export has come, on its way to the output: whole characters only.
final class ExportSheet: Sendable {
    private struct State {
        var rest: [UInt8] = []
        var failure: (any Error)?
        var hasBegun = false
    }

    private let state = Mutex(State())
    private let write: @Sendable (String) throws -> Void

    init(_ write: @escaping @Sendable (String) throws -> Void) {
        self.write = write
    }

    var failure: (any Error)? { state.withLock { $0.failure } }

    var hasBegun: Bool { state.withLock { $0.hasBegun } }

    func take(_ bytes: [UInt8]) -> Bool {
        let text = state.withLock { state in
            state.hasBegun = true
            state.rest += bytes
            // A line is never broken; what follows the last one waits for its end.
            guard let end = state.rest.lastIndex(of: 0x0A) else { return "" }
            let text = String(decoding: state.rest[...end], as: UTF8.self)
            state.rest.removeSubrange(...end)
            return text
        }
        return put(text)
    }

    func end() throws {
        let text = state.withLock { String(decoding: $0.rest, as: UTF8.self) }
        if !put(text), let failure { throw failure }
    }

    private func put(_ text: String) -> Bool {
        guard !text.isEmpty else { return true }
        do {
            try write(text)
            return true
        } catch {
            state.withLock { $0.failure = error }
            return false
        }
    }
}
