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
        /// What was said last to a question that depends on now.
        var sayings: [String: Saying] = [:]
        /// How many other things were said before.
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

    private struct Saying {
        var number: UInt64
        var bytes: [UInt8]
        var term: Term?
    }

    /// For how long an answer that depends on now is the same.
    struct Term {
        /// The state that it is of.
        var mark: DeskMark
        /// The instant that it was asked for.
        var from: Instant
        /// The first instant for which it has to be asked anew.
        var until: Instant

        func holds(at now: Instant, _ mark: DeskMark) -> Bool {
            from <= now && now < until && mark.isOfSameState(as: self.mark)
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

    /// What was said to a question that depends on now, with its tag, where it holds still; nil where it has to be asked anew.
    func saying(_ key: String, _ mark: DeskMark, at now: Instant) -> (tag: String, bytes: [UInt8])? {
        let known = shelves.withLock { $0.sayings[key] }
        guard let known, known.term?.holds(at: now, mark) == true else { return nil }
        return (tag(key, saying: known.number), known.bytes)
    }

    /// The tag of an answer that depends on now: the one of before where the very same is said again.
    ///
    /// - Parameters:
    ///   - key: The question.
    ///   - bytes: The answer.
    ///   - term: For how long it is the same; nil where nobody knows.
    /// - Returns: The tag.
    func tag(_ key: String, saying bytes: [UInt8], for term: Term? = nil) -> String {
        let number = shelves.withLock { shelves in
            if let known = shelves.sayings[key], known.bytes == bytes {
                shelves.sayings[key]?.term = term
                return known.number
            }
            shelves.said += 1
            let size = bytes.count + key.utf8.count
            if size <= Self.room / 4 {
                shelves.makeRoom(for: size)
                let saying = Saying(number: shelves.said, bytes: bytes, term: term)
                if let old = shelves.sayings.updateValue(saying, forKey: key) {
                    shelves.size -= old.bytes.count + key.utf8.count
                }
            }
            return shelves.said
        }
        return tag(key, saying: number)
    }

    private func tag(_ key: String, saying number: UInt64) -> String {
        "\"\(String(life, radix: 36))-said-\(number)-\(question(key))\""
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
