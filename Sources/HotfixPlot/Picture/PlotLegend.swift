import HotfixCore

/// What the lines and shapes of a picture mean: samples with words, in lines as long as there is room.
struct PlotLegend {
    private enum Item: Hashable {
        case value, limit, baseline, deployed
        case outcome(Plot.Outcome)

        var word: String {
            switch self {
            case .value: "value"
            case .limit: "limit"
            case .baseline: "baseline"
            case .deployed: "deployed"
            case .outcome(let outcome): outcome.rawValue
            }
        }
    }

    private static let sample = 17.0
    private static let lineHeight = 16.0

    private let size: Double
    private var lines: [[Item]] = []

    /// Makes the legend of a plot for a width; as many lines as fit into a height, and none where none does.
    init(_ plot: Plot, size: Double, width: Double, height: Double) {
        self.size = size
        var items: [Item] = []
        if plot.points.contains(where: { $0.value != nil }) { items.append(.value) }
        if plot.points.contains(where: { $0.limit != nil }) { items.append(.limit) }
        if plot.points.contains(where: { $0.baseline != nil }) { items.append(.baseline) }
        if plot.deployments.contains(where: { $0 >= plot.start && $0 < plot.end }) { items.append(.deployed) }
        items += Plot.Outcome.allCases.filter { outcome in
            outcome != .unjudged && plot.points.contains { $0.outcome == outcome }
        }
        .map(Item.outcome)
        var used = 0.0
        for item in items {
            let itemWidth = self.width(of: item)
            if lines.isEmpty || used + itemWidth > width {
                lines.append([])
                used = 0
            }
            lines[lines.count - 1].append(item)
            used += itemWidth
        }
        if Double(lines.count) * Self.lineHeight > height {
            lines = Array(lines.prefix(max(0, Int(height / Self.lineHeight))))
        }
    }

    /// The height of all lines.
    var height: Double { Double(lines.count) * Self.lineHeight }

    private func width(of item: Item) -> Double {
        (Self.sample + 5 + PlotFont.width(of: item.word, size: size) + 8).rounded(.up)
    }

    /// The marks, below and right of a position.
    func marks(from position: PlotPosition) -> [PlotMark] {
        var marks: [PlotMark] = []
        for (index, line) in lines.enumerated() {
            let top = position.y + Double(index) * Self.lineHeight
            var left = position.x
            for item in line {
                let box = PlotBox(left: left, top: top + 1, right: left + Self.sample, bottom: top + 11)
                marks += sample(of: item, in: box)
                let place = PlotPosition(left + Self.sample + 5, top + 10)
                marks.append(
                    PlotMark(.caption, .text(item.word, at: place, anchor: .start, size: size, isBold: false)))
                left += width(of: item)
            }
        }
        return marks
    }

    private func sample(of item: Item, in box: PlotBox) -> [PlotMark] {
        let middle = (box.top + box.bottom) / 2
        let line = [PlotPosition(box.left, middle), PlotPosition(box.right, middle)]
        switch item {
        case .value: return [PlotMark(.value, .lines([line], width: 2, dash: []))]
        case .limit: return [PlotMark(.limit, .lines([line], width: 1.5, dash: [7, 4]))]
        case .baseline: return [PlotMark(.baseline, .lines([line], width: 1.5, dash: [1.5, 3]))]
        case .deployed:
            let place = PlotPosition((box.left + box.right) / 2, box.top)
            let pole = [place, PlotPosition(place.x, box.bottom)]
            return [
                PlotMark(.deployment, .lines([pole], width: 1, dash: [])),
                PlotMark(.deployment, .shapes([Self.flag(at: place)])),
            ]
        case .outcome(let outcome): return Self.strip(outcome, [box])
        }
    }

    /// The sign of a deployment: a triangle that points down to where it was.
    static func flag(at place: PlotPosition) -> [PlotPosition] {
        [
            PlotPosition(place.x - 4.5, place.y), PlotPosition(place.x + 4.5, place.y),
            PlotPosition(place.x, place.y + 7),
        ]
    }

    /// The sign of a value in breach.
    static func diamond(at place: PlotPosition, radius: Double) -> [PlotPosition] {
        [
            PlotPosition(place.x, place.y - radius), PlotPosition(place.x + radius, place.y),
            PlotPosition(place.x, place.y + radius), PlotPosition(place.x - radius, place.y),
        ]
    }

    /// What stands for an outcome below the axis: a full box with crosses, an empty box, a hatched one, dots, or a thin line.
    static func strip(_ outcome: Plot.Outcome, _ boxes: [PlotBox]) -> [PlotMark] {
        guard !boxes.isEmpty else { return [] }
        let middles = boxes.map { box in
            let middle = (box.top + box.bottom) / 2
            return [PlotPosition(box.left, middle), PlotPosition(box.right, middle)]
        }
        switch outcome {
        case .breach:
            return [
                PlotMark(.breach, .shapes(boxes.map(\.corners))),
                PlotMark(.background, .lines(boxes.flatMap(crosses), width: 1.25, dash: [])),
            ]
        case .pending: return [PlotMark(.pending, .lines(boxes.map(outline), width: 1.5, dash: []))]
        case .unproven:
            return [
                PlotMark(.axis, .lines(boxes.map(outline), width: 1, dash: [])),
                PlotMark(.axis, .lines(boxes.flatMap { $0.hatch(4) }, width: 1, dash: [])),
            ]
        case .missing:
            return [PlotMark(.axis, .lines(middles, width: 3, dash: [3, 3]))]
        case .clean: return [PlotMark(.clean, .lines(middles, width: 2, dash: []))]
        case .unjudged: return []
        }
    }

    private static func outline(_ box: PlotBox) -> [PlotPosition] {
        let inner = PlotBox(
            left: box.left + 0.75, top: box.top + 0.75, right: box.right - 0.75, bottom: box.bottom - 0.75)
        return inner.corners + inner.corners.prefix(1)
    }

    private static func crosses(_ box: PlotBox) -> [[PlotPosition]] {
        let count = max(1, Int(box.width / 12))
        let y = (box.top + box.bottom) / 2
        let radius = min(2.75, box.width / 2 - 1)
        guard radius > 0.5 else { return [] }
        return (0..<count).flatMap { index -> [[PlotPosition]] in
            let x = box.left + box.width * (Double(index) + 0.5) / Double(count)
            return [
                [PlotPosition(x - radius, y - radius), PlotPosition(x + radius, y + radius)],
                [PlotPosition(x - radius, y + radius), PlotPosition(x + radius, y - radius)],
            ]
        }
    }
}
