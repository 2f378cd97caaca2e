internal import GRDB
package import HotfixCore

extension SQLiteLedger {
    package func commit(_ outcome: Outcome, generation: Int) throws(LedgerError) -> Bool {
        try write { db in
            guard try Int.fetchOne(db, sql: "SELECT generation FROM ledger") == generation else { return false }
            let json = JSONText()
            for series in outcome.series { try save(series, json, db) }
            for version in outcome.policies { try insert(version, json, db) }
            for baseline in outcome.baselines { try insert(baseline, json, db) }
            try save(outcome.records, db)
            for episode in outcome.episodes { try save(episode, db) }
            for confirmation in outcome.confirmations { try insert(confirmation, db) }
            for series in outcome.versions { try save(series, json, db) }
            for message in outcome.messages { try insert(message, json, db) }
            for delivery in outcome.deliveries { try insert(delivery, at: outcome.at, db) }
            if let check = outcome.check { try save(check, json, db) }
            if !outcome.isEmpty { try advanceGeneration(db) }
            if outcome.bearsOnReadiness { try advanceEvidence(db) }
            try save(outcome.digests, db)
            return true
        }
    }

    /// Makes every evaluation that has read the ledger before out of date.
    func advanceGeneration(_ db: Database) throws {
        try db.run("UPDATE ledger SET generation = generation + 1, nonce = random()", [])
    }

    private func save(_ records: [Outcome.RecordChange], _ db: Database) throws {
        guard !records.isEmpty else { return }
        let grids = try SeriesGrids(db, path: path)
        var judgements = JudgementTable()
        let window = try db.cachedStatement(
            sql: """
                INSERT INTO window (series, start, \(WindowColumns.names)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET value = excluded.value, events = excluded.events,
                judgement = excluded.judgement, number = excluded.number, evaluated = excluded.evaluated,
                extra = excluded.extra
                """)
        let revision = try db.cachedStatement(
            sql: "INSERT INTO revision (series, start, \(WindowColumns.names)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        for change in records {
            let grid = try grids.grid(of: change.series)
            let index = grid.index(of: change.start)
            let end = grid.window(index).end
            if let replaced = change.replaced, let old = replaced.verdict,
                let new = change.record.verdict, new.revision > old.revision
            {
                let columns = try WindowColumns(replaced, end: end, judgements: &judgements, in: db)
                try revision.execute(arguments: StatementArguments([change.series, index] + columns.arguments))
            }
            let columns = try WindowColumns(change.record, end: end, judgements: &judgements, in: db)
            try window.execute(arguments: StatementArguments([change.series, index] + columns.arguments))
        }
    }

    private func save(_ series: SeriesState, _ json: JSONText, _ db: Database) throws {
        let definition = try json.encode(series.definition)
        let wish = try json.encode(series.wish)
        try db.run(
            """
            INSERT INTO series
            (id, service, guardrail, step, origin, definitionJSON, wishJSON, judgedFrom, activityJSON, createdAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET service = excluded.service, guardrail = excluded.guardrail,
            definitionJSON = excluded.definitionJSON, wishJSON = excluded.wishJSON, judgedFrom = excluded.judgedFrom,
            activityJSON = excluded.activityJSON, createdAt = excluded.createdAt
            """,
            [
                series.id, series.pair.service, series.pair.guardrail, series.window,
                SeriesGrid(step: series.window, origin: 0).index(of: series.createdAt), definition, wish,
                series.judgedFrom.seconds, try json.encode(series.activity), series.createdAt.seconds,
            ])
        guard try Int.fetchOne(db, sql: "SELECT step FROM series WHERE id = ?", arguments: [series.id]) == series.window
        else {
            throw rejection(
                "The windows of series \(series.id) cannot become \(series.window) s long: a series keeps its length. "
                    + "Pin a new series instead.")
        }
    }

    private func insert(_ version: PolicyVersion, _ json: JSONText, _ db: Database) throws {
        try db.run(
            "INSERT INTO policyVersion (id, service, policyJSON, adoptedAt) VALUES (?, ?, ?, ?)",
            [version.id, version.service, try json.encode(version.policy), version.adoptedAt.seconds])
    }

    private func insert(_ baseline: StoredBaseline, _ json: JSONText, _ db: Database) throws {
        try db.run(
            """
            INSERT INTO baseline (id, series, deployment, start, "end", ruleJSON, excludedJSON, windowsExcluded, "values",
            windowsOverMedianLimit, storedAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                baseline.id, baseline.series, baseline.deployment, baseline.from.seconds, baseline.to.seconds,
                try json.encode(baseline.rule), try json.encode(baseline.excluded), baseline.windowsExcluded,
                BaselineBytes.data(baseline.values), baseline.windowsOverMedianLimit, baseline.storedAt.seconds,
            ])
    }

    private func save(_ episode: Episode, _ db: Database) throws {
        try db.run(
            """
            INSERT INTO episode (service, guardrail, start, openedAt, lastBreach, windows, peak, closedAt, ending)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET openedAt = excluded.openedAt, lastBreach = excluded.lastBreach,
            windows = excluded.windows, peak = excluded.peak, closedAt = excluded.closedAt, ending = excluded.ending
            """,
            [
                episode.pair.service, episode.pair.guardrail, episode.start.seconds, episode.openedAt.seconds,
                episode.lastBreach.seconds, episode.windows, episode.peak, episode.closedAt?.seconds,
                episode.ending?.rawValue,
            ])
    }

    private func insert(_ confirmation: Confirmation, _ db: Database) throws {
        try db.run(
            "INSERT INTO confirmation (service, guardrail, deployment, since, at) VALUES (?, ?, ?, ?, ?)",
            [
                confirmation.pair.service, confirmation.pair.guardrail, confirmation.deployment,
                confirmation.since.seconds, confirmation.at.seconds,
            ])
    }

    /// A check that commits more than once is one check: its last record stays.
    private func save(_ check: CheckRecord, _ json: JSONText, _ db: Database) throws {
        let failures = check.failures.isEmpty ? nil : try json.encode(check.failures)
        let services = try check.services.map { try json.encode($0) }
        try db.run(
            """
            UPDATE checkRun SET windowsJudged = ?, failuresJSON = ?
            WHERE id = (SELECT max(id) FROM checkRun) AND at = ? AND clock IS ? AND servicesJSON IS ?
            """,
            [check.windowsJudged, failures, check.at.seconds, check.clock?.seconds, services])
        guard db.changesCount == 0 else { return }
        try db.run(
            "INSERT INTO checkRun (at, windowsJudged, failuresJSON, clock, servicesJSON) VALUES (?, ?, ?, ?, ?)",
            [check.at.seconds, check.windowsJudged, failures, check.clock?.seconds, services])
    }
}
