import GRDB
import HotfixCore

extension LedgerError {
    /// What a failure in SQLite, or in reading what it holds, means for a ledger.
    ///
    /// - Parameters:
    ///   - error: The failure.
    ///   - path: The ledger's file.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as LedgerError: self = error
        case let error as DatabaseError: self.init(error, path: path)
        default: self = .damaged(path, "\(error)")
        }
    }

    /// A ledger that cannot be read.
    static func damaged(_ path: String, _ finding: String) -> LedgerError {
        LedgerError(
            .damaged,
            "The ledger '\(path)' is damaged: \(finding). Move it aside together with its -wal and -shm files, and restore "
                + "the newest backup; hotfix asks the sources again for the windows that a backup lacks.")
    }

    private init(_ error: DatabaseError, path: String) {
        let text = error.message ?? "SQLite says \(error.extendedResultCode.rawValue)"
        let code: Code
        let message: String
        switch error.resultCode {
        case .SQLITE_CORRUPT:
            self = .damaged(path, text)
            return
        case .SQLITE_NOTADB:
            self = .foreign(path, "it is not a SQLite database")
            return
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            code = .busy
            message =
                "The ledger '\(path)' has been held by another process for seconds. Try again; if it stays so, "
                + "find that process with `fuser \(path)`."
        case .SQLITE_FULL:
            code = .inaccessible
            message =
                "The ledger '\(path)' could not be written: the disk is full. Free some space; the next check "
                + "catches up on what this one could not write."
        case .SQLITE_READONLY:
            code = .inaccessible
            message =
                "The ledger '\(path)' could not be written: \(text). Give whoever runs hotfix write permission for the "
                + "file and its directory."
        case .SQLITE_CONSTRAINT:
            code = .rejected
            message =
                "What was to be written does not fit the ledger '\(path)': \(text). Nothing was changed. Look up the "
                + "numbers of deployments and hotfixes with `hotfix deployed --list`."
        default:
            code = .inaccessible
            message =
                "The ledger '\(path)' could not be read or written: \(text). Check that the disk is there and has room, and "
                + "that whoever runs hotfix may read and write the file and its directory."
        }
        self.init(code, message)
    }

    /// A file that is not a ledger.
    static func foreign(_ path: String, _ finding: String) -> LedgerError {
        LedgerError(
            .damaged,
            "'\(path)' is not a hotfix ledger: \(finding). Nothing in it was changed. Name another file as `state` in "
                + "the configuration; if this was a ledger once, move it aside and restore its backup.")
    }
}
