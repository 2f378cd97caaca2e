import Foundation
internal import GRDB
package import HotfixCore

extension SQLiteLedger: PointStore {
    package func savePoints(_ batch: PointBatch) throws(LedgerError) {
        try write { db in
            var numbers: [PointSubject: Int] = [:]
            for (subject, newest) in batch.newest {
                numbers[subject] = try number(of: subject, newest: newest, db)
            }
            for (subject, cell) in batch.cells {
                let number = try numbers[subject] ?? number(of: subject, newest: cell.start, db)
                numbers[subject] = number
                // Of another length are those from before the windows of a policy became others.
                try db.run(
                    """
                    DELETE FROM pointCell WHERE subject = ? AND start > ? AND start < ? AND length <> ? AND start + length > ?
                    """,
                    [
                        number, cell.start.seconds - PointCell.longest, cell.start.seconds + cell.length, cell.length,
                        cell.start.seconds,
                    ])
                try db.run(
                    """
                    INSERT INTO pointCell (subject, start, length, content) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET content = excluded.content
                    """, [number, cell.start.seconds, cell.length, Data(cell.content)])
            }
            for entry in batch.log {
                try db.run(
                    "INSERT INTO pointLog (origin, at, content) VALUES (?, ?, ?)",
                    [batch.origin, entry.at.seconds, Data(entry.content)])
            }
            if let instant = batch.forgetsLogBefore {
                try db.run("DELETE FROM pointLog WHERE origin = ? AND at < ?", [batch.origin, instant.seconds])
            }
        }
    }

    package func pointSubjects() throws(LedgerError) -> [StoredSubject] {
        try read { db in
            try db.all(
                """
                SELECT origin, scope, namespace, name, environment, metric, newest FROM pointSubject
                ORDER BY origin, scope, namespace, name, environment, metric
                """
            ) { row in
                StoredSubject(
                    subject: PointSubject(
                        origin: row[0], scope: row[1], namespace: row[2], name: row[3], environment: row[4],
                        metric: row[5]), newest: row.instant(6))
            }
        }
    }

    package func pointCells(
        of subject: PointSubject, from start: Instant, to end: Instant
    ) throws(LedgerError) -> [PointCell] {
        try read { db in
            try db.all(
                """
                SELECT start, length, content FROM pointCell
                WHERE subject = (SELECT id FROM pointSubject WHERE \(Self.whichSubject))
                AND start >= ? AND start + length <= ? ORDER BY start, length
                """, StatementArguments(subject.arguments + [start.seconds, end.seconds])
            ) { row in
                PointCell(start: row.instant(0), length: row[1], content: [UInt8](row[2] as Data))
            }
        }
    }

    package func pointLog(of origin: String, since instant: Instant) throws(LedgerError) -> [PointLogEntry] {
        try read { db in
            try db.all(
                "SELECT at, content FROM pointLog WHERE origin = ? AND at >= ? ORDER BY id",
                [origin, instant.seconds]
            ) { row in PointLogEntry(at: row.instant(0), content: [UInt8](row[1] as Data)) }
        }
    }

    package func prunePoints(before instant: Instant, sparing lookback: Seconds) throws(LedgerError) {
        try write { db in
            let first = try Int.fetchOne(
                db,
                sql: """
                    SELECT min(at) FROM deployment
                    WHERE voidedAt IS NULL AND hotfix IN (SELECT id FROM hotfix WHERE closedAt IS NULL)
                    """)
            let instant = first.map { min(instant, Instant($0 - lookback)) } ?? instant
            try db.run("DELETE FROM pointCell WHERE start + length <= ?", [instant.seconds])
            try db.run(
                """
                DELETE FROM pointSubject WHERE newest <= ?
                AND NOT EXISTS (SELECT 1 FROM pointCell WHERE subject = pointSubject.id)
                """, [instant.seconds])
            try db.run("DELETE FROM pointLog WHERE at < ?", [instant.seconds])
        }
    }

    private static let whichSubject =
        "origin = ? AND scope = ? AND namespace = ? AND name = ? AND environment IS ? AND metric = ?"

    /// The number of a subject, which is stored where it is not yet.
    private func number(of subject: PointSubject, newest: Instant, _ db: Database) throws -> Int {
        let known = try db.all(
            "SELECT id, newest FROM pointSubject WHERE \(Self.whichSubject)", StatementArguments(subject.arguments)
        ) { row in (id: row[0] as Int, newest: row.instant(1)) }
        if let known = known.first {
            if newest > known.newest {
                try db.run("UPDATE pointSubject SET newest = ? WHERE id = ?", [newest.seconds, known.id])
            }
            return known.id
        }
        try db.run(
            """
            INSERT INTO pointSubject (origin, scope, namespace, name, environment, metric, newest)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, subject.arguments + [newest.seconds])
        return Int(db.lastInsertedRowID)
    }
}

extension PointSubject {
    fileprivate var arguments: [(any DatabaseValueConvertible)?] {
        [origin, scope, namespace, name, environment, metric]
    }
}
