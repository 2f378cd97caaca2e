import GRDB
import HotfixCore

/// The columns of a message, in the order in which they are read.
enum MessageColumns {
    /// Their names.
    static let names = """
        message.id, message.kind, message.thread, message.opening, message.at, message.createdAt, message.factsJSON
        """
    /// How many they are.
    static let count = 7

    /// The message in a row whose columns begin at an index.
    static func message(_ row: Row, from first: Int, _ json: inout JSONText) throws -> Message {
        Message(
            id: row[first], kind: try LedgerContent.value(row[first + 1]), thread: row[first + 2],
            opening: row[first + 3], at: row.instant(first + 4), createdAt: row.instant(first + 5),
            facts: try json.decode(row[first + 6]))
    }
}

/// The columns of what has become of a delivery.
struct DeliveryColumns {
    /// The name of the state.
    var name: String
    /// Until when it waits.
    var notBefore: Instant?
    /// Why the last attempt failed, or why there will be none.
    var reason: String?
    /// What the channel gave back.
    var receipt: String?
    /// Whether it may have been told before.
    var isRepeat = false

    /// The columns of a state.
    init(_ state: DeliveryState) {
        switch state {
        case .pending(let notBefore, let reason): (name, self.notBefore, self.reason) = ("pending", notBefore, reason)
        case .inFlight: name = "inFlight"
        case .delivered(let receipt, let isRepeat):
            (name, self.receipt, self.isRepeat) = ("delivered", receipt, isRepeat)
        case .dropped(let reason): (name, self.reason) = ("dropped", reason)
        case .dead(let reason): (name, self.reason) = ("dead", reason)
        }
    }

    /// Their names in a table, in the order in which they are read.
    static func names(_ table: String) -> String {
        ["state", "notBefore", "reason", "receipt", "isRepeat"].map { "\(table).\($0)" }.joined(separator: ", ")
    }

    /// The state in a row whose columns begin at an index.
    static func state(_ row: Row, from first: Int) throws -> DeliveryState {
        let reason: String? = row[first + 2]
        switch row[first] as String {
        case "pending": return .pending(notBefore: row.optionalInstant(first + 1), reason: reason)
        case "inFlight": return .inFlight
        case "delivered": return .delivered(receipt: row[first + 3], isRepeat: row[first + 4])
        case "dropped": return .dropped(reason: reason ?? "")
        case "dead": return .dead(reason: reason ?? "")
        case let unknown: throw LedgerContent.Unknown(text: unknown)
        }
    }
}
