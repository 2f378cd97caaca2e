/// Why a point was not taken, or could not be counted.
///
/// The numbers are those in stored cells and logs.
enum Rejection: UInt8, Hashable, Sendable, CaseIterable {
    case future, late, noTime, temporality, shape, negative, notFinite, buckets, tooLong, tooManySeries, tooManyPoints,
        tooMuch, unit, mixed, clock

    /// Whether a window without the point is not whole, so that it has no value; who sends no number has none to miss.
    var isLoss: Bool { self != .notFinite }

    /// What happened, and what to do next.
    var text: String {
        switch self {
        case .future: "its time is more than 10 minutes ahead: set the sender's clock"
        case .late: "it is more than 10 minutes old: its window is closed"
        case .noTime: "it has no time"
        case .temporality: "its temporality is neither delta nor cumulative"
        case .shape:
            "its metric is of another kind than its name says (a summary or gauge in place of a histogram or counter)"
        case .negative: "its counter is below 0, or its level is a delta"
        case .notFinite: "its value is not a number"
        case .buckets: "its buckets do not fit its bounds, or are too many"
        case .tooLong: "it counts more than 5 minutes at once: export every minute"
        case .tooManySeries:
            "there are too many series already: leave attributes such as url.full or http.route out by a view or a processor"
        case .tooManyPoints: "its series has too many points within minutes: export every minute"
        case .unit: "its unit is neither s nor ms"
        case .mixed:
            "several processes count under one identity: give each a service.instance.id of its own"
        case .clock: "the receiver's clock was set back"
        case .tooMuch: "the points of the last minutes take too much memory: export less often, or fewer series"
        }
    }
}

/// What came of a batch of points.
package struct Intake: Sendable {
    /// How many points were taken, or had been before.
    package internal(set) var accepted = 0
    /// How many were not, by reason.
    private(set) var rejections: [Rejection: Int] = [:]

    mutating func reject(_ reason: Rejection) { rejections[reason, default: 0] += 1 }

    /// How many points were not taken.
    package var rejected: Int { rejections.values.reduce(0, +) }

    /// Why points were not taken; nil where all were.
    package var message: String? {
        guard !rejections.isEmpty else { return nil }
        return Rejection.allCases.compactMap { reason in
            rejections[reason].map { "\($0) of the points: \(reason.text)." }
        }.joined(separator: " ")
    }
}
