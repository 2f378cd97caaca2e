import HotfixCore
import HotfixPlot

extension Plot {
    /// How much of a series is shown, in seconds.
    static let shown: Seconds = 6 * 3600

    /// The hours of a guardrail that end with a window: what was measured, what it was held against, what it counts as.
    init(_ pair: PairSnapshot, of service: ServiceSnapshot, until end: Instant) {
        let step = service.context.step
        let windows = Array(Span(start: end - max(Self.shown, step), end: end, step: step).windows)
        self.init(
            title: pair.pair.description, unit: pair.series?.definition.unit ?? pair.guardrail.unit,
            start: windows.first?.start ?? end, step: step,
            points: windows.map { Point(pair, of: service.context, at: $0.start) },
            deployments: service.context.deployments.standing.map(\.at))
    }
}

extension Plot.Point {
    fileprivate init(_ pair: PairSnapshot, of context: ServiceContext, at start: Instant) {
        let detail = context.detail(of: pair, at: start)
        let outcome: Plot.Outcome =
            switch pair.counted(start)?.verdict {
            case .clean: .clean
            case .unproven: .unproven
            case .breach: detail?.verdict.isConfirmed == true ? .breach : .pending
            case nil: pair.series.map { start < $0.judgedFrom } ?? false ? .unjudged : .missing
            }
        self.init(
            outcome: outcome, value: pair.records[start]?.observation.value, baseline: detail?.baseline?.number,
            limit: detail?.judgement?.limitNumber)
    }
}

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
