import Foundation
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

@Suite("The file of a ledger", .heavy)
struct FileTests {
    @Test("is its owner's alone, with the files beside it and the directories made for it")
    func modes() throws {
        try withLedgerPath { path in
            let directory = (path as NSString).deletingLastPathComponent + "/var/hotfix"
            let nested = directory + "/ledger.db"
            let ledger = try SQLiteLedger.open(path: nested, createIfMissing: true)
            try ledger.record(.deployment(deployment(), excluding: []))
            let modes = try ["", "-wal", "-shm"].map { try mode(nested + $0) }
            #expect(modes == [0o600, 0o600, 0o600])
            #expect(try mode(directory) == 0o700)
            #expect(try mode((directory as NSString).deletingLastPathComponent) == 0o700)
            #expect(try ledger.facts().deployments.count == 1)
        }
    }

    @Test(
        "is its group's too where the directory hands it to a group that may write there",
        arguments: [(0o2770, 0o660), (0o2750, 0o600), (0o770, 0o600)])
    func shared(directoryMode: Int, expected: Int) throws {
        try withLedgerPath { path in
            let directory = (path as NSString).deletingLastPathComponent
            try #require(chmod(directory, mode_t(directoryMode)) == 0)
            let ledger = try SQLiteLedger.open(path: path, createIfMissing: true)
            guard let lock = try CheckLock.acquire(ledgerPath: path) else {
                Issue.record("the lock of a new ledger is taken")
                return
            }
            try ledger.record(.deployment(deployment(), excluding: []))
            let modes = try ["", "-wal", "-shm", ".lock"].map { try mode(path + $0) }
            #expect(modes == Array(repeating: expected, count: 4))
            lock.release()
        }
    }

    @Test("keeps the mode it was given")
    func keepsMode() throws {
        try withLedgerPath { path in
            try makeLedger(path)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
            let ledger = try SQLiteLedger.open(path: path, createIfMissing: true)
            #expect(try ledger.facts().generation == 1)
            #expect(try mode(path) == 0o640)
        }
    }

    @Test("is made only where that is wanted", arguments: [false, true])
    func missing(isEmptyFile: Bool) throws {
        try withLedgerPath { path in
            if isEmptyFile { try Data().write(to: URL(fileURLWithPath: path)) }
            let before = try filesBeside(path)
            let error = #expect(throws: LedgerError.self) {
                try SQLiteLedger.open(path: path, createIfMissing: false)
            }
            #expect(error?.code == (isEmptyFile ? .damaged : .inaccessible))
            #expect(error?.message.contains(path) == true)
            #expect(try filesBeside(path) == before)
            #expect(try SQLiteLedger.open(path: path, createIfMissing: true).facts().generation == 0)
        }
    }

    @Test("is made once, however many open it at the same time")
    func racing() throws {
        for _ in 0..<30 {
            try withLedgerPath { path in
                let race = Race(runners: 4)
                race.run { try SQLiteLedger.open(path: path, createIfMissing: true).facts().ledgerID }
                let identities = try race.results()
                #expect(identities.count == 4)
                #expect(Set(identities).count == 1)
            }
        }
    }

    @Test("is left as it is where it is no ledger, or none that can be read", arguments: Intruder.allCases)
    private func refusal(intruder: Intruder) throws {
        try withLedgerPath { path in
            try intruder.write(path)
            let before = try filesBeside(path)
            let error = #expect(throws: LedgerError.self) {
                let ledger = try SQLiteLedger.open(path: path, createIfMissing: true)
                try ledger.verifyIntegrity()
            }
            #expect(error?.code == intruder.code)
            #expect(error?.message.hasPrefix(intruder.message(path)) == true)
            #expect(try filesBeside(path) == before)
        }
    }

    @Test("says how to go on where it cannot be written")
    func directory() throws {
        try withLedgerPath { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let error = #expect(throws: LedgerError.self) {
                try SQLiteLedger.open(path: path, createIfMissing: true)
            }
            #expect(
                error
                    == LedgerError(
                        .damaged,
                        "'\(path)' is not a file. Name the ledger's file as `state` in the configuration."))
            let below = #expect(throws: LedgerError.self) {
                try SQLiteLedger.open(path: "/dev/null/ledger.db", createIfMissing: true)
            }
            #expect(below?.code == .inaccessible)
        }
    }

    @Test("is found damaged by looking, also where it can be read")
    func disorder() throws {
        try withLedgerPath { path in
            try makeLedger(path, writing: (0..<2000).map { clean(Double($0) / 3) })
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            let pages = [bytes.count - 8192..<bytes.count - 4096, bytes.count - 4096..<bytes.count]
            let contents = pages.map { Data(bytes[$0]) }
            bytes.replaceSubrange(pages[0], with: contents[1])
            bytes.replaceSubrange(pages[1], with: contents[0])
            try bytes.write(to: URL(fileURLWithPath: path))
            let ledger = try SQLiteLedger.open(path: path, createIfMissing: false)
            let found = #expect(throws: LedgerError.self) { try ledger.verifyIntegrity() }
            #expect(found?.code == .damaged)
            #expect(found?.message.contains("window") == true)
        }
    }

    @Test("is found damaged by looking, and by reading what is damaged")
    func damage() throws {
        try withLedgerPath { path in
            try makeLedger(path, writing: (0..<2000).map { clean(Double($0) / 3) })
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            // The last pages are leaves of the table of windows, which a new ledger has not.
            bytes.replaceSubrange(bytes.count - 40_960..<bytes.count, with: Data(repeating: 0xA5, count: 40_960))
            try bytes.write(to: URL(fileURLWithPath: path))
            let damaged = try SQLiteLedger.open(path: path, createIfMissing: false)
            let found = #expect(throws: LedgerError.self) { try damaged.verifyIntegrity() }
            let met = #expect(throws: LedgerError.self) { try damaged.timelines(from: [1: .start]) }
            #expect([found?.code, met?.code] == [.damaged, .damaged])
            #expect(met?.message.contains("restore the newest backup") == true)
        }
    }
}

