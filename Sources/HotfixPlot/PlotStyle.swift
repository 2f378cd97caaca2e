import HotfixCore

/// How a plot is written on a terminal.
package struct PlotStyle: Sendable, Hashable {
    /// The columns there are; fewer than 60 count as 60.
    package var width: Int
    /// Whether only ASCII can be shown.
    package var isASCII: Bool
    /// Whether colour is shown; nothing is told by colour alone.
    package var hasColor: Bool

    /// Makes a style.
    package init(width: Int = 80, isASCII: Bool = false, hasColor: Bool = false) {
        self.width = width
        self.isASCII = isASCII
        self.hasColor = hasColor
    }
}

/// What a character of a plot belongs to.
enum Ink: Hashable {
    case frame, value, limit, baseline, deployment
    case outcome(Plot.Outcome)

    /// The parameters of the terminal's colour; nil leaves it alone.
    var color: String? {
        switch self {
        case .frame, .value, .outcome(.clean), .outcome(.unjudged): nil
        case .limit: "31"
        case .baseline: "36"
        case .deployment: "35"
        case .outcome(.breach): "1;31"
        case .outcome(.pending), .outcome(.unproven): "33"
        case .outcome(.missing): "35"
        }
    }
}

/// The characters of a plot.
struct Glyphs {
    let horizontal, vertical: Character
    let limit, baseline, deployment, deployed: Character
    let tick, axis, axisTick, corner: Character
    private let isASCII: Bool

    init(isASCII: Bool) {
        self.isASCII = isASCII
        (horizontal, vertical) = isASCII ? ("*", "|") : ("─", "│")
        (limit, baseline) = isASCII ? ("=", "~") : ("═", "┈")
        (deployment, deployed) = isASCII ? (":", "^") : ("┊", "▲")
        (tick, axis, axisTick, corner) = isASCII ? ("+", "-", "+", "+") : ("┤", "─", "┬", "└")
    }

    /// What stands for a window in the strip under the plot, the same everywhere but for a clean one's dot.
    func outcome(_ outcome: Plot.Outcome) -> Character {
        switch outcome {
        case .breach: "X"
        case .pending: "x"
        case .missing: "-"
        case .unproven: "?"
        case .clean: isASCII ? "." : "·"
        case .unjudged: " "
        }
    }

    /// The line in a row between the highest and the lowest that a column of it takes.
    ///
    /// - Parameters:
    ///   - isEntry: Whether the line comes in here from the left.
    ///   - isExit: Whether it goes on from here to the right.
    ///   - isTop: Whether nothing of it is above.
    ///   - isBottom: Whether nothing of it is below.
    /// - Returns: The character.
    func line(isEntry: Bool, isExit: Bool, isTop: Bool, isBottom: Bool) -> Character {
        guard !isASCII else { return isEntry || isExit || isTop || isBottom ? horizontal : vertical }
        switch (isEntry, isExit, isTop, isBottom) {
        case (_, _, true, true): return "─"
        case (true, true, true, _): return "┬"
        case (true, true, _, true): return "┴"
        case (true, true, _, _): return "┼"
        case (true, false, true, _): return "╮"
        case (true, false, _, true): return "╯"
        case (true, false, _, _): return "┤"
        case (false, true, true, _): return "╭"
        case (false, true, _, true): return "╰"
        case (false, true, _, _): return "├"
        case (false, false, true, _): return "╷"
        case (false, false, _, true): return "╵"
        case (false, false, false, false): return "│"
        }
    }
}
