import HotfixCore

/// One range query over the windows of a span.
struct FetchJob: Hashable, Sendable {
    /// What is asked.
    var query: String
    /// The label that tells services apart, nil where the query is of one service.
    var label: String?
    /// Which windows, at most a day of them.
    var span: Span

    /// Asks; a stretch that is too much for the server is asked in halves, and those in halves once more.
    func run(by api: PrometheusAPI, halvings: Int = 2) async -> [FetchedPiece] {
        do {
            let reply = try await api.range(query, on: TimeGrid(endsOf: span))
            return [FetchedPiece(span: span, result: .success(try table(reply, api.source)))]
        } catch  where error.isTooMuch && halvings > 0 && span.count > 1 {
            let middle = span.start + (span.count + 1) / 2 * span.step
            var pieces: [FetchedPiece] = []
            for half in [
                Span(start: span.start, end: middle, step: span.step),
                Span(start: middle, end: span.end, step: span.step),
            ] {
                pieces += await FetchJob(query: query, label: label, span: half).run(by: api, halvings: halvings - 1)
            }
            return pieces
        } catch {
            return [FetchedPiece(span: span, result: .failure(error.error))]
        }
    }

    private func table(_ reply: PrometheusAPI.Reply, _ source: String) throws(PrometheusAPI.Failure) -> FetchedTable {
        if let histogram = reply.series.first(where: \.hasHistograms) {
            throw PrometheusAPI.Failure(
                error: SourceError(
                    .refused,
                    "\(source): the query gives native histograms, for example \(histogram.text), and not numbers."
                        + " Take a number of them with histogram_quantile, histogram_count or histogram_avg."
                        + " The query: \(query)"
                ))
        }
        // A series without the label is nobody's.
        let named = reply.series.compactMap { one in
            label.map { one.labels[$0] ?? "" } == "" ? nil : (label.flatMap { one.labels[$0] } ?? "", one)
        }
        let columns = Dictionary(grouping: named, by: \.0).mapValues { $0.map(\.1) }
        return FetchedTable(
            columns: columns.mapValues { series in
                series.count == 1 ? .success(series[0].values) : .failure(ambiguity(series, source))
            }, clock: reply.clock)
    }

    private func ambiguity(_ series: [ReplySeries], _ source: String) -> SourceError {
        let shown = series.prefix(3).map(\.text).joined(separator: ", ")
        let remedy =
            label.map { "Aggregate by (\(labelName($0))) and nothing else" }
            ?? "Aggregate to one series, for example with sum or max"
        return SourceError(
            .ambiguous,
            "\(source): the query gives \(series.count) series for one service: \(shown)"
                + "\(series.count > 3 ? ", …" : ""). \(remedy). The query: \(query)"
        )
    }
}

/// What one request came to.
struct FetchedPiece: Sendable {
    /// The windows that it was of.
    var span: Span
    /// The values of all services, or why there are none.
    var result: Result<FetchedTable, SourceError>
}

/// The values of one answer.
struct FetchedTable: Sendable {
    /// By service, one value for each window, NaN where there is none; or why a service's can't be told.
    var columns: [String: Result<[Double], SourceError>]
    /// The server's clock.
    var clock: Instant?
}

/// The values of one service, put together of pieces.
struct FetchedColumn {
    /// One for each window, NaN where there is none.
    private(set) var values: [Double]
    /// Why windows could not be asked, by their position.
    private(set) var errors: [Int: SourceError] = [:]
    /// The earliest of the server's clocks.
    private(set) var clock: Instant?

    /// Puts the pieces' values in their places in a span; a piece may reach beyond it.
    init(_ pieces: [FetchedPiece], of service: String, over span: Span) {
        values = [Double](repeating: .nan, count: span.count)
        for piece in pieces {
            let first = (piece.span.start - span.start) / span.step
            switch piece.result {
            case .success(let table):
                clock = [clock, table.clock].compactMap { $0 }.min()
                switch table.columns[service] {
                case .success(let column):
                    for (offset, value) in column.enumerated() where values.indices.contains(first + offset) {
                        values[first + offset] = value
                    }
                case .failure(let error): fail(first..<first + piece.span.count, error)
                case nil: break
                }
            case .failure(let error): fail(first..<first + piece.span.count, error)
            }
        }
    }

    private mutating func fail(_ windows: Range<Int>, _ error: SourceError) {
        for index in windows.clamped(to: values.indices) { errors[index] = error }
    }
}
