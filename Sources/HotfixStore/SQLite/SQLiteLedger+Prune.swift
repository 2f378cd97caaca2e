internal import GRDB
package import HotfixCore

extension SQLiteLedger {
    /// Deletes windows and revisions that end at or before an instant, and checks and messages from before it; see `Ledger`.
    ///
    /// The newest check stays, however old. The file does not shrink: its room is used again.
    package func prune(before instant: Instant, keepFrom: [Int: Instant]) throws(LedgerError) {
        try write { db in
            for (series, grid) in try SeriesGrids(db, path: path).all {
                let oldest = grid.index(of: min(instant, keepFrom[series] ?? instant))
                try db.run("DELETE FROM window WHERE series = ? AND start < ?", [series, oldest])
                try db.run("DELETE FROM revision WHERE series = ? AND start < ?", [series, oldest])
            }
            try db.run(
                "DELETE FROM checkRun WHERE at < ? AND id < (SELECT max(id) FROM checkRun)", [instant.seconds])
            try pruneMessages(before: instant, db)
        }
    }
}
