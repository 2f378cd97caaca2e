import Foundation
import HotfixCore

/// The one moment at which a server makes a ledger: when it starts, and there is no sign that there ever was one.
///
/// A ledger that is gone later is gone with its disk or by mistake; with an empty one in its place, all would look well.
struct LedgerStart: Sendable {
    /// The ledger's file.
    let path: String

    /// Makes the ledger where there never was one.
    ///
    /// - Parameter workplace: Whose ledger.
    /// - Returns: What whoever runs the server has to know of it; nil where nothing was made.
    /// - Throws: `LedgerError` where it could not be made.
    static func begin(_ workplace: Workplace) throws -> String? {
        let start = LedgerStart(path: workplace.ledgerPath)
        guard !start.hasTrace else { return nil }
        _ = try workplace.openLedger(createIfMissing: true)
        return
            "A new ledger was made at '\(start.path)', since there was none. If there should have been one, look whether its "
            + "disk is there, and end this server before you bring it back."
    }

    /// Whether there is a ledger, or something that is only ever left beside one.
    private var hasTrace: Bool {
        ["", ".lock", "-wal", "-shm"].contains { FileStamp(path + $0).exists }
    }
}
