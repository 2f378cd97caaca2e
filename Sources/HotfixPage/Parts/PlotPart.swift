import HotfixCore

/// A plot with the table behind it.
struct PlotPart {
    let plot: Plot
    let pair: Pair
    let id: String
    /// Whether windows lead to the pages of their verdicts.
    var hasLinks = true

    /// About how many rows a table has.
    private static let rows = 84

    var html: HTML {
        guard !plot.points.isEmpty else { return .p("There is no window to show.") }
        let pictures = [
            HTML.element(.div, [.class("narrow")], [.plot(plot, width: 340, height: 240)]),
            .element(.div, [.class("wide")], [.plot(plot, width: 720, height: 260)]),
        ]
        return .element(
            .figure, [], pictures + [.details("\(id)-table", "\(pair) as a table", [table])])
    }

    private var table: HTML {
        let size = max(1, size)
        let isSingle = size == 1
        let starts = stride(from: 0, to: plot.points.count, by: size)
        let rows = starts.map { first in
            row(plot.points[first..<min(plot.points.count, first + size)], isSingle: isSingle)
        }
        let head: [TableHead] =
            [TableHead("From", .when)]
            + (isSingle
                ? ["Came to", TableHead("Value", .number)]
                : ["Came to", TableHead("Least value", .number), TableHead("Greatest value", .number)])
            + [TableHead("Baseline", .number), TableHead("Limit", .number)]
        let each = isSingle ? "" : ", each row \(hours(size * plot.step))"
        return .table("\(pair), \(shown(plot.start)) to \(shown(plot.end))\(each)", head, Array(rows.reversed()))
    }

    /// How many windows stand in a row: one, or those of whole hours.
    private var size: Int {
        guard plot.points.count > Self.rows else { return 1 }
        let seconds = plot.points.count * plot.step / Self.rows
        let wholeHours = (seconds + 3599) / 3600 * 3600
        return max(1, wholeHours / plot.step)
    }

    private func row(_ points: ArraySlice<Plot.Point>, isSingle: Bool) -> [HTML] {
        let start = plot.start + points.startIndex * plot.step
        let values = points.compactMap(\.value)
        let worst = points.enumerated().min { $0.element.outcome.rank < $1.element.outcome.rank }
        let at = start + (worst?.offset ?? 0) * plot.step
        func figure(_ value: Double?) -> HTML { HTML(HotfixCore.figure(value, unit: plot.unit)) }
        let outcome: String
        if isSingle {
            outcome = points.first?.outcome.shownWord ?? ""
        } else {
            outcome = Plot.Outcome.allCases.compactMap { outcome in
                let number = points.count { $0.outcome == outcome }
                return number == 0 ? nil : "\(number) \(outcome.shownWord)"
            }.joined(separator: ", ")
        }
        let link: HTML = hasLinks ? .link(outcome, to: .verdict(pair, at: at)) : HTML(outcome)
        let numbers = isSingle ? [figure(values.first)] : [figure(values.min()), figure(values.max())]
        return [HTML.time(start), link] + numbers + [figure(points.last?.baseline), figure(points.last?.limit)]
    }
}
