/// A place in a picture, in pixels of a screen from its top left corner.
struct PlotPosition: Hashable {
    var x: Double
    var y: Double

    init(_ x: Double, _ y: Double) {
        (self.x, self.y) = (x, y)
    }
}

/// A rectangle in a picture.
struct PlotBox: Hashable {
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double

    var width: Double { right - left }
    var height: Double { bottom - top }

    /// The corners, clockwise from the top left one.
    var corners: [PlotPosition] {
        [
            PlotPosition(left, top), PlotPosition(right, top), PlotPosition(right, bottom), PlotPosition(left, bottom),
        ]
    }

    /// Lines that fill it, rising to the right, so far apart from left to right.
    func hatch(_ distance: Double) -> [[PlotPosition]] {
        // Every line is one of x + y = sum; that they are the same in each box keeps neighbours together.
        let first = ((left + top) / distance).rounded(.up) * distance
        return stride(from: first, to: right + bottom, by: distance).map { sum in
            let low = max(left, sum - bottom)
            let high = min(right, sum - top)
            return [PlotPosition(low, sum - low), PlotPosition(high, sum - high)]
        }
        .filter { $0[0].x < $0[1].x }
    }
}

/// Something in a picture: whoever draws all marks in their order has the picture.
struct PlotMark: Hashable {
    /// Where a text is held.
    enum Anchor: Hashable {
        case start, middle, end
    }

    /// What it is.
    enum Form: Hashable {
        /// Convex shapes, filled.
        case shapes([[PlotPosition]])
        /// Lines so wide; `dash` holds the lengths of dashes and gaps in turn, and nothing for a line without gaps.
        case lines([[PlotPosition]], width: Double, dash: [Double])
        /// A line of text: the position is on its base line.
        case text(String, at: PlotPosition, anchor: Anchor, size: Double, isBold: Bool)
    }

    var form: Form
    var ink: PlotInk

    init(_ ink: PlotInk, _ form: Form) {
        self.form = form
        self.ink = ink
    }
}

/// What a mark belongs to, and so its colour.
///
/// No two of them are told apart by colour alone.
enum PlotInk: String, Hashable, CaseIterable {
    case background, grid, axis, text, caption
    case value, limit, baseline, deployment
    case breach, breachBand = "breach-band", pending, clean
    case unproven, missing

    /// The colours as 0xRRGGBB, on a light and on a dark ground.
    var colors: (light: UInt32, dark: UInt32) {
        switch self {
        case .background: (0xFFFFFF, 0x0D1117)
        case .grid: (0xE4E7EB, 0x242A32)
        case .axis: (0x848C96, 0x6E7681)
        case .text: (0x1F2328, 0xE6EDF3)
        case .caption: (0x57606A, 0x9DA7B3)
        case .value: (0x0B5CAD, 0x58A6FF)
        case .limit: (0xB42318, 0xFF7B72)
        case .baseline: (0x0F766E, 0x3FB9A6)
        case .deployment: (0x7A3DB8, 0xD2A8FF)
        case .breach: (0xB42318, 0xFF7B72)
        case .breachBand: (0xFDE3DF, 0x43191A)
        case .pending: (0xB54708, 0xF0A33A)
        case .clean: (0x9AA3AD, 0x565F69)
        case .unproven: (0xB4BBC4, 0x4A525C)
        case .missing: (0xE9ECEF, 0x1F252C)
        }
    }
}
