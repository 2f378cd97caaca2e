internal import GRDB
package import HotfixCore

/// A record that a later revision has replaced.
package struct RevisionRecord: Sendable, Hashable {
    /// The series.
    package var series: Int
    /// The window.
    package var window: Window
    /// What the ledger held of it.
    package var record: WindowRecord

    /// Makes a record.
    package init(series: Int, window: Window, record: WindowRecord) {
        self.series = series
        self.window = window
        self.record = record
    }
}

/// A window with a verdict, as `hotfix ledger export` shows it.
package struct ExportRow: Sendable, Hashable {
    /// The series.
    package var series: Int
    /// Whose verdict.
    package var pair: Pair
    /// The window.
    package var window: Window
    /// What the source answered.
    package var observation: Observation
    /// The verdict that counts.
    package var verdict: RecordedVerdict
    /// How many records it has replaced.
    package var revisions: Int

    /// Makes a row.
    package init(
        series: Int, pair: Pair, window: Window, observation: Observation, verdict: RecordedVerdict, revisions: Int
    ) {
        self.series = series
        self.pair = pair
        self.window = window
        self.observation = observation
        self.verdict = verdict
        self.revisions = revisions
    }
}

extension SQLiteLedger {
    /// Reads the windows of series; see `Ledger`.
    ///
    /// - Throws: `LedgerError` with code `rejected` for a series that the ledger does not hold.
    package func timelines(from starts: [Int: Instant]) throws(LedgerError) -> [Int: Timeline] {
        try read { db in
            let grids = try SeriesGrids(db, path: path)
            var judgements = JudgementTable()
            var timelines: [Int: Timeline] = [:]
            timelines.reserveCapacity(starts.count)
            let statement = try db.cachedStatement(
                sql: "SELECT start, \(WindowColumns.names) FROM window WHERE series = ? AND start >= ? ORDER BY start")
            for (series, from) in starts.sorted(by: { $0.key < $1.key }) {
                let grid = try grids.grid(of: series)
                var timeline = Timeline(start: from, step: grid.step)
                let rows = try Row.fetchCursor(statement, arguments: [series, grid.index(notBefore: from)])
                while let row = try rows.next() {
                    let window = grid.window(row[0])
                    timeline[window.start] = try WindowColumns(row, from: 1)
                        .record(end: window.end, judgements: &judgements, in: db)
                }
                timelines[series] = timeline
            }
            return timelines
        }
    }

    /// Finds the oldest window of each span that has no verdict; see `Ledger`.
    ///
    /// - Throws: `LedgerError` with code `rejected` for a series that the ledger does not hold.
    package func oldestGaps(in spans: [Int: Span]) throws(LedgerError) -> [Int: Instant] {
        try read { db in
            let grids = try SeriesGrids(db, path: path)
            let statement = try db.cachedStatement(
                sql: """
                    SELECT start FROM window WHERE series = ? AND start >= ? AND start < ? AND judgement IS NOT NULL
                    ORDER BY start
                    """)
            var gaps: [Int: Instant] = [:]
            for (series, span) in spans where !span.isEmpty {
                let grid = try grids.grid(of: series)
                var expected = grid.index(notBefore: span.start)
                let end = grid.index(notBefore: span.end)
                let starts = try Int.fetchCursor(statement, arguments: [series, expected, end])
                while let start = try starts.next(), start == expected { expected += 1 }
                if expected < end { gaps[series] = grid.window(expected).start }
            }
            return gaps
        }
    }

    /// The replaced records of a series' windows that start in `[from, to)`, by window, the oldest first.
    ///
    /// - Throws: `LedgerError` with code `rejected` for a series that the ledger does not hold.
    package func revisions(series: Int, from: Instant, to: Instant) throws(LedgerError) -> [RevisionRecord] {
        try read { db in
            let grid = try SeriesGrids(db, path: path).grid(of: series)
            var judgements = JudgementTable()
            let sql = """
                SELECT start, \(WindowColumns.names) FROM revision
                WHERE series = ? AND start >= ? AND start < ? ORDER BY start, id
                """
            return try db.all(sql, [series, grid.index(notBefore: from), grid.index(notBefore: to)]) { row in
                let window = grid.window(row[0])
                let record = try WindowColumns(row, from: 1).record(end: window.end, judgements: &judgements, in: db)
                return RevisionRecord(series: series, window: window, record: record)
            }
        }
    }

    /// Hands over every window with a verdict that starts in `[from, to)`, by service, guardrail, start and series.
    ///
    /// All of them are of one state of the ledger, and no more than one pair's windows are in memory at a time.
    ///
    /// - Parameters:
    ///   - from: The earliest start; nil means from the oldest.
    ///   - to: Starts are earlier than this; nil means to the newest.
    ///   - wanted: Only this guardrail's windows; nil means all.
    ///   - body: Takes a row. It must not use the ledger; what it throws ends the reading.
    /// - Throws: `LedgerError`, and what the body throws.
    package func exportRows(
        from: Instant?, to: Instant?, of wanted: Pair? = nil, _ body: (ExportRow) throws -> Void
    ) throws {
        try readPassingErrors { db in
            var judgements = JudgementTable()
            let sql = """
                SELECT series.id, step, origin, window.start, (SELECT count(*) FROM revision
                WHERE revision.series = window.series AND revision.start = window.start),
                \(WindowColumns.names) FROM series JOIN window ON window.series = series.id
                WHERE service = ? AND guardrail = ? AND judgement IS NOT NULL AND (origin + window.start) * step >= ?
                AND (origin + window.start) * step < ? ORDER BY (origin + window.start) * step, series.id
                """
            for pair in try wanted.map({ [$0] }) ?? pairs(db) {
                let bounds: StatementArguments = [
                    pair.service, pair.guardrail, from?.seconds ?? Int.min, to?.seconds ?? Int.max,
                ]
                let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: bounds)
                while let row = try rows.next() {
                    let window = SeriesGrid(step: row[1], origin: row[2]).window(row[3])
                    let record = try WindowColumns(row, from: 5)
                        .record(end: window.end, judgements: &judgements, in: db)
                    guard let verdict = record.verdict else { continue }
                    try body(
                        ExportRow(
                            series: row[0], pair: pair, window: window, observation: record.observation,
                            verdict: verdict, revisions: row[4]))
                }
            }
        }
    }

    private func pairs(_ db: Database) throws -> [Pair] {
        try db.all("SELECT DISTINCT service, guardrail FROM series") { Pair($0[0], $0[1]) }.sorted()
    }
}
