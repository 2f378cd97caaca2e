import HotfixCore
import Synchronization

/// Answers that were given already, each for as long as its ledger and its minute stay the same.
final class AnswerShelf: Sendable {
    /// What answers depend on beside what was asked.
    struct State: Hashable {
        var mark: LedgerMark
        /// The minute; nil for what does not depend on now.
        var minute: Instant?
    }

    /// The body of an answer.
    struct Body: Sendable {
        var bytes: [UInt8]
        /// Where the next page begins.
        var next: String?

        init(_ bytes: [UInt8], next: String? = nil) {
            self.bytes = bytes
            self.next = next
        }
    }

    private struct Shelves {
        var bodies: [String: (state: State, body: Body)] = [:]
        var size = 0
    }

    /// How much is kept, in bytes.
    private static let room = 32 << 20

    private let shelves = Mutex(Shelves())
    /// A server that was started again may have another configuration.
    private let life = UInt64.random(in: .min ... .max)

    func body(_ key: String, _ state: State) -> Body? {
        shelves.withLock { shelves in
            guard let known = shelves.bodies[key], known.state == state else { return nil }
            return known.body
        }
    }

    func keep(_ body: Body, _ key: String, _ state: State) {
        let size = body.bytes.count + key.utf8.count
        guard size <= Self.room / 4 else { return }
        shelves.withLock { shelves in
            if shelves.size + size > Self.room { shelves = Shelves() }
            if let old = shelves.bodies.updateValue((state, body), forKey: key) {
                shelves.size -= old.body.bytes.count + key.utf8.count
            }
            shelves.size += size
        }
    }

    /// The tag of an answer: another whenever the answer may be another.
    func tag(_ key: String, _ state: State) -> String {
        let minute = state.minute.map { String($0.seconds / 60, radix: 36) } ?? ""
        // FNV-1a: which question it was is known to whoever has the tag; this only tells questions apart.
        let question = key.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let ledger = state.mark.ledgerID.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(8)
        return "\"\(String(life, radix: 36))-\(ledger)-\(state.mark.generation)-\(minute)-"
            + "\(String(question, radix: 36))\""
    }

    /// Whether an If-None-Match header names a tag.
    static func names(_ header: String, _ tag: String) -> Bool {
        header.split(separator: ",").contains { entry in
            let text = entry.trimmed
            return text == "*" || text == tag || text == "W/\(tag)"
        }
    }
}
