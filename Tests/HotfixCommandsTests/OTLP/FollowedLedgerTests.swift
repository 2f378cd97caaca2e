import Foundation
import HotfixCommands
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

struct FollowedLedgerTests {
    private var batch: PointBatch {
        var batch = PointBatch()
        batch.log = [PointLogEntry(at: Instant(5), content: [1])]
        return batch
    }

    @Test func `Points go to the file that is at the path now, and to none that is gone`() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/ledger.db"
            #expect(throws: LedgerError.self) { try FollowedLedger(path: path, patience: 1) }
            _ = try SQLiteLedger.open(path: path, createIfMissing: true)
            let ledger = try FollowedLedger(path: path, patience: 1)
            try ledger.savePoints(batch)
            for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
            #expect(throws: LedgerError.self) { try ledger.savePoints(batch) }
            _ = try SQLiteLedger.open(path: path, createIfMissing: true)
            #expect(try ledger.pointLog(of: "", since: Instant(0)).isEmpty)
            try ledger.savePoints(batch)
            #expect(
                try SQLiteLedger.open(path: path, createIfMissing: false).pointLog(of: "", since: Instant(0)).count == 1
            )
        }
    }
}
