import Foundation
import Glibc
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

@Suite("One check at a time", .heavy)
struct CheckLockTests {
    @Test("holds the lock, until it releases it")
    func oneAtATime() throws {
        try withLedgerPath { path in
            guard let first = try CheckLock.acquire(ledgerPath: path) else {
                Issue.record("A lock that nobody holds was refused.")
                return
            }
            #expect(try isFree(path) == false)
            first.release()
            #expect(try isFree(path))
            #expect(try isFree(path))
            #expect(try mode(path + ".lock") == 0o600)
        }
    }

    @Test("and gives it back also while a child that was just forked still has its descriptor")
    func inherited() throws {
        try withLedgerPath { path in
            guard let lock = try CheckLock.acquire(ledgerPath: path) else {
                Issue.record("A lock that nobody holds was refused.")
                return
            }
            let copies = copiesOfDescriptors(for: path + ".lock")
            defer { for copy in copies { close(copy) } }
            #expect(!copies.isEmpty)
            lock.release()
            #expect(try isFree(path))
        }
    }

    @Test("for each ledger, whatever name it is called by")
    func names() throws {
        try withLedgerPath { path in
            _ = try SQLiteLedger.open(path: path, createIfMissing: true)
            try FileManager.default.createSymbolicLink(atPath: path + "-link", withDestinationPath: path)
            guard let lock = try CheckLock.acquire(ledgerPath: path) else {
                Issue.record("A lock that nobody holds was refused.")
                return
            }
            #expect(try isFree(path + "-link") == false)
            #expect(try isFree(path + "-other"))
            lock.release()
            #expect(try isFree(path + "-link"))
        }
    }

    @Test("and a process that dies gives the lock back")
    func death() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path + ".lock") }
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            guard let lock = try CheckLock.acquire(ledgerPath: path) else { return }
            if try isFree(path) == false { kill(getpid(), SIGKILL) }
            lock.release()
        }
        #expect(FileManager.default.fileExists(atPath: path + ".lock"))
        #expect(try isFree(path))
    }

    @Test("and says where a lock cannot be had")
    func inaccessible() {
        let error = #expect(throws: LedgerError.self) { try isFree("/dev/null/ledger.db") }
        #expect(error?.code == .inaccessible)
    }
}

/// Whether the lock could be taken; it is given back at once.
private func isFree(_ path: String) throws -> Bool {
    let lock = try CheckLock.acquire(ledgerPath: path)
    return lock != nil
}
