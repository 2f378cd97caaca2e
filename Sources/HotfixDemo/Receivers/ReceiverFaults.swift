import Synchronization

/// What goes wrong with the next requests of a stand-in for a receiver.
package final class ReceiverFaults: Sendable {
    /// What goes wrong with one request.
    package enum Fault: Sendable {
        /// It is not taken, and this is answered.
        case answers(LoopbackAnswer)
        /// It is taken, and this is what comes of the answer: a reset, half of it, nothing.
        case takenBut(LoopbackAnswer)
    }

    private let faults = Mutex<[(path: String, fault: Fault)]>([])

    /// Makes no faults.
    package init() {}

    /// Adds a fault for the next request that has none yet.
    ///
    /// - Parameters:
    ///   - fault: What goes wrong.
    ///   - path: How the path of that request ends; all do with an empty text.
    ///   - times: How many requests it is for.
    package func add(_ fault: Fault, at path: String = "", times: Int = 1) {
        faults.withLock { $0 += Array(repeating: (path, fault), count: times) }
    }

    func apply(to request: LoopbackRequest, _ take: () -> LoopbackAnswer) -> LoopbackAnswer {
        let fault = faults.withLock { faults -> Fault? in
            guard let index = faults.firstIndex(where: { request.path.hasSuffix($0.path) }) else { return nil }
            return faults.remove(at: index).fault
        }
        switch fault {
        case .answers(let answer): return answer
        case .takenBut(let answer):
            _ = take()
            return answer
        case nil: return take()
        }
    }
}
