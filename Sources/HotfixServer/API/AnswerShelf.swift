import HotfixCore
import Synchronization

/// Answers that were given already, each for as long as its ledger and its configuration stay the same.
final class AnswerShelf: Sendable {
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
        var bodies: [String: (mark: DeskMark, body: Body)] = [:]
        /// What was said last to a question that depends on now, and how many other things were said before.
        var sayings: [String: (number: UInt64, bytes: [UInt8])] = [:]
        var said: UInt64 = 0
        var size = 0

        mutating func makeRoom(for more: Int) {
            if size + more > AnswerShelf.room {
                bodies = [:]
                sayings = [:]
                size = 0
            }
            size += more
        }
    }

    /// How much is kept, in bytes.
    private static let room = 32 << 20

    private let shelves = Mutex(Shelves())
    /// What another life of the server said is not known.
    private let life = UInt64.random(in: .min ... .max)

    func body(_ key: String, _ mark: DeskMark) -> Body? {
        shelves.withLock { shelves in
            guard let known = shelves.bodies[key], known.mark == mark else { return nil }
            return known.body
        }
    }

    func keep(_ body: Body, _ key: String, _ mark: DeskMark) {
        let size = body.bytes.count + key.utf8.count
        guard size <= Self.room / 4 else { return }
        shelves.withLock { shelves in
            shelves.makeRoom(for: size)
            if let old = shelves.bodies.updateValue((mark, body), forKey: key) {
                shelves.size -= old.body.bytes.count + key.utf8.count
            }
        }
    }

    /// The tag of an answer: another whenever the answer may be another.
    func tag(_ key: String, _ mark: DeskMark) -> String {
        let ledger = mark.ledger.ledgerID.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(8)
        return "\"\(String(life, radix: 36))-\(ledger)-\(mark.ledger.generation)-\(mark.opening)-\(mark.changes)-"
            + "\(question(key))\""
    }

    /// The tag of an answer that depends on now: the one of before where the very same is said again.
    func tag(_ key: String, saying bytes: [UInt8]) -> String {
        let number = shelves.withLock { shelves in
            let known = shelves.sayings[key]
            if let known, known.bytes == bytes { return known.number }
            shelves.said += 1
            let size = bytes.count + key.utf8.count
            if size <= Self.room / 4 {
                shelves.makeRoom(for: size)
                if let old = shelves.sayings.updateValue((shelves.said, bytes), forKey: key) {
                    shelves.size -= old.bytes.count + key.utf8.count
                }
            }
            return shelves.said
        }
        return "\"\(String(life, radix: 36))-said-\(number)-\(question(key))\""
    }

    /// FNV-1a: which question it was is known to whoever has the tag; this only tells questions apart.
    private func question(_ key: String) -> String {
        String(key.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 36)
    }

    /// Whether an If-None-Match header names a tag.
    static func names(_ header: String, _ tag: String) -> Bool {
        header.split(separator: ",").contains { entry in
            let text = entry.trimmed
            return text == "*" || text == tag || text == "W/\(tag)"
        }
    }
}
