internal import GRDB
package import HotfixCore

extension SQLiteLedger {
    /// Records a statement of a person, as `Ledger` says.
    ///
    /// A statement that is recorded twice is there twice.
    ///
    /// - Throws: `LedgerError` with code `rejected` where it names a hotfix or a deployment that the ledger does not
    ///   hold, or that was closed or taken back already, or a silence that it does not hold or that has ended.
    package func record(_ statement: HotfixCore.Statement) throws(LedgerError) {
        try write { db in
            switch statement {
            case .deployment(let deployment, let exclusions):
                try insert(deployment, JSONText(), db)
                for exclusion in exclusions { try insert(exclusion, db) }
            case .close(let hotfix, let instant): try close(hotfix: hotfix, at: instant, db)
            case .void(let deployment, let reason, let instant):
                try void(deployment: deployment, reason: reason, at: instant, db)
            case .exclusion(let exclusion): try insert(exclusion, db)
            case .excusal(let excusal): try insert(excusal, db)
            case .acceptance(let acceptances): for acceptance in acceptances { try insert(acceptance, db) }
            case .silence(let silence): try insert(silence, db)
            case .lift(let silence, let person, let instant): try lift(silence: silence, by: person, at: instant, db)
            case .acknowledgement(let acknowledgement): try insert(acknowledgement, db)
            }
            try advanceGeneration(db)
            if statement.bearsOnReadiness { try advanceEvidence(db) }
        }
    }

    private func insert(_ deployment: Deployment, _ json: JSONText, _ db: Database) throws {
        let hotfix = try hotfix(of: deployment, db)
        try db.run(
            """
            INSERT INTO deployment (hotfix, branch, "commit", version, besideJSON, at, recordedAt, servicesJSON, pairsJSON,
            incident, newBaselineReason, closedAt, voidReason, voidedAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                hotfix, deployment.branch, deployment.commit, deployment.version, try json.encode(deployment.beside),
                deployment.at.seconds, deployment.recordedAt.seconds, try json.encode(deployment.services),
                try json.encode(deployment.pairs), deployment.incident.rawValue, deployment.newBaselineReason,
                deployment.closedAt?.seconds, deployment.voidReason, deployment.voidedAt?.seconds,
            ])
    }

    /// The hotfix that a deployment belongs to: the one it names, else the open one, else a new one.
    private func hotfix(of deployment: Deployment, _ db: Database) throws -> Int {
        if deployment.hotfix != 0 {
            try requireOpen(hotfix: deployment.hotfix, db)
            return deployment.hotfix
        }
        if let open = try Int.fetchOne(db, sql: "SELECT id FROM hotfix WHERE closedAt IS NULL") { return open }
        try db.run("INSERT INTO hotfix (openedAt) VALUES (?)", [deployment.recordedAt.seconds])
        return Int(db.lastInsertedRowID)
    }

    private func close(hotfix: Int, at instant: Instant, _ db: Database) throws {
        try requireOpen(hotfix: hotfix, db)
        try db.run("UPDATE hotfix SET closedAt = ? WHERE id = ?", [instant.seconds, hotfix])
        try db.run(
            "UPDATE deployment SET closedAt = ? WHERE hotfix = ? AND closedAt IS NULL", [instant.seconds, hotfix])
    }

    private func requireOpen(hotfix: Int, _ db: Database) throws {
        let row = try Row.fetchOne(db, sql: "SELECT closedAt FROM hotfix WHERE id = ?", arguments: [hotfix])
        guard let row else {
            throw rejection("The ledger holds no hotfix \(hotfix). `hotfix deployed --list` shows those it holds.")
        }
        if let closedAt = row.optionalInstant(0) {
            throw rejection(
                "Hotfix \(hotfix) was closed at \(closedAt). The next deployment that is recorded opens a new one.")
        }
    }

    private func void(deployment: Int, reason: String, at instant: Instant, _ db: Database) throws {
        let row = try Row.fetchOne(db, sql: "SELECT voidedAt FROM deployment WHERE id = ?", arguments: [deployment])
        guard let row else {
            throw rejection(
                "The ledger holds no deployment \(deployment). `hotfix deployed --list` shows those it holds.")
        }
        if let voidedAt = row.optionalInstant(0) {
            throw rejection("Deployment \(deployment) was taken back already, at \(voidedAt). Nothing is left to do.")
        }
        try db.run(
            "UPDATE deployment SET voidReason = ?, voidedAt = ? WHERE id = ?", [reason, instant.seconds, deployment])
    }

    private func insert(_ exclusion: Exclusion, _ db: Database) throws {
        try db.run(
            """
            INSERT INTO exclusion (service, start, "end", reason, "by", recordedAt) VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                exclusion.service, exclusion.interval.start.seconds, exclusion.interval.end?.seconds, exclusion.reason,
                exclusion.by, exclusion.recordedAt.seconds,
            ])
    }

    private func insert(_ excusal: Excusal, _ db: Database) throws {
        try db.run(
            """
            INSERT INTO excusal (episode, service, guardrail, start, "end", reason, "by", recordedAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                excusal.episode, excusal.pair.service, excusal.pair.guardrail, excusal.interval.start.seconds,
                excusal.interval.end?.seconds, excusal.reason, excusal.by, excusal.recordedAt.seconds,
            ])
    }

    private func insert(_ acceptance: Acceptance, _ db: Database) throws {
        try db.run(
            """
            INSERT INTO acceptance (service, guardrail, reason, "by", recordedAt) VALUES (?, ?, ?, ?, ?)
            """,
            [
                acceptance.pair.service, acceptance.pair.guardrail, acceptance.reason, acceptance.by,
                acceptance.recordedAt.seconds,
            ])
    }
}