/// Makes a ledger and closes it, so that its file is as it is at rest.
private func makeLedger(_ path: String, writing records: [WindowRecord] = []) throws {
    let ledger = try SQLiteLedger.open(path: path, createIfMissing: true)
    _ = try ledger.commit(pinning([series(1)]), generation: 0)
    _ = try ledger.commit(writing(records), generation: 1)
}

/// Files that must not be taken for a ledger.
private enum Intruder: CaseIterable {
    case text, otherDatabase, emptyDatabase, newerSchema, truncated

    /// Puts the file in place.
    func write(_ path: String) throws {
        let file = URL(fileURLWithPath: path)
        switch self {
        case .text: try Data(String(repeating: "not a ledger\n", count: 90).utf8).write(to: file)
        case .otherDatabase:
            try makeLedger(path)
            try headerChanged(path, at: 68, to: 0).write(to: file)
        case .emptyDatabase:
            try makeLedger(path)
            // A page whose tree of tables is empty, in a database of one page.
            var page = try headerChanged(path, at: 28, to: 1).prefix(4096)
            page.replaceSubrange(56..<108, with: Data(repeating: 0, count: 52))
            page[59] = 1
            page.replaceSubrange(100..<108, with: [13, 0, 0, 0, 0, 0x10, 0, 0])
            try page.write(to: file)
        case .newerSchema:
            try makeLedger(path)
            try headerChanged(path, at: 60, to: 99).write(to: file)
        case .truncated:
            try makeLedger(path)
            try Data(contentsOf: file).prefix(3 * 4096 + 100).write(to: file)
        }
    }

    var code: LedgerError.Code { self == .newerSchema ? .newerSchema : .damaged }

    /// How the error begins.
    func message(_ path: String) -> String {
        switch self {
        case .text: "'\(path)' is not a hotfix ledger: it is not a SQLite database."
        case .otherDatabase, .emptyDatabase:
            "'\(path)' is not a hotfix ledger: it is a SQLite database of another program."
        case .newerSchema: "The ledger '\(path)' was written by a newer version of hotfix: its schema is 99"
        case .truncated: "The ledger '\(path)' is damaged: database disk image is malformed."
        }
    }
}
