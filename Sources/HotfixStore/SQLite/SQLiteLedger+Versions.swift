import GRDB
import HotfixCore

extension SQLiteLedger {
    /// What is known of running versions, in the order found.
    func versions(_ db: Database, _ json: inout JSONText) throws -> [VersionSeries] {
        let sql = """
            SELECT service, source, wishJSON, definitionJSON, unknown, foundAt, seenJSON, newestJSON, memo,
            unsettledFrom FROM versionSeries ORDER BY rowid
            """
        return try db.all(sql) { row in
            VersionSeries(
                service: row[0], source: row[1], wish: try json.decode(row[2]),
                definition: try (row[3] as String?).map { try json.decode($0) }, unknown: row[4],
                foundAt: row.instant(5), seen: try json.decode(row[6]),
                newest: try (row[7] as String?).map { try json.decode($0) }, memo: row[8],
                unsettledFrom: (row[9] as Int?).map { Instant($0) })
        }
    }

    /// Writes what is known of the running versions of a service by a query in the place of what was.
    func save(_ series: VersionSeries, _ json: JSONText, _ db: Database) throws {
        try db.run(
            """
            INSERT INTO versionSeries
            (service, source, wishJSON, definitionJSON, unknown, foundAt, seenJSON, newestJSON, memo, unsettledFrom)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET unknown = excluded.unknown, foundAt = excluded.foundAt,
            seenJSON = excluded.seenJSON, newestJSON = excluded.newestJSON, memo = excluded.memo,
            unsettledFrom = excluded.unsettledFrom
            """,
            [
                series.service, series.source, try json.encode(series.wish),
                try series.definition.map { try json.encode($0) }, series.unknown, series.foundAt.seconds,
                try json.encode(series.seen), try series.newest.map { try json.encode($0) }, series.memo,
                series.unsettledFrom?.seconds,
            ])
    }
}
