extension Plot {
    /// How many points are taken from elsewhere at most.
    private static let longest = 10_000

    /// The hours of a guardrail that end with a window: what was measured, what it was held against, what it counts as.
    ///
    /// - Parameters:
    ///   - pair: The guardrail of the service, its windows of those hours loaded.
    ///   - service: The service.
    ///   - end: The end of the last window.
    package init(_ pair: PairSnapshot, of service: ServiceSnapshot, until end: Instant) {
        let step = service.context.step
        self.init(pair, of: service, in: Span(start: end - max(Self.shown, step), end: end, step: step))
    }

    /// The windows of a guardrail: what was measured, what it was held against, what it counts as.
    ///
    /// - Parameters:
    ///   - pair: The guardrail of the service, its windows of those hours loaded.
    ///   - service: The service.
    ///   - span: The windows.
    package init(_ pair: PairSnapshot, of service: ServiceSnapshot, in span: Span) {
        self.init(
            title: pair.pair.description, unit: pair.series?.definition.unit ?? pair.guardrail.unit,
            start: span.start, step: span.step, points: span.windows.map { Point(pair, of: service, at: $0.start) },
            deployments: service.context.deployments.standing.map(\.at))
    }

    /// The plot with its points, for whoever draws it elsewhere; its title and unit stand beside it.
    package var json: JSONValue {
        .object([
            "start": JSONValue(start), "step_seconds": JSONValue(step), "points": .array(points.map(\.json)),
            "deployments": .array(deployments.map { JSONValue($0) }),
        ])
    }

    init(_ reader: JSONReader, title: String, unit: String?) throws(JSONContentError) {
        var deployments: [Instant] = []
        for text in try reader.texts("deployments") {
            guard let instant = Instant(text: text) else { throw reader.wrong("deployments", "times") }
            deployments.append(instant)
        }
        let step = try reader.whole("step_seconds")
        guard (1...86_400).contains(step) else { throw reader.wrong("step_seconds", "from 1 to a day") }
        let points = try reader.objects("points", Point.init)
        guard points.count <= Self.longest else { throw reader.wrong("points", "\(Self.longest) at most") }
        self.init(
            title: title, unit: unit, start: try reader.instant("start"), step: step, points: points,
            deployments: deployments)
    }
}

extension Plot.Point {
    fileprivate init(_ pair: PairSnapshot, of service: ServiceSnapshot, at start: Instant) {
        let detail = service.context.detail(of: pair, at: start)
        let outcome: Plot.Outcome =
            switch pair.counted(start)?.held(against: service.versions, at: start)?.verdict {
            case .clean: .clean
            case .unproven: .unproven
            case .breach: detail?.verdict.isConfirmed == true ? .breach : .pending
            case nil: pair.series.map { start < $0.judgedFrom } ?? false ? .unjudged : .missing
            }
        self.init(
            outcome: outcome, value: pair.records[start]?.observation.value, baseline: detail?.baseline?.number,
            limit: detail?.judgement?.limitNumber)
    }

    fileprivate var json: JSONValue {
        .object([
            "outcome": JSONValue(outcome.rawValue), "value": JSONValue(value), "baseline": JSONValue(baseline),
            "limit": JSONValue(limit),
        ])
    }

    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            outcome: try reader.word("outcome"), value: try reader.optionalNumber("value"),
            baseline: try reader.optionalNumber("baseline"), limit: try reader.optionalNumber("limit"))
    }
}
