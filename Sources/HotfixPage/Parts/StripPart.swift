import HotfixCore

/// The windows of a service's last 48 hours, each of which leads to the verdict that decided it.
struct StripPart {
    /// How much of the time before now a strip shows, in seconds: 48 h.
    static let length: Seconds = 48 * 3600

    /// One window of a service.
    struct Cell: Hashable {
        var start: Instant
        /// The worst that one of its guardrails came to.
        var outcome: Plot.Outcome
        /// That guardrail.
        var guardrail: String
    }

    private let service: String
    private let step: Seconds
    /// The windows, oldest first.
    let cells: [Cell]

    /// Makes the strip; one without a cell where the service has no guardrail.
    init(_ service: Overview.Service) {
        self.service = service.name
        guard let first = service.guardrails.first?.plot else {
            step = 300
            cells = []
            return
        }
        step = first.step
        let shown = min(first.points.count, max(1, Self.length / step))
        let begin = first.points.count - shown
        cells = (begin..<first.points.count).map { index in
            let outcomes = service.guardrails.map {
                (
                    guardrail: $0.name,
                    outcome: $0.plot.points.indices.contains(index) ? $0.plot.points[index].outcome : .missing
                )
            }
            let worst = outcomes.min { $0.outcome.rank < $1.outcome.rank }
            return Cell(
                start: first.start + index * first.step, outcome: worst?.outcome ?? .missing,
                guardrail: worst?.guardrail ?? "")
        }
    }

    var html: [HTML] {
        guard !cells.isEmpty else { return [.p("No guardrail watches this service.")] }
        let id = "strip-\(slug(service))"
        return [
            .element(
                .ol,
                [
                    .class("strip"), .id(id),
                    .set(.ariaLabel, "The last \(hours(cells.count * step)), window by window: \(summary)"),
                ], hoursOfCells), legend,
            .details(
                "\(id)-table", "The windows of \(service) as a table",
                [
                    .table(
                        "Windows of \(service), \(shown(cells[0].start)) to \(shown(end)); those that came to the same stand together",
                        [
                            TableHead("From", .when), TableHead("Until", .when), "Came to",
                            TableHead("Windows", .number), "Decided by",
                        ],
                        rows)
                ]),
        ]
    }

    private var end: Instant { (cells.last?.start ?? Instant(0)) + step }

    /// How many windows came to what: `570 clean, 4 breach`.
    var summary: String {
        Plot.Outcome.allCases.reversed().compactMap { outcome in
            let number = cells.count { $0.outcome == outcome }
            return number == 0 ? nil : "\(number) \(outcome.shownWord)"
        }.joined(separator: ", ")
    }

    private var hoursOfCells: [HTML] {
        let group = max(3600, step)
        var hours: [(start: Instant, cells: [Cell])] = []
        for cell in cells {
            let start = cell.start.floored(to: group)
            if hours.last?.start != start { hours.append((start, [])) }
            hours[hours.count - 1].cells.append(cell)
        }
        return hours.enumerated().map { index, hour in
            let isDay = index == 0 || hour.start == hour.start.floored(to: 86_400)
            let day = String(hour.start.description.dropFirst(5).prefix(5))
            // The first and the last hour may be cut off: what is not there keeps its room.
            let lead = index == 0 ? (hour.cells[0].start - hour.start) / step : 0
            let room = group / step - lead - hour.cells.count
            return .element(
                .li, [],
                [
                    .element(.span, [.class("hour")], [HTML(isDay ? day : String(clock(hour.start).prefix(2)))]),
                    .element(
                        .div, [.class("cells")],
                        blanks(lead) + hour.cells.map(link) + blanks(room)),
                ])
        }
    }

    private func blanks(_ count: Int) -> [HTML] {
        Array(repeating: .element(.span, [.class("w")]), count: max(0, count))
    }

    private func link(_ cell: Cell) -> HTML {
        let isNewest = cell.start == cells.last?.start
        let whose = cell.outcome == .clean ? "" : ", \(cell.guardrail)"
        return .element(
            .a,
            [
                .class("w \(cell.outcome.cell)"), .href(.verdict(Pair(service, cell.guardrail), at: cell.start)),
                .set(.title, "\(shown(cell.start)): \(cell.outcome.shownWord)\(whose)"),
                // Hundreds of stops would make the tab key useless; the arrow keys and the table lead to each.
                .set(.tabindex, isNewest ? "0" : "-1"),
            ])
    }

    private var legend: HTML {
        .element(
            .ul, [.class("key"), .set(.ariaHidden, "true")],
            Plot.Outcome.allCases.reversed().filter { outcome in
                outcome != .unjudged || cells.contains { $0.outcome == outcome }
            }.map { outcome in
                .element(
                    .li, [], [.element(.span, [.class("w \(outcome.cell)")]), HTML(outcome.shownWord)])
            })
    }

    private var rows: [[HTML]] {
        var runs: [(first: Cell, count: Int)] = []
        for cell in cells {
            if let last = runs.last, last.first.outcome == cell.outcome, last.first.guardrail == cell.guardrail {
                runs[runs.count - 1].count += 1
            } else {
                runs.append((cell, 1))
            }
        }
        return runs.reversed().map { run in
            [
                .time(run.first.start), .time(run.first.start + run.count * step),
                .word(run.first.outcome.shownWord, run.first.outcome.tone), HTML(String(run.count)),
                .link(
                    // Of windows that are clean for all, none decided.
                    run.first.outcome == .clean ? "all guardrails" : run.first.guardrail,
                    to: .verdict(Pair(service, run.first.guardrail), at: run.first.start)),
            ]
        }
    }
}

extension Plot.Outcome {
    /// How bad it is, 0 the worst.
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
