internal import GRDB
package import HotfixCore

extension SQLiteLedger: VerifiableLedger {
    package func replacedRecords(of series: Int) throws(LedgerError) -> [Instant: [WindowRecord]] {
        try read { db in
            let grid = try SeriesGrids(db, path: path).grid(of: series)
            var judgements = JudgementTable()
            let rows = try Row.fetchCursor(
                db, sql: "SELECT start, \(WindowColumns.names) FROM revision WHERE series = ? ORDER BY start, id",
                arguments: [series])
            var records: [Instant: [WindowRecord]] = [:]
            while let row = try rows.next() {
                let window = grid.window(row[0])
                records[window.start, default: []].append(
                    try WindowColumns(row, from: 1).record(end: window.end, judgements: &judgements, in: db))
            }
            return records
        }
    }
}
