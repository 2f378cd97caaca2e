import Foundation
internal import GRDB
import Glibc
package import HotfixCore
import Synchronization

/// A ledger in one SQLite file, through one connection for the life of the process.
///
/// Several processes may have the ledger open: the write-ahead log lets all of them read while one writes, and whoever
/// wants to write waits up to 10 seconds for its turn. Every commit is on the disk when it returns. A copy of the
/// file alone may lack the newest commits; `sqlite3 ledger.db ".backup copy.db"` copies a ledger that is in use.
package final class SQLiteLedger: Ledger, Sendable {
    /// The file; `:memory:` where there is none.
    package let path: String
    private let queue: DatabaseQueue
    /// What was read of the facts last: nearly all of it is there again when they are read again.
    let texts = Mutex(JSONText())

    init(path: String, queue: DatabaseQueue) {
        self.path = path
        self.queue = queue
    }

    /// Opens the ledger in a file.
    ///
    /// A file that is not a ledger is refused and left as it is.
    ///
    /// - Parameters:
    ///   - path: The file. SQLite puts two more beside it, whose names end in `-wal` and `-shm`.
    ///   - createIfMissing: Whether a file that does not exist, or is empty, becomes a new ledger, which its owner
    ///     alone may read; missing directories on its way are made.
    ///   - patience: How long it waits for others who hold the file, in seconds.
    /// - Returns: The ledger, at the newest schema.
    /// - Throws: `LedgerError` with code `inaccessible` where there is no ledger and none may be made, or it cannot be
    ///   opened; `damaged` for what is not a ledger, `newerSchema`, `busy`.
    package static func open(
        path: String, createIfMissing: Bool, patience: Seconds = usualPatience
    ) throws(LedgerError) -> SQLiteLedger {
        try LedgerFile(path: path).prepare(createIfMissing: createIfMissing)
        do {
            let ledger = SQLiteLedger(
                path: path, queue: try DatabaseQueue(path: path, configuration: configuration(patience)))
            try ledger.queue.inDatabase { db in
                try ledger.bringToCurrentSchema(db, mayCreate: createIfMissing)
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try ledger.useWriteAheadLog(db, patience)
            }
            return ledger
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// Makes a ledger that is gone with the value.
    package static func inMemory() throws(LedgerError) -> SQLiteLedger {
        do {
            let ledger = SQLiteLedger(path: ":memory:", queue: try DatabaseQueue(configuration: configuration()))
            try ledger.queue.inDatabase { try ledger.bringToCurrentSchema($0, mayCreate: true) }
            return ledger
        } catch {
            throw LedgerError(error, path: ":memory:")
        }
    }

    /// Reads the whole file and compares it with itself; this takes as long as reading the file does.
    ///
    /// - Throws: `LedgerError` with code `damaged` and what was found.
    package func verifyIntegrity() throws(LedgerError) {
        let findings = try read { db in
            let broken = try String.fetchAll(db, sql: "PRAGMA integrity_check(5)").filter { $0 != "ok" }
            let dangling = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check")
                .prefix(5).map { "\($0[0] as String) refers to a row of \($0[2] as String) that there is not" }
            return broken + dangling
        }
        if !findings.isEmpty { throw .damaged(path, findings.joined(separator: "; ")) }
    }

    /// Reads in one transaction, so that everything read is of one state.
    func read<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
        do { return try queue.read(body) } catch { throw LedgerError(error, path: path) }
    }

    /// Reads in one transaction with a body whose own errors pass as they are.
    func readPassingErrors(_ body: (Database) throws -> Void) throws {
        do {
            try queue.read(body)
        } catch let error as DatabaseError {
            throw LedgerError(error, path: path)
        } catch let error as ByteReader.Malformed {
            throw LedgerError(error, path: path)
        } catch let error as LedgerContent.Unknown {
            throw LedgerError(error, path: path)
        }
    }

    /// Writes in one transaction, which begins as a writer: what it reads cannot change before it writes.
    func write<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
        do { return try queue.write(body) } catch { throw LedgerError(error, path: path) }
    }

    /// Says that what is to be written does not fit what the ledger holds.
    func rejection(_ message: String) -> LedgerError {
        LedgerError(.rejected, message)
    }

    /// How long a connection waits for its turn unless told otherwise, in seconds.
    package static let usualPatience: Seconds = 10

    private static func configuration(_ patience: Seconds = usualPatience) -> GRDB.Configuration {
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(Double(patience))
        configuration.foreignKeysEnabled = true
        return configuration
    }

    /// A connection that writes nothing.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - isImmutable: Whether the file is taken to be one that nobody changes, so that no log is looked for.
    /// - Returns: The connection.
    /// - Throws: An error of SQLite's.
    static func readOnlyQueue(_ path: String, isImmutable: Bool) throws -> DatabaseQueue {
        var configuration = configuration()
        configuration.readonly = true
        guard isImmutable else { return try DatabaseQueue(path: path, configuration: configuration) }
        let escaped = path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
        return try DatabaseQueue(path: "file:\(escaped)?immutable=1", configuration: configuration)
    }

    /// Refuses what is no ledger of the newest schema.
    func requireCurrentSchema() throws {
        guard let version = try read(schemaVersion) else { throw LedgerFile.empty(path) }
        guard version < LedgerSchema.migrations.count else { return }
        throw rejection(
            "The ledger '\(path)' is of the older schema \(version); the next check brings it to \(LedgerSchema.migrations.count)."
        )
    }

    private func useWriteAheadLog(_ db: Database, _ patience: Seconds) throws {
        let deadline = ContinuousClock.now + .seconds(patience)
        while true {
            do {
                let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
                guard mode != "wal" else { return }
                throw LedgerError(
                    .inaccessible,
                    "The ledger '\(path)' lies on a file system without shared memory, so that several processes could "
                        + "damage it. Keep it on a local disk.")
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && .now < deadline {
                // SQLite does not wait for this lock: two that have just made a ledger would wait for each other.
                usleep(1000)
            }
        }
    }

    private func bringToCurrentSchema(_ db: Database, mayCreate: Bool) throws {
        var version: Int?
        try db.inTransaction(.deferred) {
            version = try schemaVersion(db)
            // A file that is empty before the write begins is one that nobody else has put anything into.
            if version == nil, try Int.fetchOne(db, sql: "PRAGMA page_count") != 0 { throw foreign }
            return .commit
        }
        if version == nil, !mayCreate { throw LedgerFile.empty(path) }
        if version == LedgerSchema.migrations.count { return }
        try db.inTransaction(.immediate) {
            let version = try schemaVersion(db) ?? 0
            for migration in LedgerSchema.migrations.dropFirst(version) { try db.execute(sql: migration) }
            if version == 0 {
                try db.execute(sql: "PRAGMA application_id = \(LedgerSchema.applicationID)")
                try db.execute(
                    sql: "INSERT INTO ledger (id, ledgerID, generation) VALUES (1, ?, 0)",
                    arguments: [UUID().uuidString.lowercased()])
            }
            try db.execute(sql: "PRAGMA user_version = \(LedgerSchema.migrations.count)")
            return .commit
        }
    }

    /// How many changes of the schema the ledger has; nil for a file without content.
    private func schemaVersion(_ db: Database) throws -> Int? {
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        if application == 0, version == 0, tables == 0 { return nil }
        guard application == LedgerSchema.applicationID, version > 0 else { throw foreign }
        guard version <= LedgerSchema.migrations.count else {
            throw LedgerError(
                .newerSchema,
                "The ledger '\(path)' was written by a newer version of hotfix: its schema is \(version), and this version "
                    + "knows \(LedgerSchema.migrations.count). Install the newer version, or restore the backup that was made "
                    + "before it was installed.")
        }
        return version
    }

    private var foreign: LedgerError { .foreign(path, "it is a SQLite database of another program") }
}
