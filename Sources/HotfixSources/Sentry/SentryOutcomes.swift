import HotfixCore

/// What `stats_v2/` says of a project: what was accepted and what was thrown away.
///
/// Outcomes know no environment and no release. Counts of less than an hour are kept for 30 days.
struct SentryOutcomes: Sendable, Hashable {
    /// One interval.
    struct Slice: Sendable, Hashable {
        var acceptedAny = false
        var acceptedErrors = 0.0
        var droppedErrors = 0.0
    }

    /// The project's numeric id, as text.
    var project: String
    /// The server of the organization's region where it is not the one in the configuration.
    var region: String?

    /// How long counts of less than an hour are kept, in seconds; older ones come as zeros.
    static let retention: Seconds = 30 * 86_400
    /// The rows that Sentry reads for one answer; beyond them it leaves rows out and says nothing.
    private static let rowCap = 10_000
    /// With some 40 pairs of category and outcome, an answer of so many intervals stays below the cap.
    static let longestRange = 250
    /// `error` covers the other two; they are named in case a server does not fold them.
    private static let errorCategories: Set<String> = ["error", "default", "security"]
    private static let dropped: Set<String> = ["rate_limited", "abuse", "cardinality_limited"]

    /// The interval that tells apart both windows and the hour up to a window's end.
    ///
    /// - Parameter window: A whole number of minutes that divides a day.
    /// - Returns: Seconds.
    static func step(forWindow window: Seconds) -> Seconds { greatestCommonDivisor(window, 3600) }

    /// The address that gives the slices of a range.
    func address(base: String, organization: String, range: Span) -> SentryAddress {
        SentryAddress(
            base: region ?? base, path: ["organizations", organization, "stats_v2"],
            query: [
                .init("field", "sum(quantity)"), .init("groupBy", "category"), .init("groupBy", "outcome"),
                .init("interval", intervalText(range.step)), .init("project", project),
                .init("start", range.start.description), .init("end", range.end.description),
            ]
        )
    }

    /// The address that tells what was accepted in a range, in any category.
    func acceptedAddress(base: String, organization: String, range: Span) -> SentryAddress {
        var address = address(base: base, organization: organization, range: range)
        address.query[2] = .init("outcome", "accepted")
        return address
    }

    /// Reads the slices of a range by their start, whatever the intervals of the answer are.
    ///
    /// - Throws: ``SourceError`` where any slice of the range is missing, or rows were left out.
    static func slices(of answer: SentryIntervals, range: Span, subject: String)
        throws(SourceError) -> [Instant: Slice]
    {
        let positions = try answer.positions(step: range.step, subject: subject)
        var slices: [Instant: Slice] = [:]
        for window in range.windows {
            guard positions[window.start] != nil else {
                throw SourceError(
                    .partial,
                    "\(subject): the interval of \(window.start) is missing in the outcomes. The next check asks again."
                )
            }
            slices[window.start] = Slice()
        }
        var rows = 0
        for group in answer.groups {
            guard let series = group.series["sum(quantity)"], series.count == answer.intervals.count,
                let category = group.by["category"]
            else { throw malformed("\(subject): the outcomes lack a category or a number for each interval") }
            let outcome = group.by["outcome"] ?? "accepted"
            rows += series.count { ($0 ?? 0) != 0 }
            for (start, position) in positions {
                guard var slice = slices[start], let quantity = series[position], quantity > 0 else { continue }
                let isError = errorCategories.contains(category)
                if outcome == "accepted" { slice.acceptedAny = true }
                if outcome == "accepted", isError { slice.acceptedErrors += quantity }
                if dropped.contains(outcome), isError { slice.droppedErrors += quantity }
                slices[start] = slice
            }
        }
        guard rows < rowCap else {
            throw SourceError(
                .partial,
                "\(subject): the outcomes have \(rows) rows, so that Sentry may have left some out."
                    + " Choose a longer window."
            )
        }
        return slices
    }
}

extension Observation.Outcomes {
    /// Joins the slices of a window: its error events over the stretch of its value, acceptance over the hour up to its end.
    ///
    /// - Returns: nil where a slice is missing.
    init?(_ slices: [Instant: SentryOutcomes.Slice], step: Seconds, end: Instant, over: Seconds) {
        var acceptedAny = false
        var accepted = 0.0
        var dropped = 0.0
        for start in stride(from: end.seconds - max(over, 3600), to: end.seconds, by: step) {
            guard let slice = slices[Instant(start)] else { return nil }
            if start >= end.seconds - 3600, slice.acceptedAny { acceptedAny = true }
            if start >= end.seconds - over {
                accepted += slice.acceptedErrors
                dropped += slice.droppedErrors
            }
        }
        let limit = 1e15
        self.init(
            acceptedAny: acceptedAny, acceptedErrors: Int(min(accepted, limit)), droppedErrors: Int(min(dropped, limit))
        )
    }
}

private func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
    right == 0 ? left : greatestCommonDivisor(right, left % right)
}
