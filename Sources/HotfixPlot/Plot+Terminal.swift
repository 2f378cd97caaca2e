package import HotfixCore

extension Plot {
    /// The plot as lines of text: the series above, a strip that says what each window came to below, and the same in words.
    ///
    /// - Parameter style: How it is written.
    /// - Returns: Lines, without the end of the last; none where there is no window.
    package func text(_ style: PlotStyle) -> [String] {
        points.isEmpty ? [] : TerminalPlot(self, style).lines()
    }
}

/// A plot being written.
private struct TerminalPlot {
    private let plot: Plot
    private let style: PlotStyle
    private let glyphs: Glyphs
    private let axis: ValueAxis?
    /// The columns beside the series, for its labels and its axis.
    private let margin: Int
    /// For each column the points that it stands for.
    private let columns: [Range<Int>]

    init(_ plot: Plot, _ style: PlotStyle) {
        self.plot = plot
        self.style = style
        glyphs = Glyphs(isASCII: style.isASCII)
        axis = ValueAxis(plot.points.flatMap { [$0.value, $0.baseline, $0.limit] }.compactMap(\.self), unit: plot.unit)
        let labels = axis.map { axis in (0..<axis.rows).compactMap(axis.label) } ?? []
        margin = (labels.map(\.count).max() ?? 0) + 2
        let room = max(20, max(60, style.width) - margin)
        let count = plot.points.count
        let width = count <= room ? count * (room / count) : room
        columns = (0..<width).map { column in
            let first = column * count / width
            return first..<max(first + 1, (column + 1) * count / width)
        }
    }

    func lines() -> [String] {
        var unit = axis?.unit.map { " in \($0)" } ?? ""
        if axis == nil { unit = ": none" }
        var lines = ["Value\(unit), \(plot.start) to \(plot.end)"]
        lines += series() + [frame(), strip(), times()]
        lines += [deployed()].compactMap(\.self)
        return lines + legends() + plot.words().map { "  \($0)" }
    }

    private typealias Cell = (character: Character, ink: Ink)

    private func series() -> [String] {
        guard let axis else { return [] }
        var canvas = [[Cell?]](repeating: [Cell?](repeating: nil, count: columns.count), count: axis.rows)
        for column in deploymentColumns {
            for row in canvas.indices { canvas[row][column] = (glyphs.deployment, .deployment) }
        }
        for (column, points) in columns.enumerated() {
            for point in plot.points[points] {
                if let row = point.baseline.flatMap(axis.row) { canvas[row][column] = (glyphs.baseline, .baseline) }
            }
            for point in plot.points[points] {
                if let row = point.limit.flatMap(axis.row) { canvas[row][column] = (glyphs.limit, .limit) }
            }
        }
        draw(axis, on: &canvas)
        return canvas.enumerated().map { row, cells in
            let label = axis.label(row) ?? ""
            let edge = label.isEmpty ? glyphs.vertical : glyphs.tick
            let padding = String(repeating: " ", count: margin - 2 - label.count)
            return trimmed("\(padding)\(label) \(edge)" + inked(cells))
        }
    }

    /// Draws the line of the values; a window without one interrupts it.
    private func draw(_ axis: ValueAxis, on canvas: inout [[Cell?]]) {
        var entry: Int?
        for (column, range) in columns.enumerated() {
            let rows = plot.points[range].map { $0.value.flatMap(axis.row) }
            guard let exit = rows.compactMap(\.self).last else {
                entry = nil
                continue
            }
            if rows.first == .some(nil) { entry = nil }
            let reached = (rows + [entry]).compactMap(\.self)
            let top = reached.min() ?? exit
            let bottom = reached.max() ?? exit
            for row in top...bottom {
                let character = glyphs.line(
                    isEntry: row == entry, isExit: row == exit, isTop: row == top, isBottom: row == bottom)
                canvas[row][column] = (character, .value)
            }
            entry = rows.last == .some(nil) ? nil : exit
        }
    }

    private func frame() -> String {
        var cells = [Cell](repeating: (glyphs.axis, .frame), count: columns.count)
        for (column, _) in timeTicks() { cells[column].character = glyphs.axisTick }
        return String(repeating: " ", count: margin - 1) + String(glyphs.corner) + inked(cells)
    }

    private func strip() -> String {
        let cells = columns.map { range -> Cell in
            let worst = plot.worst(in: range)
            return (glyphs.outcome(worst), .outcome(worst))
        }
        return trimmed(String(repeating: " ", count: margin) + inked(cells))
    }

    private func times() -> String {
        var line = ""
        let step = tickStep
        for (column, instant) in timeTicks() {
            let text = plot.tickLabel(instant, every: step)
            let position = margin + column
            guard position >= line.count + (line.isEmpty ? 0 : 1), position + text.count <= max(60, style.width)
            else { continue }
            line += String(repeating: " ", count: position - line.count) + text
        }
        return line
    }

    private func deployed() -> String? {
        guard !deploymentColumns.isEmpty else { return nil }
        var cells = [Cell?](repeating: nil, count: columns.count)
        for column in deploymentColumns { cells[column] = (glyphs.deployed, .deployment) }
        return trimmed(String(repeating: " ", count: margin) + inked(cells))
    }

    /// What the lines are, and what the strip's characters are.
    private func legends() -> [String] {
        var lines: [(Character, Ink, String)] = []
        if plot.points.contains(where: { $0.value != nil }) { lines.append((glyphs.horizontal, .value, "value")) }
        if plot.points.contains(where: { $0.limit != nil }) { lines.append((glyphs.limit, .limit, "limit")) }
        if plot.points.contains(where: { $0.baseline != nil }) {
            lines.append((glyphs.baseline, .baseline, "baseline"))
        }
        if !deploymentColumns.isEmpty { lines.append((glyphs.deployed, .deployment, "deployed")) }
        let outcomes = Plot.Outcome.allCases.filter { outcome in
            outcome != .unjudged && plot.points.contains { $0.outcome == outcome }
        }
        .map { (glyphs.outcome($0), Ink.outcome($0), $0.rawValue) }
        return [lines, outcomes].filter { !$0.isEmpty }.map { parts in
            "  " + parts.map { "\(inked([($0.0, $0.1)])) \($0.2)" }.joined(separator: "  ")
        }
    }

    private var deploymentColumns: [Int] {
        plot.deployments.filter { $0 >= plot.start && $0 < plot.end }.map(column)
    }

    private func column(_ instant: Instant) -> Int {
        (instant - plot.start) * columns.count / max(1, plot.end - plot.start)
    }

    /// The columns under which a time stands, at least ten columns apart.
    private func timeTicks() -> [(column: Int, instant: Instant)] {
        let step = tickStep
        return stride(from: plot.start.ceiled(to: step).seconds, to: plot.end.seconds, by: step).map(Instant.init)
            .map { (column($0), $0) }
    }

    private var tickStep: Seconds {
        let length = plot.end - plot.start
        let steps = [300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200]
        return steps.first { $0 * columns.count >= 10 * length } ?? 86_400
    }

    private func trimmed(_ line: String) -> String {
        var line = line[...]
        while line.last == " " { line = line.dropLast() }
        return String(line)
    }

    private func inked(_ cells: [Cell?]) -> String {
        var text = ""
        var current: String?
        for cell in cells {
            let color = style.hasColor ? cell?.ink.color : nil
            if color != current {
                if current != nil { text += "\u{1B}[0m" }
                if let color { text += "\u{1B}[\(color)m" }
                current = color
            }
            text.append(cell?.character ?? " ")
        }
        return current == nil ? text : text + "\u{1B}[0m"
    }
}
