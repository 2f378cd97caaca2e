import HotfixCore
import HotfixPlot
import Testing

@Suite("A plot as SVG")
struct SVGTests {
    private func path(_ name: String, in elements: [SVGElement]) throws -> SVGElement {
        try #require(elements.first { $0.attributes["class"] == name }, "\(name)")
    }

    @Test("every value is where the scale's labels and the axis say it is")
    func places() throws {
        let plot = examplePlot()
        let elements = try elements(of: plot.svg(width: 640, height: 240))
        func height(_ label: String) throws -> Double {
            let text = try #require(elements.first { $0.name == "text" && $0.text == label })
            // Labels stand 4 below the lines that they name.
            return try #require(text.attributes["y"].flatMap(Double.init)) - 4
        }
        let (low, high) = (try height("200"), try height("400"))
        #expect(low > high)
        let axis = try #require(try path("hotfix-axis hotfix-line", in: elements).lines.first)
        let (left, right) = (axis[0].x, axis[1].x)
        let drawn = try path("hotfix-value hotfix-line", in: elements).lines.joined()
        for (index, point) in plot.points.enumerated() {
            let middle = left + (right - left) * (Double(index) + 0.5) / 12
            let places = drawn.filter { abs($0.x - middle) < 0.011 }
            guard let value = point.value else {
                #expect(places.isEmpty)
                continue
            }
            let place = try #require(places.first)
            #expect(abs(place.y - (low + (high - low) * (value * 1000 - 200) / 200)) < 0.02, "\(index)")
        }
        let limit = try path("hotfix-limit hotfix-line", in: elements).lines
        #expect(limit.count == 1)
        for place in limit.joined() { #expect(abs(place.y - (low + (high - low) * 0.25)) < 0.02) }
        #expect(limit.first?.first?.x == left)
        #expect(limit.first?.last?.x == right)
        let deployed = try path("hotfix-deployment hotfix-line", in: elements).lines
        #expect(deployed.count == 1)
        #expect(abs((deployed.first?.first?.x ?? 0) - (left + (right - left) / 6)) < 0.02)
    }

    @Test("a gap in the values is a gap in the line, and one in the baseline is one in the baseline")
    func gaps() throws {
        let elements = try elements(of: examplePlot().svg())
        #expect(try path("hotfix-value hotfix-line", in: elements).lines.count == 2)
        #expect(try path("hotfix-baseline hotfix-line", in: elements).lines.count == 2)
        #expect(try path("hotfix-limit hotfix-line", in: elements).lines.count == 1)
    }

    @Test("value, limit and baseline are told apart without colour, and every outcome has a shape of its own")
    func shapes() throws {
        let elements = try elements(of: examplePlot().svg())
        let dashes = try ["value", "limit", "baseline"].map {
            try path("hotfix-\($0) hotfix-line", in: elements).attributes["stroke-dasharray"]
        }
        #expect(Set(dashes).count == 3)
        #expect(try path("hotfix-breach", in: elements).lines.count == 2)
        #expect(try path("hotfix-breach-band", in: elements).lines.count == 1)
        #expect(try path("hotfix-missing", in: elements).lines.count == 1)
        #expect(try path("hotfix-unproven hotfix-line", in: elements).lines.count > 5)
        let words = Set(elements.filter { $0.name == "text" }.map(\.text))
        #expect(
            words.isSuperset(of: [
                "value", "limit", "baseline", "deployed", "breach", "pending", "missing", "unproven", "clean", "11:00",
                "11:30", "2026-11-20 11:00 to 12:00 UTC", "checkout/latency-p95, ms",
            ]), "\(words)")
    }

