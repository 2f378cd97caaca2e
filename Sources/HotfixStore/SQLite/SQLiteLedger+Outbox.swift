internal import GRDB
package import HotfixCore

extension SQLiteLedger: Outbox {
    package func waiting() throws(LedgerError) -> [QueuedDelivery] { try waiting("", []) }

    package func waiting(of channel: String) throws(LedgerError) -> [QueuedDelivery] {
        try waiting("AND delivery.channel = ?", [channel])
    }

    package func waitingCounts() throws(LedgerError) -> [String: Int] {
        let sql = """
            SELECT channel, count(*) FROM delivery WHERE state IN ('pending', 'inFlight') GROUP BY channel
            """
        return try read { db in
            Dictionary(try db.all(sql) { ($0[0] as String, $0[1] as Int) }) { $1 }
        }
    }

    package func messages(_ numbers: Set<Int>) throws(LedgerError) -> [Message] {
        let sql = "SELECT \(MessageColumns.names) FROM message WHERE id = ?"
        return try read { db in
            var json = JSONText()
            return try numbers.sorted().flatMap { number in
                try db.all(sql, [number]) { try MessageColumns.message($0, from: 0, &json) }
            }
        }
    }

    private func waiting(
        _ condition: String, _ arguments: StatementArguments
    ) throws(LedgerError) -> [QueuedDelivery] {
        let sql = """
            SELECT delivery.id, delivery.channel, \(DeliveryColumns.names("delivery")), delivery.attempts,
            delivery.firstAttempt, delivery.mayHaveArrived, \(MessageColumns.names), coalesce(opening.mayHaveArrived, 0)
            OR EXISTS (\(Self.reminders) AND (told.mayHaveArrived OR told.state = 'inFlight')),
            opening.id IS NOT NULL, \(DeliveryColumns.names("opening")),
            EXISTS (\(Self.reminders) AND told.state = 'delivered'), delivery.at
            FROM delivery JOIN message ON message.id = delivery.message
            LEFT JOIN delivery AS opening ON opening.message = message.opening AND opening.channel = delivery.channel
            WHERE delivery.state IN ('pending', 'inFlight') \(condition) ORDER BY delivery.message, delivery.channel
            """
        return try read { db in
            var json = JSONText()
            return try db.all(sql, arguments) { row in
                let opening = 10 + MessageColumns.count
                let attempts: Int = row[7]
                return QueuedDelivery(
                    id: row[0], channel: row[1], message: try MessageColumns.message(row, from: 10, &json),
                    state: try DeliveryColumns.state(row, from: 2), attempts: attempts,
                    firstAttempt: row.optionalInstant(8), mayHaveArrived: row[9],
                    opening: row[opening + 1] ? try DeliveryColumns.state(row, from: opening + 2) : nil,
                    openingMayHaveArrived: row[opening], isReminded: row[opening + 7],
                    queuedAt: attempts == 0 ? row.instant(opening + 8) : nil)
            }
        }
    }

    /// What became, at the channel of a delivery, of the other reminders of what its message closes or reminds of.
    private static let reminders = """
        SELECT 1 FROM message AS reminder JOIN delivery AS told ON told.message = reminder.id
        WHERE reminder.opening = message.opening AND reminder.kind = 'reminder' AND told.channel = delivery.channel
        AND told.id <> delivery.id
        """

    package func begin(_ delivery: Int, at now: Instant) throws(LedgerError) {
        try write { db in
            try db.run(
                """
                UPDATE delivery SET state = 'inFlight', notBefore = NULL, attempts = attempts + 1,
                firstAttempt = coalesce(firstAttempt, ?), mayHaveArrived = mayHaveArrived OR state = 'inFlight', at = ?
                WHERE id = ? AND state IN ('pending', 'inFlight')
                """, [now.seconds, now.seconds, delivery])
            try requireChange(of: delivery, db)
        }
    }

    package func settle(_ delivery: Int, as state: DeliveryState, at now: Instant) throws(LedgerError) {
        let columns = DeliveryColumns(state)
        try write { db in
            try db.run(
                """
                UPDATE delivery SET state = ?, notBefore = ?, reason = ?, receipt = ?, isRepeat = ?,
                mayHaveArrived = mayHaveArrived OR ? = 'inFlight' OR (state = 'inFlight' AND ? = 'dropped'), at = ?
                WHERE id = ? AND state IN ('pending', 'inFlight')
                """,
                [
                    columns.name, columns.notBefore?.seconds, columns.reason, columns.receipt, columns.isRepeat,
                    columns.name, columns.name, now.seconds, delivery,
                ])
            try requireChange(of: delivery, db)
        }
    }

