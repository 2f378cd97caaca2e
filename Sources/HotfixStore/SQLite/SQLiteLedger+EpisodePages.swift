internal import GRDB
package import HotfixCore

extension SQLiteLedger {
    /// Episodes in the order in which the ledger first held them: one that is recorded later never stands before another.
    ///
    /// - Parameters:
    ///   - service: Only those of this service; nil means all.
    ///   - place: The first place that is read, from 0.
    ///   - limit: How many at most.
    /// - Returns: The episodes, each with its place; places have gaps.
    /// - Throws: `LedgerError`.
    package func episodes(
        of service: String?, from place: Int, limit: Int
    ) throws(LedgerError) -> [(place: Int, episode: Episode)] {
        try read { db in
            let sql = """
                SELECT \(Self.episodeColumns), rowid FROM episode WHERE rowid >= ? AND (? IS NULL OR service = ?)
                ORDER BY rowid LIMIT ?
                """
            return try db.all(sql, [place, service, service, limit]) { row in (row[9], try Self.episode(row)) }
        }
    }

    /// The columns that an episode is read from, in their order.
    static let episodeColumns = "service, guardrail, start, openedAt, lastBreach, windows, peak, closedAt, ending"

    /// The episode in the first columns of a row.
    static func episode(_ row: Row) throws -> Episode {
        Episode(
            pair: Pair(row[0], row[1]), start: row.instant(2), openedAt: row.instant(3), lastBreach: row.instant(4),
            windows: row[5], peak: row[6], closedAt: row.optionalInstant(7),
            ending: try (row[8] as String?).map { try LedgerContent.value($0) })
    }
}
