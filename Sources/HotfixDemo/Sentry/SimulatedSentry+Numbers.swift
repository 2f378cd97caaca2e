import HotfixCore

/// The endpoints of numbers.
extension SimulatedSentry {
    private static let spanIntervals: Set<Seconds> = [
        15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400,
    ]

    /// `events-timeseries/`: buckets of errors lie on the clock and one follows that begins at `end`; buckets of spans roll from `start`.
    func timeseries(_ request: LoopbackRequest) throws(LoopbackRefusal) -> LoopbackAnswer {
        let query = try query(request, widest: 10_000)
        let dataset = request.first("dataset") ?? "discover"
        let buckets = try buckets(query, dataset, trailing: true)
        var series: [String] = []
        for axis in axes(request) {
            var rows: [String] = []
            for bucket in buckets {
                let cell = try cell(axis, dataset, query, bucket)
                rows.append(row(bucket, cell, query, isSpan: dataset == "spans"))
            }
            series.append(
                """
                {"yAxis":\(jsonText(axis)),"meta":{"valueType":"integer","valueUnit":null,"interval":\(query.interval * 1000)},
                "values":[\(rows.joined(separator: ","))]}
                """
            )
        }
        return .json(
            """
            {"meta":{"dataset":\(jsonText(dataset)),"start":\(query.start.seconds * 1000).0,"end":\(query.end.seconds * 1000).0},
            "timeSeries":[\(series.joined(separator: ","))]}
            """
        )
    }

    /// `events-stats/`: seconds, no flag, without the running bucket; the member is called `count` whatever the aggregate.
    func stats(_ request: LoopbackRequest) throws(LoopbackRefusal) -> LoopbackAnswer {
        let query = try query(request, widest: 10_000)
        let dataset = request.first("dataset") ?? "discover"
        let buckets = try buckets(query, dataset, trailing: false)
        var series: [String] = []
        for (order, axis) in axes(request).enumerated() {
            var rows: [String] = []
            for bucket in buckets {
                rows.append("[\(bucket.seconds),[{\"count\":\(try cell(axis, dataset, query, bucket).text)}]]")
            }
            series.append(
                """
                {"data":[\(rows.joined(separator: ","))],"start":\(query.start.seconds),"end":\(query.end.seconds),
                "isMetricsData":false,"order":\(order),"meta":{"fields":{"count":"integer","time":"date"}}}
                """
            )
        }
        if series.count == 1 { return .json(series[0]) }
        let named = zip(axes(request), series).map { "\(jsonText($0)):\($1)" }
        return .json("{\(named.joined(separator: ","))}")
    }

    /// `sessions/`: at most 1,000 intervals, null where there was no session.
    func sessions(_ request: LoopbackRequest) throws(LoopbackRefusal) -> LoopbackAnswer {
        let query = try intervalQuery(request, least: 10)
        guard !request.all("field").isEmpty else { throw .detail(400, "Request is missing a \"field\"") }
        let buckets = query.buckets(to: query.end)
        var series: [String] = []
        for field in request.all("field") {
            let known = ["sum(session)", "crash_rate(session)", "crash_free_rate(session)"]
            guard known.contains(field) else { throw .detail(400, "Invalid field: \"\(field)\"") }
            let numbers = buckets.map { bucket in
                let sessions = sum(\.sessions, query, bucket)
                if field == "sum(session)" { return "\(sessions.count)" }
                guard sessions.count > 0 else { return "null" }
                let crashed = Double(sessions.failed) / Double(sessions.count)
                return field == "crash_rate(session)" ? "\(crashed)" : "\(1 - crashed)"
            }
            series.append("\(jsonText(field)):[\(numbers.joined(separator: ","))]")
        }
        return intervals(query, groups: ["{\"by\":{},\"totals\":{},\"series\":{\(series.joined(separator: ","))}}"])
    }

