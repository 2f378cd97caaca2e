import HotfixCore
import HotfixPlot
import Testing

@Suite("A plot on a terminal")
struct PlotTests {
    @Test("value, baseline, limit, gaps and outcomes, in the characters of UTF-8")
    func drawing() {
        #expect(
            examplePlot().text(PlotStyle(width: 60)).joined(separator: "\n") == """
                Value in ms, 2026-11-20T11:00:00Z to 2026-11-20T12:00:00Z
                400 ┤        ┊
                    │        ┊
                    │        ┊           ╭───╮
                350 ┤        ┊           │   │
                    │        ┊       ╭───╯   │
                    │        ┊       │       │
                300 ┤        ┊       │       │
                    │        ┊       │       │
                    │        ┊       │       │
                250 ┤════════════════│═══════│═══════════════════════
                    │        ┊       │       │
                    │        ╭───╮   │       │               ╭───╮
                200 ┤────────╯┈┈┈╰───╯┈┈┈┈┈┈┈╰───┈┈┈┈    ────╯┈┈┈╰───
                    └┬───────────┬───────────┬───────────┬───────────
                     ················XXXXXXXX····????----····xxxx····
                     11:00       11:15       11:30       11:45
                             ▲
                  ─ value  ═ limit  ┈ baseline  ▲ deployed
                  X breach  x pending  - missing  ? unproven  · clean
                  breach: 11:20-11:30
                  pending: 11:50-11:55
                  missing: 11:40-11:45
                  unproven: 11:35-11:40
                  deployed: 2026-11-20T11:10:00Z
                """)
    }

    @Test("the same in ASCII")
    func ascii() {
        let lines = examplePlot().text(PlotStyle(width: 60, isASCII: true))
        #expect(
            lines.joined(separator: "\n") == """
                Value in ms, 2026-11-20T11:00:00Z to 2026-11-20T12:00:00Z
                400 +        :
                    |        :
                    |        :           *****
                350 +        :           |   |
                    |        :       *****   |
                    |        :       |       |
                300 +        :       |       |
                    |        :       |       |
                    |        :       |       |
                250 +================|=======|=======================
                    |        :       |       |
                    |        *****   |       |               *****
                200 +*********~~~*****~~~~~~~****~~~~    *****~~~****
                    ++-----------+-----------+-----------+-----------
                     ................XXXXXXXX....????----....xxxx....
                     11:00       11:15       11:30       11:45
                             ^
                  * value  = limit  ~ baseline  ^ deployed
                  X breach  x pending  - missing  ? unproven  . clean
                  breach: 11:20-11:30
                  pending: 11:50-11:55
                  missing: 11:40-11:45
                  unproven: 11:35-11:40
                  deployed: 2026-11-20T11:10:00Z
                """)
        #expect(lines.allSatisfy { $0.allSatisfy(\.isASCII) })
    }

    @Test("no line is wider than there are columns", arguments: [60, 80, 81, 100, 120, 200])
    func width(_ columns: Int) {
        let points = (0..<72).map { index in
            Plot.Point(outcome: .clean, value: Double(index % 7) * 12_345_678, baseline: 3e7, limit: 9e7)
        }
        let plot = Plot(title: "", unit: "bytes", start: noon - 21_600, step: 300, points: points)
        let lines = plot.text(PlotStyle(width: columns)).dropLast()
        #expect(lines.allSatisfy { $0.count <= columns }, "\(lines.map(\.count))")
    }

    @Test("colour adds nothing but colour")
    func color() {
        let plain = examplePlot().text(PlotStyle(width: 60))
        let colored = examplePlot().text(PlotStyle(width: 60, hasColor: true))
        #expect(colored.map { $0.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") } == plain)
        #expect(colored.contains { $0.contains("\u{1B}[1;31mXX") })
        #expect(!plain.joined().contains("\u{1B}"))
    }

    @Test("of windows that share a column none is hidden: the range is drawn, and the worst outcome")
    func crowded() {
        let points = (0..<400).map { index in
            Plot.Point(outcome: index == 201 ? .breach : .clean, value: index == 201 ? 9 : 1)
        }
        let lines = Plot(title: "", unit: nil, start: noon - 120_000, step: 300, points: points)
            .text(PlotStyle(width: 60))
        #expect(lines.contains { $0.contains("X") && $0.contains("·") })
        #expect(lines.contains { $0.hasPrefix(" 9 ┤") || $0.hasPrefix("10 ┤") })
        #expect(lines.filter { $0.contains("│") || $0.contains("╷") || $0.contains("┬") }.count > 8)
    }

    @Test("without any value there is no scale, and still a strip")
    func empty() {
        let points = [Plot.Outcome.missing, .unproven, .clean].map { Plot.Point(outcome: $0) }
        let plot = Plot(title: "", unit: "s", start: noon, step: 300, points: points)
        let lines = plot.text(PlotStyle(width: 40))
        #expect(lines.first == "Value: none, 2026-11-20T12:00:00Z to 2026-11-20T12:15:00Z")
        #expect(
            lines.contains {
                $0.hasSuffix(
                    String(repeating: "-", count: 19) + String(repeating: "?", count: 19)
                        + String(repeating: "·", count: 19))
            })
        #expect(Plot(title: "", unit: nil, start: noon, step: 300, points: []).text(PlotStyle()).isEmpty)
    }

    @Test(
        "labels are 1, 2 or 5 times a power of ten, in a unit that people read",
        arguments: [
            ("s", [0.2, 0.36], "Value in ms", ["200", "250", "300", "350", "400"]),
            ("s", [0, 4.4], "Value in s", ["0", "1", "2", "3", "4", "5"]),
            ("share", [0.0, 0.011], "Value in %", ["0.0", "0.5", "1.0", "1.5"]),
            ("bytes", [0, 900 * 1024 * 1024], "Value in MiB", ["0", "200", "400", "600", "800", "1000"]),
            ("1/min", [0, 90], "Value in /min", ["0", "20", "40", "60", "80", "100"]),
            (nil, [-3, 3], "Value", ["-4", "-2", "0", "2", "4"]),
            (nil, [5, 5], "Value", ["4.4", "4.6", "4.8", "5.0", "5.2", "5.4", "5.6"]),
            (nil, [0, 0], "Value", ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        ] as [(String?, [Double], String, [String])])
    func ticks(_ unit: String?, _ values: [Double], _ title: String, _ labels: [String]) {
        let points = values.map { Plot.Point(outcome: .clean, value: $0) }
        let lines = Plot(title: "", unit: unit, start: noon, step: 300, points: points).text(PlotStyle())
        #expect(lines.first?.hasPrefix("\(title),") == true)
        let shown = lines.compactMap { line in
            line.contains(" ┤") ? line.prefix { $0 != "┤" }.filter { $0 != " " } : nil
        }
        #expect(shown.reversed() == labels)
    }

    @Test("values that are no numbers, or too large for a scale, draw nothing and do no harm")
    func strange() {
        for values in [
            [Double.nan, .infinity], [-.greatestFiniteMagnitude, .greatestFiniteMagnitude],
            [.leastNonzeroMagnitude, .leastNormalMagnitude], [0, .leastNonzeroMagnitude],
            [-.leastNonzeroMagnitude, .leastNonzeroMagnitude], [1e308, -1e308], [1e308, .greatestFiniteMagnitude],
            [-1e308, 0], [1e15, (1e15).nextUp], [1, (1.0).nextUp], [-1e300, -(1e300).nextUp],
            [Double.leastNormalMagnitude / 8, .leastNormalMagnitude / 4],
        ] {
            let points = values.map { Plot.Point(outcome: .unproven, value: $0) }
            let lines = Plot(title: "", unit: nil, start: noon, step: 300, points: points).text(PlotStyle())
            #expect(!lines.isEmpty)
        }
        let mixed = [1, Double.nan, 2].map { Plot.Point(outcome: .clean, value: $0) }
        #expect(!Plot(title: "", unit: nil, start: noon, step: 300, points: mixed).text(PlotStyle()).isEmpty)
    }
}
