import HotfixCore

/// Where everything of a plot's picture is: computed once, for whatever it is drawn with.
struct PlotGeometry {
    let plot: Plot
    /// The size in pixels of a screen.
    let width: Int
    let height: Int
    /// Where the series is drawn.
    let area: PlotBox
    /// All of it, the hindmost first.
    private(set) var marks: [PlotMark] = []

    private let axis: ValueAxis?
    private let legend: PlotLegend
    /// For each stretch of the width that is told apart the windows that it stands for; none where there is no window.
    private let cells: [Range<Int>]

    private static let textSize = 11.0
    private static let stripHeight = 10.0

    /// Lays a plot out.
    ///
    /// - Parameters:
    ///   - plot: The plot.
    ///   - width: The width in pixels, taken as 160 to 1600.
    ///   - height: The height in pixels, taken as 100 to 1000.
    init(_ plot: Plot, width: Int, height: Int) {
        self.plot = plot
        self.width = min(1600, max(160, width))
        self.height = min(1000, max(100, height))
        let axis = ValueAxis(
            plot.points.flatMap { [$0.value, $0.baseline, $0.limit] }.compactMap(\.self), unit: plot.unit)
        self.axis = axis
        let labels = axis?.ticks.map { PlotFont.width(of: $0.label, size: Self.textSize) }.max() ?? 0
        let bottom = Double(self.height) - 36
        legend = PlotLegend(plot, size: Self.textSize, width: Double(self.width) - 24, height: bottom - 24 - 60)
        area = PlotBox(
            left: min((labels + 18).rounded(.up), (Double(self.width) * 0.6).rounded(.down)),
            top: 30 + legend.height, right: Double(self.width) - 12, bottom: bottom)
        let count = plot.points.count
        let most = min(count, Int(area.width))
        cells = (0..<most).map { $0 * count / most..<($0 + 1) * count / most }
        draw()
    }

    private mutating func draw() {
        let size = PlotBox(left: 0, top: 0, right: Double(width), bottom: Double(height))
        add(.background, .shapes([size.corners]))
        drawBands()
        drawScale()
        drawTimes()
        drawReferences()
        drawDeployments()
        drawValues()
        drawStrip()
        drawTitle()
        marks += legend.marks(from: PlotPosition(12, 24))
    }

    private mutating func add(_ ink: PlotInk, _ form: PlotMark.Form) {
        switch form {
        case .shapes(let paths) where paths.isEmpty: break
        case .lines(let paths, _, _) where paths.isEmpty: break
        default: marks.append(PlotMark(ink, form))
        }
    }

    private mutating func add(
        _ text: String, _ ink: PlotInk, at position: PlotPosition, _ anchor: PlotMark.Anchor, isBold: Bool = false
    ) {
        add(ink, .text(text, at: position, anchor: anchor, size: Self.textSize, isBold: isBold))
    }
}

extension PlotGeometry {
    /// The place of an instant, from the left.
    private func x(_ instant: Instant) -> Double {
        area.left + Double(instant - plot.start) / Double(max(1, plot.end - plot.start)) * area.width
    }

    /// The place of a window's boundary, 0 that before the first.
    private func x(_ boundary: Int) -> Double {
        area.left + Double(boundary) / Double(max(1, plot.points.count)) * area.width
    }

    private func y(_ value: Double?) -> Double? {
        guard let value, let share = axis?.share(value) else { return nil }
        return area.top + share * area.height
    }

    /// The boxes over the whole height, or any other, of the stretches that came to an outcome.
    private func boxes(_ outcome: Plot.Outcome, _ top: Double, _ bottom: Double) -> [PlotBox] {
        var boxes: [PlotBox] = []
        for cell in cells where plot.worst(in: cell) == outcome {
            if let last = boxes.last, last.right == x(cell.lowerBound) {
                boxes[boxes.count - 1].right = x(cell.upperBound)
            } else {
                boxes.append(PlotBox(left: x(cell.lowerBound), top: top, right: x(cell.upperBound), bottom: bottom))
            }
        }
        return boxes
    }

    private mutating func drawBands() {
        add(.breachBand, .shapes(boxes(.breach, area.top, area.bottom).map(\.corners)))
        add(.missing, .shapes(boxes(.missing, area.top, area.bottom).map(\.corners)))
        let unproven = boxes(.unproven, area.top, area.bottom)
        add(.unproven, .lines(unproven.flatMap { $0.hatch(8) }, width: 1, dash: []))
    }

