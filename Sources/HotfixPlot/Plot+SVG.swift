import Foundation
package import HotfixCore

extension Plot {
    /// The plot as an SVG element that can stand in a page or in a file of its own.
    ///
    /// It holds no script and no identifier, so that many of them can stand in one page, and says in its title and description
    /// what it shows. Colours are attributes, so a page that forbids styles shows it in the light colours.
    ///
    /// - Parameters:
    ///   - width: The width in pixels; below 160 counts as that, and above 1600 as that.
    ///   - height: The height in pixels; below 100 counts as that, and above 1000 as that.
    ///   - scheme: The ground.
    /// - Returns: The element, without an XML declaration.
    package func svg(width: Int = 640, height: Int = 240, scheme: PlotScheme = .automatic) -> String {
        let geometry = PlotGeometry(self, width: width, height: height)
        let name = scheme == .automatic ? "hotfix-plot hotfix-plot-automatic" : "hotfix-plot"
        // A page has one style sheet for all its plots, and a strict one forbids any other.
        let isStyled = scheme == .styled
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"\(name)\" role=\"img\" width=\"\(geometry.width)\""
                + " height=\"\(geometry.height)\" viewBox=\"0 0 \(geometry.width) \(geometry.height)\""
                + " font-family=\"system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif\">",
            "<title>\(escaped(title))</title>",
            "<desc>\(escaped(description))</desc>",
        ]
        if scheme == .automatic { lines.append(Self.style) }
        lines += geometry.marks.map { element($0, isDark: isStyled ? nil : scheme == .dark) }
        return (lines + ["</svg>"]).joined(separator: "\n")
    }

    private var description: String {
        guard !points.isEmpty else { return "There is no window to show." }
        let axis = ValueAxis(points.flatMap { [$0.value, $0.baseline, $0.limit] }.compactMap(\.self), unit: unit)
        let unit = axis.map { $0.unit.map { " in \($0)" } ?? "" } ?? ": none"
        return (["Value\(unit), \(period)"] + words()).joined(separator: "; ") + "."
    }

    /// The dark colours for whoever prefers them.
    ///
    /// It is the same in every plot and touches nothing else, so it does not matter
    /// that a style in a page counts for all of it.
    private static let style: String = {
        let rules = PlotInk.allCases.map { ink in
            let color = hexadecimal(ink.colors.dark)
            let name = ".hotfix-plot-automatic .hotfix-\(ink.rawValue)"
            return "\(name){fill:\(color)}\(name).hotfix-line{fill:none;stroke:\(color)}"
        }
        return "<style>@media (prefers-color-scheme:dark){\(rules.joined())}</style>"
    }()

    /// The style sheet that gives plots their colours in a page: light, and dark where whoever reads it prefers that.
    package static let styleSheet: String = {
        func variables(_ color: (PlotInk) -> UInt32) -> String {
            PlotInk.allCases.map { "--plot-\($0.rawValue):\(hexadecimal(color($0)))" }.joined(separator: ";")
        }
        let rules = PlotInk.allCases.map { ink in
            let name = ".hotfix-plot .hotfix-\(ink.rawValue)"
            let color = "var(--plot-\(ink.rawValue))"
            return "\(name){fill:\(color)}\(name).hotfix-line{fill:none;stroke:\(color)}"
        }
        return ":root{\(variables { $0.colors.light })}\n"
            + "@media (prefers-color-scheme:dark){:root{\(variables { $0.colors.dark })}}\n"
            + rules.joined(separator: "\n") + "\n"
    }()

    /// A mark as an element; where nobody says whether it is dark, without a colour.
    private func element(_ mark: PlotMark, isDark: Bool?) -> String {
        let color = isDark.map { hexadecimal($0 ? mark.ink.colors.dark : mark.ink.colors.light) }
        let name = "hotfix-\(mark.ink.rawValue)"
        let fill = color.map { " fill=\"\($0)\"" } ?? ""
        switch mark.form {
        case .shapes(let shapes):
            return "<path class=\"\(name)\"\(fill) d=\"\(shapes.map { path($0) + "Z" }.joined())\"/>"
        case .lines(let paths, let width, let dash):
            let ends =
                dash.isEmpty
                ? " stroke-linecap=\"round\" stroke-linejoin=\"round\""
                : " stroke-dasharray=\"\(dash.map(number).joined(separator: " "))\""
            let stroke = color.map { " fill=\"none\" stroke=\"\($0)\"" } ?? ""
            return "<path class=\"\(name) hotfix-line\"\(stroke)"
                + " stroke-width=\"\(number(width))\"\(ends) d=\"\(paths.map(path).joined())\"/>"
        case .text(let text, let position, let anchor, let size, let isBold):
            let held =
                switch anchor {
                case .start: ""
                case .middle: " text-anchor=\"middle\""
                case .end: " text-anchor=\"end\""
                }
            return "<text class=\"\(name)\"\(fill) x=\"\(number(position.x))\" y=\"\(number(position.y))\""
                + " font-size=\"\(number(size))\"\(isBold ? " font-weight=\"600\"" : "")\(held)>\(escaped(text))</text>"
        }
    }

    private func path(_ places: [PlotPosition]) -> String {
        places.enumerated().map { "\($0 == 0 ? "M" : "L")\(number($1.x)) \(number($1.y))" }.joined()
    }
}

private func hexadecimal(_ color: UInt32) -> String {
    let digits = String(color, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
}

/// A number with at most two digits after the point.
private func number(_ value: Double) -> String {
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() ? String(Int(rounded)) : "\(rounded)"
}

/// Text as content of XML: control characters are shown, and what XML does not know is replaced.
private func escaped(_ text: String) -> String {
    let known = String(
        String.UnicodeScalarView(
            oneLine(text).unicodeScalars.map { $0.value & 0xFFFE == 0xFFFE ? "\u{FFFD}" : $0 }))
    return escaping(known, ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;"])
}
