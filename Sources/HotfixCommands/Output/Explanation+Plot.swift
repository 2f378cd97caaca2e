import HotfixCore
import HotfixPlot

extension Explanation {
    /// The explanation for a person, with the plot below where there is one.
    func text(now: Instant, plotStyle: PlotStyle) -> String {
        // A unit is the policy's, and as little to be obeyed as anything else from outside.
        var shown = plot
        shown?.unit = plot?.unit.map(oneLine)
        let lines = shown?.text(plotStyle) ?? []
        return ([text(now: now)] + (lines.isEmpty ? [] : [""]) + lines).joined(separator: "\n")
    }
}

extension Surroundings {
    /// How a plot is written here.
    var plotStyle: PlotStyle {
        let columns = environment["COLUMNS"].flatMap(Int.init).flatMap { (1...1000).contains($0) ? $0 : nil }
        return PlotStyle(
            width: columns ?? terminalColumns ?? 80, isASCII: !isUTF8, hasColor: hasColor)
    }

    /// Whether the locale's characters are those of UTF-8.
    private var isUTF8: Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? "C"
        let codeset = locale.uppercased().split(separator: ".").last?.prefix { $0 != "@" } ?? ""
        return codeset == "UTF-8" || codeset == "UTF8"
    }

    /// Whether text may be coloured.
    private var hasColor: Bool {
        func isSet(_ name: String) -> Bool { environment[name].map { !$0.isEmpty } ?? false }
        if isSet("NO_COLOR") { return false }
        return isTerminal && environment["TERM"] != "dumb"
    }
}