    private mutating func drawScale() {
        guard let axis else {
            let middle = PlotPosition((area.left + area.right) / 2, (area.top + area.bottom) / 2)
            add("no value", .caption, at: middle, .middle)
            return
        }
        // Labels that would touch each other tell nothing.
        let ticks = axis.ticks
        let apart = area.height / Double(max(1, ticks.count - 1))
        let every = max(1, Int((14 / max(0.1, apart)).rounded(.up)))
        for (index, tick) in ticks.enumerated() where index % every == 0 {
            let y = area.top + tick.share * area.height
            let line = [PlotPosition(area.left, y), PlotPosition(area.right, y)]
            add(.grid, .lines([line], width: 1, dash: []))
            // Part of a number is another number.
            guard PlotFont.width(of: tick.label, size: Self.textSize) <= area.left - 8 else { continue }
            add(tick.label, .caption, at: PlotPosition(area.left - 6, y + 4), .end)
        }
    }

    private mutating func drawTimes() {
        let edge = [PlotPosition(area.left, area.bottom), PlotPosition(area.right, area.bottom)]
        add(.axis, .lines([edge], width: 1, dash: []))
        for tick in plot.timeTicks(labels: Int(area.width / 56)) {
            let x = x(tick.instant)
            let half = PlotFont.width(of: tick.label, size: Self.textSize) / 2
            add(
                .axis,
                .lines([[PlotPosition(x, area.bottom), PlotPosition(x, area.bottom + 4)]], width: 1, dash: []))
            guard x - half >= 2, x + half <= Double(width) - 2 else { continue }
            add(tick.label, .caption, at: PlotPosition(x, Double(height) - 6), .middle)
        }
    }

    private mutating func drawReferences() {
        add(.baseline, .lines(paths(\.baseline).map(simplified), width: 1.5, dash: [1.5, 3]))
        add(.limit, .lines(paths(\.limit).map(simplified), width: 1.5, dash: [7, 4]))
    }

    private mutating func drawDeployments() {
        let places = plot.deployments.filter { $0 >= plot.start && $0 < plot.end }.map { x($0) }
        let lines = places.map { [PlotPosition($0, area.top), PlotPosition($0, area.bottom)] }
        add(.deployment, .lines(lines, width: 1, dash: [4, 2, 1, 2]))
        add(.deployment, .shapes(places.map { PlotLegend.flag(at: PlotPosition($0, area.top)) }))
        label(places)
    }

    /// Writes `deployed` beside the lines of deployments, where there is room beside the one before and the edge.
    private mutating func label(_ places: [Double]) {
        let text = "deployed"
        let length = PlotFont.width(of: text, size: Self.textSize)
        for (index, place) in places.enumerated() {
            let next = index + 1 < places.count ? places[index + 1] - 6 : area.right
            let before = index > 0 ? places[index - 1] + length + 14 : area.left
            if place + 7 + length <= next {
                let y = free(from: place + 7, to: place + 7 + length)
                add(text, .deployment, at: PlotPosition(place + 7, y), .start)
            } else if place - 7 - length >= before {
                let y = free(from: place - 7 - length, to: place - 7)
                add(text, .deployment, at: PlotPosition(place - 7, y), .end)
            }
        }
    }

    /// The base line of a text that stands where no curve goes through it: at the bottom, in the middle or at the top, if there is such a place.
    private func free(from left: Double, to right: Double) -> Double {
        // Limits are mostly near the top, and curves seldom reach the bottom.
        let lines = [area.bottom - 6, (area.top + area.bottom) / 2, area.top + 20]
        func index(_ x: Double) -> Int { Int((x - area.left) / max(1, area.width) * Double(plot.points.count)) }
        let first = min(plot.points.count, max(0, index(left)))
        let last = max(first, min(plot.points.count, index(right) + 1))
        let heights = plot.points[first..<last].flatMap { [y($0.value), y($0.limit), y($0.baseline)] }.compactMap(
            \.self)
        return lines.first { line in !heights.contains { $0 > line - 12 && $0 < line + 4 } } ?? lines[0]
    }

