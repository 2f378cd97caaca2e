import HotfixCore
import Synchronization

/// A channel that keeps what it is told, and answers as a test says.
final class ScriptedChannel: Channel {
    let name: String
    let entry: String
    private let answer: @Sendable (Delivery) -> DeliveryOutcome
    private let diagnosis: Diagnosis
    private let kept = Mutex<[Delivery]>([])

    init(
        _ name: String, of entry: String? = nil, diagnosis: Diagnosis = Diagnosis(),
        answer: @escaping @Sendable (Delivery) -> DeliveryOutcome = { .delivered(receipt: $0.message.kind.rawValue) }
    ) {
        self.name = name
        self.entry = entry ?? name
        self.diagnosis = diagnosis
        self.answer = answer
    }

    var told: [Delivery] { kept.withLock { $0 } }

    func deliver(_ delivery: Delivery, at now: Instant) async -> DeliveryOutcome {
        kept.withLock { $0.append(delivery) }
        return answer(delivery)
    }

    func examine(at now: Instant) async -> Diagnosis { diagnosis }
}

/// A display that shows nothing, and is examined as a test says.
struct ScriptedDisplay: Display {
    var name: String
    var diagnosis = Diagnosis()

    func update(to view: DisplayState, memory: DisplayMemory) async -> [DisplayFailure] { [] }

    func examine(at now: Instant) async -> Diagnosis { diagnosis }
}
