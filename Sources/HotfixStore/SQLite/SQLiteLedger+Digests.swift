import Foundation
internal import GRDB
package import HotfixCore

extension SQLiteLedger {
    /// Reads what the windows of services came to; see `Ledger`.
    package func digests(evidence: Int) throws(LedgerError) -> [ServiceDigest] {
        try read { db in
            // What was kept before the state that is asked for was reached, or after it was left, is not of it.
            guard try Int.fetchOne(db, sql: "SELECT evidence FROM ledger") == evidence else { return [] }
            return try db.all("SELECT service, content FROM serviceDigest WHERE evidence = ?", [evidence]) { row in
                try DigestBytes.digest(of: row[0], row[1])
            }
        }
    }

    /// Makes every digest that was kept before say nothing any more.
    func advanceEvidence(_ db: Database) throws {
        try db.run("UPDATE ledger SET evidence = evidence + 1", [])
    }

    func save(_ digests: [ServiceDigest], _ db: Database) throws {
        guard !digests.isEmpty, let evidence = try Int.fetchOne(db, sql: "SELECT evidence FROM ledger") else { return }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO serviceDigest (service, evidence, content) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET evidence = excluded.evidence, content = excluded.content
                WHERE evidence IS NOT excluded.evidence OR content IS NOT excluded.content
                """)
        for digest in digests {
            try statement.execute(arguments: [digest.service, evidence, DigestBytes.data(digest)])
        }
    }
}