    private mutating func drawValues() {
        // So many values that they touch each other would be one broad band.
        add(.value, .lines(paths(\.value), width: plot.points.count > cells.count ? 1.25 : 2, dash: []))
        add(.pending, .lines(diamonds(.pending).map { $0 + $0.prefix(1) }, width: 1.5, dash: []))
        add(.breach, .shapes(diamonds(.breach)))
    }

    /// A sign for each value that came to an outcome.
    private func diamonds(_ outcome: Plot.Outcome) -> [[PlotPosition]] {
        cells.filter { plot.worst(in: $0) == outcome }.compactMap { cell in
            let values = plot.points[cell].filter { $0.outcome == outcome }.compactMap { y($0.value) }
            // Of breaches that share a place the one farthest from the middle is the worst, above a limit or below.
            let middle = (area.top + area.bottom) / 2
            guard let y = values.max(by: { abs($0 - middle) < abs($1 - middle) }) else { return nil }
            return PlotLegend.diamond(at: PlotPosition((x(cell.lowerBound) + x(cell.upperBound)) / 2, y), radius: 3.5)
        }
    }

    /// What became of each window, below the axis.
    private mutating func drawStrip() {
        let top = area.bottom + 6
        for outcome in Plot.Outcome.allCases {
            marks += PlotLegend.strip(outcome, boxes(outcome, top, top + Self.stripHeight))
        }
    }

    private mutating func drawTitle() {
        let title = clipped(oneLine(plot.title + (axis?.unit.map { ", \($0)" } ?? "")), units: 300)
        let whole = Double(width) - 24
        func room(beside period: String) -> Double { whole - PlotFont.width(of: period, size: Self.textSize) - 16 }
        // The name is worth more than the date, and part of it more than the times.
        let period =
            [plot.period, plot.shortPeriod].first { fits(title, room(beside: $0)) }
            ?? [plot.shortPeriod].first { room(beside: $0) >= 160 }
        let text = fitting(title, period.map(room) ?? whole)
        add(text, .text, at: PlotPosition(12, 16), .start, isBold: true)
        if let period { add(period, .caption, at: PlotPosition(Double(width) - 12, 16), .end) }
    }

    private func fits(_ text: String, _ room: Double) -> Bool {
        // Bold letters are a little wider.
        PlotFont.width(of: text, size: Self.textSize) * 1.08 <= room
    }

    private func fitting(_ text: String, _ room: Double) -> String {
        guard !fits(text, room) else { return text }
        var text = text
        while !text.isEmpty, !fits(text + "…", room) { text.removeLast() }
        return text + "…"
    }

    /// The lines through the windows that have a number, from the beginning of the first to the end of the last; where windows
    /// are narrower than a pixel, through the least and the greatest of those that share one.
    private func paths(_ number: KeyPath<Plot.Point, Double?>) -> [[PlotPosition]] {
        var paths: [[PlotPosition]] = []
        var path: [PlotPosition] = []
        var end = 0.0
        func close() {
            if let last = path.last { paths.append(path + [PlotPosition(end, last.y)]) }
            path = []
        }
        for cell in cells {
            let middle = (x(cell.lowerBound) + x(cell.upperBound)) / 2
            let heights = cell.map { y(plot.points[$0][keyPath: number]) }
            if heights.first == .some(nil) { close() }
            let reached = heights.compactMap(\.self)
            for (index, y) in extremes(reached).enumerated() {
                if path.isEmpty, index == 0 { path.append(PlotPosition(x(cell.lowerBound), y)) }
                path.append(PlotPosition(middle, y))
            }
            end = x(cell.upperBound)
            if heights.last == .some(nil) || reached.count < heights.count { close() }
        }
        close()
        return paths
    }

    /// A line without the places that lie between two of their own height: a baseline stays as it is for days.
    private func simplified(_ path: [PlotPosition]) -> [PlotPosition] {
        path.indices.filter { index in
            index == 0 || index == path.count - 1 || path[index - 1].y != path[index].y
                || path[index + 1].y != path[index].y
        }.map { path[$0] }
    }

    /// The first, the least, the greatest and the last of some heights, in their order.
    private func extremes(_ heights: [Double]) -> [Double] {
        guard heights.count > 2, let least = heights.indices.min(by: { heights[$0] < heights[$1] }),
            let greatest = heights.indices.max(by: { heights[$0] < heights[$1] })
        else { return heights }
        return Set([0, least, greatest, heights.count - 1]).sorted().map { heights[$0] }
    }
}