    @Test("title and description tell what it shows to whoever cannot see it")
    func words() throws {
        let elements = try elements(of: examplePlot().svg())
        #expect(elements.first?.attributes["role"] == "img")
        #expect(elements.map(\.name).prefix(3) == ["svg", "title", "desc"])
        #expect(elements[1].text == "checkout/latency-p95")
        #expect(
            elements[2].text
                == "Value in ms, 2026-11-20 11:00 to 12:00 UTC; breach: 11:20-11:30; pending: 11:50-11:55;"
                + " missing: 11:40-11:45; unproven: 11:35-11:40; deployed: 2026-11-20T11:10:00Z.")
    }

    @Test("names from outside are text, whatever they hold")
    func escaping() throws {
        let title = "<script>alert('1')</script>&\"]]>\u{1B}[31m\u{0}\u{FFFE}ü"
        let svg = examplePlot(title: title, unit: "<b>&").svg(width: 1000)
        let elements = try elements(of: svg)
        #expect(elements[1].text == "<script>alert('1')</script>&\"]]>\u{FFFD}[31m\u{FFFD}\u{FFFD}ü")
        #expect(!svg.contains("<script"))
        #expect(!svg.contains("\u{1B}"))
        #expect(Set(elements.map(\.name)) == ["svg", "title", "desc", "style", "path", "text"])
    }

    @Test(
        "many stand in one page: there is no identifier, and the only style is the same in each and touches nothing else"
    )
    func page() throws {
        let first = try elements(of: examplePlot().svg())
        let second = try elements(of: examplePlot(title: "other", unit: "bytes").svg(width: 900, height: 300))
        for element in first + second { #expect(element.attributes["id"] == nil) }
        let styles = (first + second).filter { $0.name == "style" }.map(\.text)
        #expect(styles.count == 2 && styles[0] == styles[1])
        for rule in try #require(styles.first).dropFirst("@media (prefers-color-scheme:dark){".count).split(
            separator: "}")
        {
            #expect(rule.hasPrefix(".hotfix-plot-automatic .hotfix-"))
        }
    }

    @Test("light and dark are drawn in their colours alone, and automatic begins as light")
    func schemes() throws {
        let plot = examplePlot()
        let (light, dark) = (plot.svg(scheme: .light), plot.svg(scheme: .dark))
        #expect(light.contains("#0b5cad") && !light.contains("#58a6ff") && !light.contains("<style"))
        #expect(dark.contains("#58a6ff") && !dark.contains("#0b5cad") && !dark.contains("<style"))
        let automatic = try elements(of: plot.svg()).filter { $0.name == "path" }.map { $0.attributes["fill"] }
        #expect(try elements(of: light).filter { $0.name == "path" }.map { $0.attributes["fill"] } == automatic)
    }

    @Test("in a page with a style sheet of its own it has the same marks, and neither colours nor styles")
    func styled() throws {
        let plot = examplePlot()
        let svg = plot.svg(scheme: .styled)
        #expect(!svg.contains("<style") && !svg.contains("style=") && !svg.contains("#"))
        let (own, other) = (try elements(of: svg), try elements(of: plot.svg(scheme: .light)))
        #expect(own.map(\.name) == other.map(\.name))
        for element in own where ["path", "text"].contains(element.name) {
            let names = try #require(element.attributes["class"])
            let first = try #require(names.split(separator: " ").first)
            #expect(Plot.styleSheet.contains(".hotfix-plot .\(first)"), "\(names)")
        }
    }

    @Test(
        "the word beside a deployment stands where no curve goes through it", arguments: [(105.0, true), (150, false)])
    func label(value: Double, isLow: Bool) throws {
        var plot = Plot(
            title: "checkout/cpu", unit: nil, start: noon - 6 * 3600, step: 300,
            points: (0..<72).map { _ in .init(outcome: .clean, value: value, baseline: value, limit: 200) },
            deployments: [noon - 3 * 3600])
        plot.points[0].value = 100
        let words = try elements(of: plot.svg(width: 720, height: 260))
            .filter { $0.name == "text" && $0.text == "deployed" }
        let y = words.compactMap { $0.attributes["y"].flatMap { Double($0) } }.max() ?? 0
        #expect(isLow ? y > 60 && y < 200 : y > 200, "\(y)")
    }

    @Test("seven days have days below, and where days change among hours that is told by the date")
    func days() throws {
        func week(_ hours: Int) -> Plot {
            Plot(
                title: "checkout/cpu", unit: nil, start: noon - hours * 3600, step: 300,
                points: (0..<hours * 12).map { .init(outcome: .clean, value: Double($0 % 5), baseline: 2, limit: 4) },
                deployments: [noon - 3600 * hours / 2])
        }
        let texts = try elements(of: week(168).svg(width: 720)).filter { $0.name == "text" }.map(\.text)
        for day in 14...20 { #expect(texts.contains("11-\(day)"), "\(texts)") }
        #expect(!texts.contains("00:00"))
        #expect(texts.count { $0 == "deployed" } == 2)
        let two = try elements(of: week(48).svg(width: 720)).filter { $0.name == "text" }.map(\.text)
        #expect(
            two.contains("11-19") && two.contains("11-20") && two.contains("12:00") && !two.contains("00:00"), "\(two)")
        #expect(week(168).text(PlotStyle()).contains { $0.contains("11-15") && !$0.contains("00:00") })
        // Nothing is drawn of a reference that stays as it is but its ends.
        let limit = try #require(
            try elements(of: week(168).svg()).first { $0.attributes["class"] == "hotfix-limit hotfix-line" })
        #expect(limit.lines.map(\.count) == [2])
    }

    enum Extreme: CaseIterable {
        case empty, missing, single, wild, long, tiny, wide, nearEnd

        var plot: Plot {
            switch self {
            case .empty: return plot(300, [])
            case .missing: return plot(300, [.init(outcome: .missing)])
            case .single: return plot(86_400, [.init(outcome: .clean, value: 0)])
            case .wild:
                let values = [Double.nan, .infinity, 1e308, -1e308, .leastNonzeroMagnitude]
                return plot(300, values.map { .init(outcome: .breach, value: $0, limit: $0) })
            case .tiny:
                return plot(
                    300, [0, Double.leastNonzeroMagnitude].map { .init(outcome: .breach, value: $0, limit: 0) })
            // Labels of many digits leave a narrow picture no room.
            case .wide: return plot(300, [1e17, 1.000000000001e17].map { .init(outcome: .pending, value: -$0) })
            case .nearEnd:
                return plot(300, [1e308, .greatestFiniteMagnitude].map { .init(outcome: .clean, value: $0) })
            case .long:
                return plot(
                    86_400,
                    (0..<10_000).map { index in
                        let outcome = Plot.Outcome.allCases[index % 6]
                        return .init(outcome: outcome, value: index % 7 == 0 ? nil : Double(index), limit: 9)
                    })
            }
        }

        private func plot(_ step: Seconds, _ points: [Plot.Point]) -> Plot {
            Plot(title: "\(self)", unit: "s", start: noon - 10_000 * step, step: step, points: points)
        }
    }

    @Test("whatever there is to draw, it is XML without a number that is none", arguments: Extreme.allCases)
    func anything(_ extreme: Extreme) throws {
        let plot = extreme.plot
        for (width, height) in [(0, 0), (160, 100), (640, 240), (5000, 5000)] {
            let svg = plot.svg(width: width, height: height)
            _ = try elements(of: svg)
            #expect(!svg.contains("nan") && !svg.contains("inf"))
            #expect(svg.utf8.count < 1_000_000)
            #expect(!plot.png(width: width, height: height).isEmpty)
            // Nothing stands left of the picture.
            let texts = try elements(of: svg).filter { $0.name == "text" && $0.attributes["text-anchor"] == "end" }
            for text in texts { #expect(Double(text.attributes["x"] ?? "") ?? -1 > 0, "\(text)") }
        }
    }

    @Test("of windows that share a pixel none is hidden")
    func crowded() throws {
        let points = (0..<9000).map { index in
            Plot.Point(outcome: index == 4321 ? .breach : .clean, value: index == 4321 ? 9 : 1)
        }
        let elements = try elements(
            of: Plot(title: "", unit: nil, start: noon - 9000 * 300, step: 300, points: points).svg())
        let line = try path("hotfix-value hotfix-line", in: elements).lines
        #expect(line.count == 1)
        let heights = Set(line.joined().map(\.y))
        #expect(heights.count == 2)
        let breach = try path("hotfix-breach", in: elements).lines.joined().map(\.y)
        #expect(abs((breach.min() ?? 0) + 3.5 - (heights.min() ?? 0)) < 0.02)
    }
}
