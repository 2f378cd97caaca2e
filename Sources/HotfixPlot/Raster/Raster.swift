/// A picture of pixels on which shapes are drawn with smooth edges.
struct Raster {
    /// The size in pixels.
    let width: Int
    let height: Int
    /// The colours as 0xRRGGBB, line by line from the top left.
    private(set) var pixels: [UInt32]

    init(width: Int, height: Int, ground: UInt32) {
        (self.width, self.height) = (width, height)
        pixels = [UInt32](repeating: ground, count: width * height)
    }

    /// Fills a convex shape.
    mutating func fill(_ corners: [PlotPosition], _ color: UInt32) {
        guard corners.count > 2, let left = corners.map(\.x).min(), let right = corners.map(\.x).max(),
            let top = corners.map(\.y).min(), let bottom = corners.map(\.y).max()
        else { return }
        let edges = corners.indices.map { Edge(corners[$0], corners[($0 + 1) % corners.count]) }
        let isClockwise = edges.indices.allSatisfy { index in
            edges[index].distance(edges[(index + 1) % edges.count].end) >= 0
        }
        for y in lines(top, bottom) {
            for x in columns(left, right) {
                let place = PlotPosition(Double(x) + 0.5, Double(y) + 0.5)
                var inside = 1.0
                for edge in edges {
                    inside = min(inside, (isClockwise ? 1 : -1) * edge.distance(place) + 0.5)
                    if inside <= 0 { break }
                }
                blend(x, y, inside, color)
            }
        }
    }

    /// Draws a line through places, with round ends and corners.
    mutating func stroke(_ path: [PlotPosition], width: Double, _ color: UInt32) {
        guard path.count > 2 else {
            if let first = path.first, let last = path.last {
                cover(first, last, width: width, isRound: true) { $0.blend($1, $2, $3, color) }
            }
            return
        }
        // Pixels at a corner belong to two pieces, and would be too dark if each were drawn by itself.
        var mask: [Int: Double] = [:]
        for (first, last) in zip(path, path.dropFirst()) {
            cover(first, last, width: width, isRound: true) { raster, x, y, share in
                let index = y * raster.width + x
                mask[index] = max(mask[index] ?? 0, share)
            }
        }
        for (index, share) in mask { blend(index % self.width, index / self.width, share, color) }
    }

    /// Draws a line through places in dashes with straight ends.
    ///
    /// - Parameters:
    ///   - path: The places.
    ///   - width: The width of the line.
    ///   - dash: The lengths of dashes and gaps in turn, all above 0.
    ///   - color: The colour.
    mutating func stroke(_ path: [PlotPosition], width: Double, dash: [Double], _ color: UInt32) {
        var turn = 0
        var left = dash[0]
        for (first, last) in zip(path, path.dropFirst()) {
            let length = Edge(first, last).length
            var done = 0.0
            while done < length {
                let piece = min(left, length - done)
                func at(_ distance: Double) -> PlotPosition {
                    let share = distance / length
                    return PlotPosition(first.x + (last.x - first.x) * share, first.y + (last.y - first.y) * share)
                }
                if turn.isMultiple(of: 2) {
                    cover(at(done), at(done + piece), width: width, isRound: false) { $0.blend($1, $2, $3, color) }
                }
                done += piece
                left -= piece
                if left <= 1e-9 {
                    turn = (turn + 1) % dash.count
                    left = dash[turn]
                }
            }
        }
    }

    /// Calls a function for each pixel of which a straight line covers a share, above 0 and up to 1.
    private mutating func cover(
        _ first: PlotPosition, _ last: PlotPosition, width: Double, isRound: Bool,
        _ take: (inout Raster, Int, Int, Double) -> Void
    ) {
        let edge = Edge(first, last)
        let radius = width / 2
        let reach = radius + 1
        for y in lines(min(first.y, last.y) - reach, max(first.y, last.y) + reach) {
            // Of a long slanting line only what is near this row.
            let (left, right) = edge.across(Double(y) + 0.5 - reach, Double(y) + 0.5 + reach)
            for x in columns(left - reach, right + reach) {
                let place = PlotPosition(Double(x) + 0.5, Double(y) + 0.5)
                let share =
                    isRound
                    ? radius + 0.5 - edge.nearest(place)
                    : min(radius + 0.5 - abs(edge.distance(place)), 1) * min(1, max(0, 0.5 - edge.beyond(place)))
                if share > 0 { take(&self, x, y, min(1, share)) }
            }
        }
    }

    private func lines(_ top: Double, _ bottom: Double) -> Range<Int> { Self.range(top, bottom, within: height) }
    private func columns(_ left: Double, _ right: Double) -> Range<Int> { Self.range(left, right, within: width) }

    private static func range(_ low: Double, _ high: Double, within count: Int) -> Range<Int> {
        let first = Int(min(Double(count), max(0, low.rounded(.down))))
        return first..<max(first, Int(min(Double(count), max(0, high.rounded(.up)))))
    }

    private mutating func blend(_ x: Int, _ y: Int, _ share: Double, _ color: UInt32) {
        // Few steps of an edge make few colours, and so a small file.
        let part = UInt32((min(1, max(0, share)) * 12).rounded())
        guard part > 0 else { return }
        let index = y * width + x
        let old = pixels[index]
        guard part < 12, old != color else {
            pixels[index] = color
            return
        }
        func mixed(_ shift: UInt32) -> UInt32 {
            (((color >> shift & 255) * part + (old >> shift & 255) * (12 - part) + 6) / 12) << shift
        }
        pixels[index] = mixed(16) | mixed(8) | mixed(0)
    }
}

/// A straight line from one place to another.
private struct Edge {
    let start: PlotPosition
    let end: PlotPosition
    let length: Double
    /// The direction; to the right where the line has no length.
    private let direction: PlotPosition

    init(_ start: PlotPosition, _ end: PlotPosition) {
        (self.start, self.end) = (start, end)
        let (dx, dy) = (end.x - start.x, end.y - start.y)
        length = (dx * dx + dy * dy).squareRoot()
        direction = length > 0 ? PlotPosition(dx / length, dy / length) : PlotPosition(1, 0)
    }

    /// How far a place is from the line without ends, above 0 on its right side.
    func distance(_ place: PlotPosition) -> Double {
        (place.y - start.y) * direction.x - (place.x - start.x) * direction.y
    }

    /// How far a place is beyond the ends; below 0 between them.
    func beyond(_ place: PlotPosition) -> Double {
        let along = (place.x - start.x) * direction.x + (place.y - start.y) * direction.y
        return max(-along, along - length)
    }

    /// How far a place is from the nearest of the line.
    func nearest(_ place: PlotPosition) -> Double {
        let (across, beyond) = (distance(place), beyond(place))
        return beyond <= 0 ? abs(across) : (across * across + beyond * beyond).squareRoot()
    }

    /// From where to where the line is between two heights, from the left.
    func across(_ top: Double, _ bottom: Double) -> (Double, Double) {
        guard abs(end.y - start.y) > 1e-9 else { return (min(start.x, end.x), max(start.x, end.x)) }
        func x(_ y: Double) -> Double {
            let share = min(1, max(0, (y - start.y) / (end.y - start.y)))
            return start.x + (end.x - start.x) * share
        }
        return (min(x(top), x(bottom)), max(x(top), x(bottom)))
    }
}
