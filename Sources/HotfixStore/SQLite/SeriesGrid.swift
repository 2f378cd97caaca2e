import GRDB
import HotfixCore

/// How a series' windows are numbered.
///
/// The one in which the series was pinned is 0, and those of its look-back are negative: the numbers of a quarter of a
/// year then take two bytes each, where numbers since the epoch would take three.
struct SeriesGrid {
    /// The length of a window.
    let step: Seconds
    /// The number of window 0, counted from the epoch.
    let origin: Int

    /// The number of the window that holds an instant.
    func index(of instant: Instant) -> Int { instant.floored(to: step).seconds / step - origin }

    /// The window with a number.
    func window(_ index: Int) -> Window { Window(containing: Instant((origin + index) * step), length: step) }

    /// The number of the first window that starts at or after an instant.
    func index(notBefore instant: Instant) -> Int { index(of: instant.ceiled(to: step)) }
}

/// The grids of a ledger's series, by their numbers.
struct SeriesGrids {
    private let path: String
    private let grids: [Int: SeriesGrid]

    /// Reads the grids.
    init(_ db: Database, path: String) throws {
        self.path = path
        let rows = try db.all("SELECT id, step, origin FROM series") { row in
            (row[0] as Int, SeriesGrid(step: row[1], origin: row[2]))
        }
        grids = Dictionary(uniqueKeysWithValues: rows)
    }

    /// The numbers of the series with their grids.
    var all: [Int: SeriesGrid] { grids }

    /// The grid of a series that has to be there.
    func grid(of series: Int) throws -> SeriesGrid {
        guard let grid = grids[series] else {
            throw LedgerError(
                .rejected,
                "The ledger '\(path)' holds no series \(series). Read the ledger again: its series are in its facts.")
        }
        return grid
    }
}
