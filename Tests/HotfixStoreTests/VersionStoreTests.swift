import Foundation
import GRDB
import HotfixCore
import Testing

@testable import HotfixStore

private func versions(_ seen: Set<String>, windows: Int, at source: String = "otel") -> VersionSeries {
    var runs = VersionRuns()
    for window in 0..<windows {
        runs.set(seen, in: Window(containing: Instant.start + window * 300, length: 300))
    }
    let service = Service(name: "checkout", environment: "production", bindings: ["otel": ["service": "checkout"]])
    return VersionSeries(
        service: "checkout", source: source, wish: VersionSeries.Wish(service, at: source, window: 300),
        definition: SeriesDefinition(source: source, query: "count by (job) (target_info)", details: ["label": "job"]),
        foundAt: .start, seen: runs, newest: VersionSighting(version: "checkout@1.2.4", at: .start),
        memo: "it's \"remembered\" ✓")
}

@Suite("The running versions in a ledger")
struct VersionStoreTests {
    @Test("come back as they were written, the newest in the place of the older, in the order found")
    func roundTrip() throws {
        try withLedgerPath { path in
            let ledger = try SQLiteLedger.open(path: path, createIfMissing: true)
            var outcome = Outcome(at: .start)
            var unknown = versions([], windows: 0, at: "sentry")
            unknown.definition = nil
            unknown.unknown = "no deploy"
            unknown.newest = nil
            unknown.memo = nil
            outcome.versions = [unknown, versions(["1.2.3"], windows: 3)]
            #expect(try ledger.commit(outcome, generation: 0))
            var changed = versions(["1.2.3"], windows: 5)
            changed.seen.set([], in: Window(containing: .start + 300, length: 300))
            changed.seen.set(["v1", "2"], in: Window(containing: .start + 9000, length: 300))
            outcome.versions = [changed]
            #expect(try !ledger.commit(outcome, generation: 0))
            #expect(try ledger.commit(outcome, generation: 1))
            let reopened = try SQLiteLedger.open(path: path, createIfMissing: false)
            #expect(try reopened.facts().versions == [unknown, changed])
            #expect(try reopened.facts().generation == 2)
            try reopened.verifyIntegrity()
        }
    }

    @Test("of a query that another took the place of stay beside those of the newer one")
    func earlier() throws {
        let ledger = try SQLiteLedger.inMemory()
        let first = versions(["1.2.3"], windows: 3)
        var renamed = first
        renamed.wish.binding = ["service": "renamed"]
        var requeried = versions(["1.2.4"], windows: 2)
        requeried.definition?.query = "count by (service_name) (target_info)"
        requeried.unsettledFrom = .start + 300
        var unknown = renamed
        (unknown.definition, unknown.unknown, unknown.newest, unknown.memo) = (nil, "no such label", nil, nil)
        var outcome = Outcome(at: .start)
        outcome.versions = [first, renamed, requeried, unknown]
        #expect(try ledger.commit(outcome, generation: 0))
        requeried.unsettledFrom = nil
        unknown.foundAt = .start + 900
        outcome.versions = [requeried, unknown]
        #expect(try ledger.commit(outcome, generation: 1))
        #expect(try ledger.facts().versions == [first, renamed, requeried, unknown])
    }

    @Test("of a ledger of schema 2 are taken over")
    func schema2() throws {
        try withLedgerPath { path in
            do {
                let old = try DatabaseQueue(path: path)
                try old.write { db in
                    for migration in LedgerSchema.migrations.prefix(2) { try db.execute(sql: migration) }
                    try db.execute(sql: "PRAGMA application_id = \(LedgerSchema.applicationID)")
                    try db.execute(sql: "PRAGMA user_version = 2")
                    try db.execute(
                        sql: """
                            INSERT INTO ledger (id, ledgerID, generation) VALUES (1, 'old', 7);
                            INSERT INTO runningVersion VALUES
                            ('checkout', 'otel', '{"binding":{"service":"checkout"},"window":300}', NULL, 'no such label',
                            1795161600, '{"versions":["1.2.3"],"runs":[[1795161600,1795161900,0]]}', NULL, NULL);
                            """)
                }
                try old.close()
            }
            let found = try SQLiteLedger.open(path: path, createIfMissing: false).facts().versions
            #expect(found.map(\.unknown) == ["no such label"] && found.map(\.unsettledFrom) == [nil])
            #expect(found.first?.seen[Instant(1_795_161_600)] == ["1.2.3"])
        }
    }

    @Test("that were the same for two days leave the file as large as it was")
    func size() throws {
        let sizes = try [1, 576].map { windows in
            try withLedgerPath { path in
                do {
                    let ledger = try SQLiteLedger.open(path: path, createIfMissing: true)
                    for generation in 0..<20 {
                        var outcome = Outcome(at: .start)
                        outcome.versions = [versions(["1.2.4"], windows: windows + generation)]
                        #expect(try ledger.commit(outcome, generation: generation))
                    }
                }
                return try Data(contentsOf: URL(fileURLWithPath: path)).count
            }
        }
        #expect(sizes[0] == sizes[1])
    }

    @Test("have a place in a ledger that the version before them made, which goes on with what it holds")
    func migration() throws {
        try withLedgerPath { path in
            do {
                let old = try DatabaseQueue(path: path)
                try old.write { db in
                    try db.execute(sql: LedgerSchema.migrations[0])
                    try db.execute(sql: "PRAGMA application_id = \(LedgerSchema.applicationID)")
                    try db.execute(sql: "PRAGMA user_version = 1")
                    try db.execute(
                        sql: """
                            INSERT INTO ledger (id, ledgerID, generation) VALUES (1, 'old', 7);
                            INSERT INTO hotfix (id, openedAt) VALUES (1, 1795161600);
                            INSERT INTO deployment (id, hotfix, "commit", version, besideJSON, at, recordedAt, servicesJSON,
                            pairsJSON, incident) VALUES (1, 1, 'abc1234', '1.2.4', '["1.2.3"]', 1795161600, 1795161600,
                            '["checkout"]', '[{"guardrail":"cpu","service":"checkout"}]', 'none');
                            """)
                }
                try old.close()
            }
            let ledger = try SQLiteLedger.open(path: path, createIfMissing: false)
            let facts = try ledger.facts()
            #expect(facts.ledgerID == "old" && facts.generation == 7)
            #expect(facts.deployments.map(\.version) == ["1.2.4"])
            #expect(facts.versions.isEmpty)
            var outcome = pinning([series(1)])
            outcome.versions = [versions(["1.2.4"], windows: 1)]
            #expect(try ledger.commit(outcome, generation: 7))
            #expect(try SQLiteLedger.open(path: path, createIfMissing: false).facts().versions == outcome.versions)
            try ledger.verifyIntegrity()
        }
    }
}
