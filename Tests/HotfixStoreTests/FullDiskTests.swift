import Foundation
import Glibc
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

@Suite("A disk that takes no more", .heavy)
struct FullDiskTests {
    @Test("is told of, and leaves every commit that was written")
    func full() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appendingPathComponent("ledger.db").path
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
            let ledger = try SQLiteLedger.open(path: path, createIfMissing: true)
            _ = try ledger.commit(pinning([series(1)]), generation: 0)
            _ = try ledger.commit(writing([clean(1)]), generation: 1)
            // No file of the process grows beyond this from here on.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 300_000, rlim_max: 300_000)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            do {
                _ = try ledger.commit(writing((0..<20_000).map { clean(Double($0)) }), generation: 2)
            } catch let error as LedgerError where error.code == .inaccessible && error.message.contains(path) {
                exit(try ledger.facts().generation == 2 ? 7 : 1)
            }
        }
        let ledger = try SQLiteLedger.open(path: path, createIfMissing: false)
        try ledger.verifyIntegrity()
        #expect(try ledger.facts().generation == 2)
        #expect(try ledger.timelines(from: [1: .start])[1]?.entries.map(\.record) == [clean(1)])
    }
}
