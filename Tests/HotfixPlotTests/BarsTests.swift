import HotfixCore
import HotfixPlot
import Testing

@Suite("A plot as a line of bars")
struct BarsTests {
    @Test("a bar for each of the last windows, a dot for a gap, and a mark below a breach")
    func bars() {
        #expect(examplePlot().bars(columns: 36) == "▁▁▁▁▇█▁··▁▂▁\n    ^^")
        #expect(examplePlot().bars(columns: 8) == "▇█▁··▁▂▁\n^^")
        #expect(examplePlot().bars(columns: 6) == "▁··▁█▁")
        #expect(examplePlot().bars(columns: 0) == "▄")
    }

    @Test(
        "what the heights stand for",
        arguments: [
            ([1.0, 2, 3, 4, 5, 6, 7, 8], "▂▃▄▅▅▆▇█"), ([100.0, 101, 102], "▁▅█"), ([5.0, 5, 5], "▄▄▄"),
            ([0.0, 0], "▄▄"),
            ([-1.0, 0, 1], "▁▅█"), ([.nan, 1, .infinity], "·▄·"), ([-1e308, 1e308], "▁█"),
            ([0, Double.leastNonzeroMagnitude], "▁█"),
            ([-Double.leastNonzeroMagnitude, 0, Double.leastNonzeroMagnitude], "▁▅█"),
            ([], ""),
        ])
    func heights(_ values: [Double], _ bars: String) {
        let points = values.map { Plot.Point(outcome: .clean, value: $0) }
        #expect(Plot(title: "", unit: nil, start: noon, step: 300, points: points).bars() == bars)
    }
}