    /// `stats_v2/`: at most 1,000 intervals, one group for each pair of category and outcome that occurred.
    func outcomes(_ request: LoopbackRequest) throws(LoopbackRefusal) -> LoopbackAnswer {
        var query = try intervalQuery(request, least: 60)
        guard request.first("field") == "sum(quantity)" else {
            throw .detail(400, "At least one \"field\" is required.")
        }
        let groupBy = request.all("groupBy")
        guard groupBy.contains("category") || request.first("category") != nil else {
            throw .detail(400, "Query must have category as groupby or filter")
        }
        if server.widensOutcomes, query.interval < 3600 {
            query.start = query.start.floored(to: 3600)
            query.end = query.end.ceiled(to: 3600)
        }
        let buckets = query.buckets(to: query.end)
        var groups: [[String]: [Int]] = [:]
        for (index, bucket) in buckets.enumerated() {
            for found in query.minutes(of: bucket, now: now()).flatMap({ minute in
                query.projects.flatMap { $0.outcomes(minute) }
            }) {
                if let wanted = request.first("outcome"), wanted != found.outcome { continue }
                if let wanted = request.first("category"), wanted != found.category { continue }
                let key = groupBy.map { $0 == "category" ? found.category : found.outcome }
                groups[key, default: Array(repeating: 0, count: buckets.count)][index] += found.quantity
            }
        }
        let texts = groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, numbers in
            let by = zip(groupBy, key).map { "\(jsonText($0)):\(jsonText($1))" }.joined(separator: ",")
            return """
                {"by":{\(by)},"totals":{"sum(quantity)":\(numbers.reduce(0, +))},"series":{"sum(quantity)":\(numbers)}}
                """
        }
        return intervals(query, groups: texts)
    }

    private func axes(_ request: LoopbackRequest) -> [String] {
        let axes = request.all("yAxis")
        return axes.isEmpty ? ["count()"] : axes
    }

    private func buckets(_ query: SimulatedSentryQuery, _ dataset: String, trailing: Bool) throws(LoopbackRefusal)
        -> [Instant]
    {
        guard dataset == "spans" else {
            return query.buckets(to: query.end.floored(to: query.interval) + (trailing ? 1 : 0))
        }
        guard Self.spanIntervals.contains(query.interval) else { throw .detail(400, "Invalid interval") }
        let starts = stride(from: query.start.seconds, to: query.end.seconds, by: query.interval)
        let buckets = starts.map { Instant($0) }
        guard buckets.count <= server.spanBuckets else { throw .detail(400, "Too many buckets in the time series") }
        return buckets
    }

    private struct Cell {
        var text: String
        var sampled: Int?
    }

    private func cell(_ axis: String, _ dataset: String, _ query: SimulatedSentryQuery, _ bucket: Instant)
        throws(LoopbackRefusal) -> Cell
    {
        switch (dataset, axis) {
        case ("errors", "count()"): return Cell(text: "\(errors(query, bucket))")
        case ("errors", "failure_rate()"): throw .detail(500, "Internal error. Please try again.")
        case ("spans", "count()"):
            let spans = sum(\.transactions, query, bucket)
            return Cell(text: "\(spans.count)", sampled: spans.sampled)
        case ("spans", "failure_rate()"):
            let spans = sum(\.transactions, query, bucket)
            let rate = spans.count == 0 ? "0" : "\(Double(spans.failed) / Double(spans.count))"
            return Cell(text: rate, sampled: spans.sampled)
        default: throw .detail(400, "\(axis) is not a field of \(dataset)")
        }
    }

    private func row(_ bucket: Instant, _ cell: Cell, _ query: SimulatedSentryQuery, isSpan: Bool) -> String {
        var text = "{\"timestamp\":\(bucket.seconds * 1000),\"value\":\(cell.text)"
        if isSpan { text += ",\"sampleCount\":\(cell.sampled.map { $0 > 0 ? "\($0)" : "null" } ?? "null")" }
        if server.marksIncomplete {
            let incomplete = bucket + query.interval >= now() - 90
            text += ",\"incomplete\":\(incomplete)"
            if incomplete { text += ",\"incompleteReason\":\"INCOMPLETE_BUCKET\"" }
        }
        return text + "}"
    }

    private func errors(_ query: SimulatedSentryQuery, _ bucket: Instant) -> Int {
        query.minutes(of: bucket, now: now()).reduce(0) { sum, minute in
            sum + query.projects.reduce(0) { $0 + $1.errors(minute, query.environment) }
        }
    }

    private func sum(
        _ share: KeyPath<Project, @Sendable (Instant) -> Project.Share>, _ query: SimulatedSentryQuery,
        _ bucket: Instant
    ) -> Project.Share {
        var sum = Project.Share(0, failed: 0)
        for minute in query.minutes(of: bucket, now: now()) {
            for project in query.projects {
                let part = project[keyPath: share](minute)
                sum.count += part.count
                sum.failed += part.failed
                sum.sampled += part.sampled
            }
        }
        return sum
    }

    private func intervalQuery(_ request: LoopbackRequest, least: Seconds) throws(LoopbackRefusal)
        -> SimulatedSentryQuery
    {
        var query = try query(request, widest: nil)
        guard query.interval % least == 0 else {
            let words = least == 60 ? "one minute" : "ten seconds"
            throw .detail(400, "The interval has to be a multiple of the minimum interval of \(words).")
        }
        guard query.interval <= 86_400 else { throw .detail(400, "The interval has to be less than one day.") }
        guard 86_400 % query.interval == 0 else {
            throw .detail(400, "The interval should divide one day without a remainder.")
        }
        query.start = query.start.floored(to: query.interval)
        query.end = query.end.ceiled(to: query.interval)
        guard (query.end - query.start) / query.interval <= 1000 else {
            let text = "Your interval and date range would create too many results. "
            throw .detail(400, text + "Use a larger interval, or a smaller date range.")
        }
        return query
    }

    private func intervals(_ query: SimulatedSentryQuery, groups: [String]) -> LoopbackAnswer {
        let starts = query.buckets(to: query.end).map(\.description)
        return .json(
            """
            {"start":"\(query.start)","end":"\(query.end)","query":"","intervals":\(jsonList(starts)),
            "groups":[\(groups.joined(separator: ","))]}
            """
        )
    }
}
