internal import GRDB
package import HotfixCore
import Synchronization

extension SQLiteLedger {
    package func facts() throws(LedgerError) -> LedgerFacts {
        try read { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT ledgerID, generation, evidence FROM ledger") else {
                throw LedgerError.damaged(path, "it has no identity")
            }
            var json = texts.withLock { $0 }
            json.beginAgain()
            defer { texts.withLock { $0 = json } }
            return LedgerFacts(
                ledgerID: row[0], generation: row[1], evidence: row[2], deployments: try deployments(db, &json),
                exclusions: try exclusions(db), excusals: try excusals(db), acceptances: try acceptances(db),
                confirmations: try confirmations(db), policies: try policies(db, &json),
                series: try series(db, &json), baselines: try baselines(db, &json), episodes: try episodes(db),
                versions: try versions(db, &json), silences: try silences(db),
                acknowledgements: try acknowledgements(db), messages: try messageHeads(db),
                deliveries: try openingDeliveries(db), lastCheck: try checks(db, limit: 1).first)
        }
    }

    /// Which state the ledger is in, without reading what it holds.
    package func mark() throws(LedgerError) -> LedgerMark { try markWithChanges().mark }

    /// Which state the ledger is in, and a number that is another after every commit of another connection.
    ///
    /// The number says of a ledger that was restored in its place, and has gone on to the same generation, that it is another. It
    /// is worth nothing beyond this connection.
    package func markWithChanges() throws(LedgerError) -> (mark: LedgerMark, changes: Int) {
        try read { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT ledgerID, generation FROM ledger") else {
                throw LedgerError.damaged(path, "it has no identity")
            }
            let changes = try Int.fetchOne(db, sql: "PRAGMA data_version") ?? 0
            return (LedgerMark(ledgerID: row[0], generation: row[1]), changes)
        }
    }

    /// What tells a ledger, and its state, from another that was put into the same file: more than its mark, which one that was
    /// restored and has gone on may have too.
    package func trace() throws(LedgerError) -> LedgerTrace {
        try read { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT ledgerID, generation, nonce FROM ledger") else {
                throw LedgerError.damaged(path, "it has no identity")
            }
            let check = try Row.fetchOne(db, sql: "SELECT id, at FROM checkRun ORDER BY id DESC LIMIT 1")
            return LedgerTrace(
                mark: LedgerMark(ledgerID: row[0], generation: row[1]), nonce: row[2], check: check.map { $0[0] },
                checkedAt: check.map { $0.instant(1) })
        }
    }

    /// The newest checks, newest first.
    package func checks(limit: Int) throws(LedgerError) -> [CheckRecord] {
        try read { try checks($0, limit: limit) }
    }

    /// Every series, in the order pinned.
    func series(_ db: Database, _ json: inout JSONText) throws -> [SeriesState] {
        let sql = """
            SELECT id, service, guardrail, definitionJSON, wishJSON, step, judgedFrom, activityJSON, createdAt
            FROM series ORDER BY id
            """
        return try db.all(sql) { row in
            SeriesState(
                id: row[0], pair: Pair(row[1], row[2]), definition: try json.decode(row[3]),
                wish: try json.decode(row[4]), window: row[5], judgedFrom: row.instant(6),
                activity: try json.decode(row[7]), createdAt: row.instant(8))
        }
    }

    private func deployments(_ db: Database, _ json: inout JSONText) throws -> [Deployment] {
        let sql = """
            SELECT id, hotfix, branch, "commit", version, besideJSON, at, recordedAt, servicesJSON, pairsJSON, incident,
            newBaselineReason, closedAt, voidReason, voidedAt FROM deployment ORDER BY id
            """
        return try db.all(sql) { row in
            Deployment(
                id: row[0], hotfix: row[1], branch: row[2], commit: row[3], version: row[4],
                beside: try json.decode(row[5]), at: row.instant(6), recordedAt: row.instant(7),
                services: try json.decode(row[8]), pairs: try json.decode(row[9]),
                incident: try LedgerContent.value(row[10]), newBaselineReason: row[11],
                closedAt: row.optionalInstant(12), voidReason: row[13], voidedAt: row.optionalInstant(14))
        }
    }

    private func exclusions(_ db: Database) throws -> [Exclusion] {
        let sql = """
            SELECT id, service, start, "end", reason, "by", recordedAt FROM exclusion ORDER BY id
            """
        return try db.all(sql) { row in
            Exclusion(
                id: row[0], service: row[1], interval: row.interval(2), reason: row[4], by: row[5],
                recordedAt: row.instant(6))
        }
    }

    private func excusals(_ db: Database) throws -> [Excusal] {
        let sql = """
            SELECT episode, service, guardrail, start, "end", reason, "by", recordedAt FROM excusal ORDER BY id
            """
        return try db.all(sql) { row in
            Excusal(
                episode: row[0], pair: Pair(row[1], row[2]), interval: row.interval(3), reason: row[5], by: row[6],
                recordedAt: row.instant(7))
        }
    }

    private func acceptances(_ db: Database) throws -> [Acceptance] {
        let sql = """
            SELECT service, guardrail, reason, "by", recordedAt FROM acceptance ORDER BY id
            """
        return try db.all(sql) { row in
            Acceptance(pair: Pair(row[0], row[1]), reason: row[2], by: row[3], recordedAt: row.instant(4))
        }
    }

    private func confirmations(_ db: Database) throws -> [Confirmation] {
        let sql = "SELECT service, guardrail, deployment, since, at FROM confirmation ORDER BY id"
        return try db.all(sql) { row in
            Confirmation(
                pair: Pair(row[0], row[1]), deployment: row[2], since: row.instant(3), at: row.instant(4))
        }
    }

    private func policies(_ db: Database, _ json: inout JSONText) throws -> [PolicyVersion] {
        try db.all("SELECT id, service, policyJSON, adoptedAt FROM policyVersion ORDER BY id") { row in
            PolicyVersion(id: row[0], service: row[1], policy: try json.decode(row[2]), adoptedAt: row.instant(3))
        }
    }

    private func baselines(_ db: Database, _ json: inout JSONText) throws -> [StoredBaseline] {
        let sql = """
            SELECT id, series, deployment, start, "end", ruleJSON, excludedJSON, windowsExcluded, "values",
            windowsOverMedianLimit, storedAt FROM baseline ORDER BY id
            """
        return try db.all(sql) { row in
            StoredBaseline(
                id: row[0], series: row[1], deployment: row[2], from: row.instant(3), to: row.instant(4),
                rule: try json.decode(row[5]), excluded: try json.decode(row[6]), windowsExcluded: row[7],
                values: try BaselineBytes.values(row[8]), windowsOverMedianLimit: row[9], storedAt: row.instant(10))
        }
    }

    private func episodes(_ db: Database) throws -> [Episode] {
        let sql = "SELECT \(Self.episodeColumns) FROM episode ORDER BY openedAt, service, guardrail, start"
        return try db.all(sql) { try Self.episode($0) }
    }

    private func checks(_ db: Database, limit: Int) throws -> [CheckRecord] {
        var json = JSONText()
        let sql = """
            SELECT at, windowsJudged, failuresJSON, clock, servicesJSON FROM checkRun ORDER BY id DESC LIMIT ?
            """
        return try db.all(sql, [limit]) { row in
            CheckRecord(
                at: row.instant(0), windowsJudged: row[1],
                failures: try (row[2] as String?).map { try json.decode($0) } ?? [],
                clock: row.optionalInstant(3), services: try (row[4] as String?).map { try json.decode($0) })
        }
    }
}
