import Foundation
import GRDB
import HotfixCore
import HotfixTestSupport
import Testing

@testable import HotfixStore

struct PointStoreTests {
    private func subject(_ name: String, environment: String? = "production", origin: String = "") -> PointSubject {
        PointSubject(
            origin: origin, scope: "application", namespace: "", name: name, environment: environment,
            metric: "process.cpu.time")
    }

    private func cell(_ start: Int, _ content: [UInt8] = [1, 2]) -> PointCell {
        PointCell(start: Instant(start), length: 300, content: content)
    }

    private func batch(_ cells: [(PointSubject, PointCell)], at: Int = 5, origin: String = "") -> PointBatch {
        var batch = PointBatch()
        batch.cells = cells.map { (subject: $0.0, cell: $0.1) }
        for (subject, cell) in cells { batch.newest[subject] = cell.start + 17 }
        batch.origin = origin
        batch.log = [PointLogEntry(at: Instant(at), content: [9])]
        return batch
    }

    @Test func `Cells are read as they were stored last, of their own subject and stretch`() throws {
        let ledger = try SQLiteLedger.inMemory()
        let unnamed = subject("a", environment: nil)
        try ledger.savePoints(
            batch([(subject("a"), cell(300)), (subject("a"), cell(600)), (unnamed, cell(300, [7]))]))
        try ledger.savePoints(batch([(subject("a"), cell(600, [3]))], at: 6))
        #expect(
            try ledger.pointCells(of: subject("a"), from: Instant(300), to: Instant(900)) == [
                cell(300), cell(600, [3]),
            ])
        #expect(try ledger.pointCells(of: subject("a"), from: Instant(301), to: Instant(899)).isEmpty)
        #expect(try ledger.pointCells(of: unnamed, from: Instant(0), to: Instant(900)) == [cell(300, [7])])
        #expect(try ledger.pointCells(of: subject("b"), from: Instant(0), to: Instant(900)).isEmpty)
        #expect(
            try ledger.pointSubjects() == [
                StoredSubject(subject: unnamed, newest: Instant(317)),
                StoredSubject(subject: subject("a"), newest: Instant(617)),
            ])
    }

    @Test func `The log of an origin is read from an instant on, and forgotten up to another`() throws {
        let ledger = try SQLiteLedger.inMemory()
        for at in [5, 6, 7] { try ledger.savePoints(batch([], at: at)) }
        try ledger.savePoints(batch([], at: 5, origin: "edge"))
        #expect(try ledger.pointLog(of: "", since: Instant(6)).map(\.at.seconds) == [6, 7])
        var forgetting = PointBatch()
        forgetting.forgetsLogBefore = Instant(7)
        try ledger.savePoints(forgetting)
        #expect(try ledger.pointLog(of: "", since: Instant(0)).map(\.at.seconds) == [7])
        #expect(try ledger.pointLog(of: "edge", since: Instant(0)).count == 1)
    }

    @Test func `Old cells are deleted, but for those that an open hotfix needs`() throws {
        let ledger = try SQLiteLedger.inMemory()
        try ledger.savePoints(
            batch([(subject("a"), cell(300)), (subject("a"), cell(600)), (subject("old"), cell(300))]))
        try ledger.prunePoints(before: Instant(600), sparing: 100)
        #expect(try ledger.pointCells(of: subject("a"), from: Instant(0), to: Instant(900)) == [cell(600)])
        #expect(try ledger.pointSubjects().map(\.subject.name) == ["a"])
        #expect(try ledger.pointLog(of: "", since: Instant(0)).isEmpty)

        try ledger.record(.deployment(deployment(commit: "a"), excluding: []))
        let recent = PointCell(start: .start - 600, length: 300, content: [4])
        try ledger.savePoints(batch([(subject("a"), recent)]))
        let read = { try ledger.pointCells(of: subject("a"), from: .start - 900, to: .start) }
        try ledger.prunePoints(before: .start + 9000, sparing: 450)
        #expect(try read() == [recent])
        try ledger.prunePoints(before: .start + 9000, sparing: 50)
        #expect(try read().isEmpty)
    }

    @Test func `A ledger of before points were received is brought to them, and keeps what it held`() throws {
        try withLedgerPath { path in
            do {
                let queue = try DatabaseQueue(path: path)
                try queue.inDatabase { db in
                    for migration in LedgerSchema.migrations.prefix(4) { try db.execute(sql: migration) }
                    try db.execute(sql: "PRAGMA application_id = \(LedgerSchema.applicationID)")
                    try db.execute(sql: "PRAGMA user_version = 4")
                    try db.execute(sql: "INSERT INTO ledger (id, ledgerID, generation) VALUES (1, 'x', 41)")
                }
                try queue.close()
            }
            let ledger = try SQLiteLedger.open(path: path, createIfMissing: false)
            #expect(try ledger.facts().generation == 41)
            try ledger.savePoints(batch([(subject("a"), cell(300))]))
            #expect(try ledger.pointSubjects().count == 1)
            #expect(try ledger.facts().generation == 41)
        }
    }
}
