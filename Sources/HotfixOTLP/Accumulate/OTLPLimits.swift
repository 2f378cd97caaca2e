package import HotfixCore

/// How much a receiver takes, and for how long.
package struct OTLPLimits: Sendable, Hashable {
    /// The length of a cell in seconds: what windows are added up of.
    package var cell: Seconds = 300
    /// The most series at a time; points of further ones are rejected.
    package var series = 10_000
    /// The most metrics of services at a time; series of further ones are rejected.
    package var subjects = 3_000
    /// The most points of one series at a time.
    package var pointsOfSeries = 512
    /// The most memory for points, in words of 8 bytes: 256 MiB.
    package var words = 32 << 20
    /// Points older than this are rejected, in seconds.
    package var lateness: Seconds = 600
    /// Points farther ahead than this are rejected, in seconds.
    package var lead: Seconds = 600
    /// The largest body after decompression, in bytes: 20 MiB.
    package var body = 20 << 20
    /// The most messages of one body, points and attributes among them; a Collector's usual batch has a tenth of it.
    package var messages = 1_000_000
    /// The most bytes of bodies that are read at a time, beside one: 32 MiB.
    package var bodiesAtOnce = 32 << 20
    /// The most buckets of one point.
    package var buckets = 1000

    /// Makes the usual limits.
    package init() {}

    /// Limits for policies with windows of some lengths, in seconds, each of which divides a day.
    ///
    /// Cells are as long as all windows can be made of, and 5 minutes at most.
    package init(windows: some Sequence<Seconds>) {
        let common = windows.reduce(0) { commonDivisor($0, $1) }
        guard common > 0 else { return }
        cell = (1...min(common, PointCell.longest)).last { common.isMultiple(of: $0) } ?? 1
    }

    /// How long the log is kept: no point that a change of a cell has to know of was received longer ago, in seconds.
    var memory: Seconds { lateness + lead + cell + PointCell.longest + 300 + 60 }
}

/// The greatest number that divides both; that of 0 and another is the other.
func commonDivisor(_ left: Int, _ right: Int) -> Int {
    right == 0 ? left : commonDivisor(right, left % right)
}