    package func add(_ messages: [Message], for rules: [ChannelRule]) throws(LedgerError) {
        try write { db in
            let json = JSONText()
            for var message in messages {
                let isThere = try Bool.fetchOne(
                    db, sql: "SELECT EXISTS (SELECT 1 FROM message WHERE thread = ? AND kind = ?)",
                    arguments: [message.thread, message.kind.rawValue])
                guard isThere != true else { continue }
                message.id = try (Int.fetchOne(db, sql: "SELECT max(id) FROM message") ?? 0) + 1
                try insert(message, json, db)
                for rule in rules {
                    try insert(NewDelivery(message: message.id, channel: rule.name), at: message.createdAt, db)
                }
                try advanceGeneration(db)
            }
        }
    }

    package func receipts(of display: String) throws(LedgerError) -> [String: DisplayReceipt] {
        try read { db in
            let sql = "SELECT subject, content, isIntent, at FROM displayReceipt WHERE display = ?"
            let receipts = try db.all(sql, [display]) { row in
                (row[0] as String, DisplayReceipt(content: row[1], isIntent: row[2], at: row.instant(3)))
            }
            return Dictionary(receipts) { $1 }
        }
    }

    package func keep(
        _ receipt: DisplayReceipt?, of subject: String, for display: String
    ) throws(LedgerError) {
        try write { db in
            guard let receipt else {
                return try db.run("DELETE FROM displayReceipt WHERE display = ? AND subject = ?", [display, subject])
            }
            try db.run(
                """
                INSERT INTO displayReceipt (display, subject, content, isIntent, at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET content = excluded.content, isIntent = excluded.isIntent, at = excluded.at
                """, [display, subject, receipt.content, receipt.isIntent, receipt.at.seconds])
        }
    }

    package func told(limit: Int) throws(LedgerError) -> [ToldMessage] {
        try read { db in
            var json = JSONText()
            let sql = "SELECT \(MessageColumns.names) FROM message ORDER BY id DESC LIMIT ?"
            let messages = try db.all(sql, [limit]) { try MessageColumns.message($0, from: 0, &json) }
            let lines = """
                SELECT channel, attempts, at, \(DeliveryColumns.names("delivery")) FROM delivery WHERE message = ?
                ORDER BY channel
                """
            return try messages.map { message in
                let told = try db.all(lines, [message.id]) { row in
                    ToldMessage.Line(
                        channel: row[0], state: try DeliveryColumns.state(row, from: 3), attempts: row[1],
                        at: row.instant(2))
                }
                return ToldMessage(message: message, lines: told)
            }
        }
    }

    private func requireChange(of delivery: Int, _ db: Database) throws {
        guard db.changesCount == 0 else { return }
        throw rejection(
            "The ledger holds no delivery \(delivery) that is not settled. `hotfix alerts list` shows them.")
    }
}

extension SQLiteLedger {
    /// Deletes what was told of threads that ended before an instant, as `Ledger` says.
    ///
    /// A thread stays while a delivery waits, while what it opened is open, and where it is what says that something that is told
    /// once was told; that a hotfix was ready is over when that is completed. So does the newest message, since the next one's number follows from it.
    func pruneMessages(before instant: Instant, _ db: Database) throws {
        func list(_ kinds: [MessageKind]) -> String { kinds.map { "'\($0.rawValue)'" }.joined(separator: ", ") }
        let openings = list(MessageKind.allCases.filter(\.isOpening))
        let closings = list(MessageKind.allCases.filter(\.isClosing))
        let threads = try String.fetchAll(
            db,
            sql: """
                SELECT thread FROM message GROUP BY thread
                HAVING max(at) < :instant AND max(createdAt) < :instant
                AND max(id) < (SELECT max(id) FROM message)
                AND NOT max(kind IN (\(list(MessageKind.toldOnce))))
                AND NOT max(kind IN (\(openings)) AND NOT (kind = 'ready' AND EXISTS (SELECT 1 FROM deployment
                        WHERE 'ready/' || deployment.hotfix = message.thread AND deployment.closedAt IS NOT NULL))
                    AND NOT EXISTS (SELECT 1 FROM message AS closing
                    WHERE closing.opening = message.id AND closing.kind IN (\(closings))))
                AND NOT max(EXISTS (SELECT 1 FROM delivery
                    WHERE delivery.message = message.id AND delivery.state IN ('pending', 'inFlight')))
                AND NOT max(EXISTS (SELECT 1 FROM message AS other
                    WHERE other.opening = message.id AND other.thread <> message.thread))
                """, arguments: ["instant": instant.seconds])
        for thread in threads {
            try db.run("DELETE FROM delivery WHERE message IN (SELECT id FROM message WHERE thread = ?)", [thread])
            try db.run("DELETE FROM message WHERE thread = ?", [thread])
        }
        if !threads.isEmpty { try advanceGeneration(db) }
    }
}
