package import HotfixCore

extension Plot {
    /// The plot as a PNG file with twice as many pixels each way as are asked for, so that it is sharp on every screen.
    ///
    /// It shows what ``svg(width:height:scheme:)`` shows; characters outside of ASCII become boxes.
    ///
    /// - Parameters:
    ///   - width: The width in pixels of a screen; below 160 counts as that, and above 1600 as that.
    ///   - height: The height in pixels of a screen; below 100 counts as that, and above 1000 as that.
    ///   - scheme: The ground; `automatic` counts as light.
    /// - Returns: The file.
    package func png(width: Int = 640, height: Int = 240, scheme: PlotScheme = .light) -> [UInt8] {
        let geometry = PlotGeometry(self, width: width, height: height)
        let pen = Pen(scale: 2, isDark: scheme == .dark)
        return PNGFile(pen.drawn(geometry), scale: pen.scale).bytes
    }
}

/// Draws marks in pixels.
private struct Pen {
    let scale: Int
    let isDark: Bool

    func drawn(_ geometry: PlotGeometry) -> Raster {
        var raster = Raster(
            width: geometry.width * scale, height: geometry.height * scale, ground: color(.background))
        for mark in geometry.marks { draw(mark, on: &raster) }
        return raster
    }

    private func color(_ ink: PlotInk) -> UInt32 { isDark ? ink.colors.dark : ink.colors.light }

    private func scaled(_ path: [PlotPosition]) -> [PlotPosition] {
        path.map { PlotPosition($0.x * Double(scale), $0.y * Double(scale)) }
    }

    private func draw(_ mark: PlotMark, on raster: inout Raster) {
        let color = color(mark.ink)
        switch mark.form {
        case .shapes(let shapes):
            for shape in shapes { raster.fill(scaled(shape), color) }
        case .lines(let paths, let width, let dash):
            let width = width * Double(scale)
            for path in paths {
                if dash.isEmpty {
                    raster.stroke(scaled(path), width: width, color)
                } else {
                    raster.stroke(scaled(path), width: width, dash: dash.map { $0 * Double(scale) }, color)
                }
            }
        case .text(let text, let position, let anchor, let size, let isBold):
            write(text, at: position, anchor, size: size, isBold: isBold, color, on: &raster)
        }
    }

    private func write(
        _ text: String, at position: PlotPosition, _ anchor: PlotMark.Anchor, size: Double, isBold: Bool,
        _ color: UInt32, on raster: inout Raster
    ) {
        let unit = PlotFont.scale(size: size)
        // Heavier strokes want more room between them.
        let spread = isBold ? 1.06 : 1
        let width = PlotFont.width(of: text, size: size) * spread
        var left = position.x
        switch anchor {
        case .start: break
        case .middle: left -= width / 2
        case .end: left -= width
        }
        // What stands left of the first stroke is half of the room between two letters.
        left += unit
        for scalar in PlotFont.drawable(text) {
            let glyph = PlotFont.glyph(scalar)
            for path in glyph.paths {
                let places = path.map { PlotPosition(left + $0.x * unit, position.y + ($0.y - 9) * unit) }
                raster.stroke(scaled(places), width: size * (isBold ? 0.15 : 0.105) * Double(scale), color)
            }
            left += glyph.advance * unit * spread
        }
    }
}
