internal import GRDB
import HotfixCore

extension SQLiteLedger {
    func silences(_ db: Database) throws -> [Silence] {
        let sql = """
            SELECT id, service, guardrail, start, "end", reason, "by", recordedAt, liftedAt, liftedBy FROM silence
            ORDER BY id
            """
        return try db.all(sql) { row in
            Silence(
                id: row[0], service: row[1], guardrail: row[2], start: row.instant(3), end: row.instant(4),
                reason: row[5], by: row[6], recordedAt: row.instant(7), liftedAt: row.optionalInstant(8),
                liftedBy: row[9])
        }
    }

    func acknowledgements(_ db: Database) throws -> [Acknowledgement] {
        try db.all(#"SELECT episode, "by", note, recordedAt FROM acknowledgement ORDER BY id"#) { row in
            Acknowledgement(episode: row[0], by: row[1], note: row[2], recordedAt: row.instant(3))
        }
    }

    func messageHeads(_ db: Database) throws -> [MessageHead] {
        let sql = """
            SELECT id, kind, thread, opening, at, createdAt, service, guardrail, severity FROM message ORDER BY id
            """
        return try db.all(sql) { row in
            MessageHead(
                id: row[0], kind: try LedgerContent.value(row[1]), thread: row[2], opening: row[3],
                at: row.instant(4), createdAt: row.instant(5), service: row[6], guardrail: row[7],
                severity: try LedgerContent.value(row[8]))
        }
    }

    /// Which channels have to be told, or were, of messages that open something or remind of it.
    func openingDeliveries(_ db: Database) throws -> [NewDelivery] {
        let kinds = MessageKind.allCases.filter { $0.isOpening || $0 == .reminder }.map { "'\($0.rawValue)'" }
            .joined(separator: ", ")
        let sql = """
            SELECT delivery.message, delivery.channel, iif(delivery.state IN ('dropped', 'dead'), delivery.at, NULL)
            FROM delivery JOIN message ON message.id = delivery.message
            WHERE message.kind IN (\(kinds)) ORDER BY delivery.id
            """
        return try db.all(sql) { NewDelivery(message: $0[0], channel: $0[1], abandonedAt: $0.optionalInstant(2)) }
    }

    func insert(_ silence: Silence, _ db: Database) throws {
        try db.run(
            """
            INSERT INTO silence (service, guardrail, start, "end", reason, "by", recordedAt) VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                silence.service, silence.guardrail, silence.start.seconds, silence.end.seconds, silence.reason,
                silence.by, silence.recordedAt.seconds,
            ])
    }

    func lift(silence: Int, by person: String, at instant: Instant, _ db: Database) throws {
        let row = try Row.fetchOne(
            db, sql: #"SELECT "end", liftedAt FROM silence WHERE id = ?"#, arguments: [silence])
        guard let row else {
            throw rejection("The ledger holds no silence \(silence). `hotfix silence --list` shows those it holds.")
        }
        let ended = row.optionalInstant(1) ?? row.instant(0)
        guard instant < ended else {
            throw rejection("Silence \(silence) ended at \(ended) already. Nothing is left to do.")
        }
        try db.run(
            "UPDATE silence SET liftedAt = ?, liftedBy = ? WHERE id = ?", [instant.seconds, person, silence])
    }

    func insert(_ acknowledgement: Acknowledgement, _ db: Database) throws {
        try db.run(
            #"INSERT INTO acknowledgement (episode, "by", note, recordedAt) VALUES (?, ?, ?, ?)"#,
            [acknowledgement.episode, acknowledgement.by, acknowledgement.note, acknowledgement.recordedAt.seconds])
    }

    func insert(_ message: Message, _ json: JSONText, _ db: Database) throws {
        try db.run(
            """
            INSERT INTO message (id, kind, thread, opening, at, createdAt, service, guardrail, severity, factsJSON)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                message.id, message.kind.rawValue, message.thread, message.opening, message.at.seconds,
                message.createdAt.seconds, message.facts.service, message.facts.guardrail,
                message.facts.severity.rawValue, try json.encode(message.facts),
            ])
    }

    func insert(_ delivery: NewDelivery, at instant: Instant, _ db: Database) throws {
        try db.run(
            """
            INSERT INTO delivery (message, channel, state, at) VALUES (?, ?, 'pending', ?)
            ON CONFLICT (message, channel) DO UPDATE SET state = 'pending', notBefore = NULL, reason = NULL, attempts = 0,
            firstAttempt = NULL, at = excluded.at WHERE state IN ('dropped', 'dead')
            """,
            [delivery.message, delivery.channel, instant.seconds])
    }
}
