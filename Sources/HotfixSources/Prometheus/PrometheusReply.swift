import HotfixCore

/// The instants that a query is evaluated at: `count` of them, `step` seconds apart, the first at `start`.
struct TimeGrid: Hashable, Sendable {
    /// The first instant.
    var start: Instant
    /// The distance between two in seconds, at least 1.
    var step: Seconds
    /// How many there are.
    var count: Int

    /// The instants at which the windows of a span end.
    init(endsOf span: Span) {
        start = span.start + span.step
        step = span.step
        count = span.count
    }

    /// One instant.
    init(at instant: Instant) {
        start = instant
        step = 1
        count = 1
    }

    /// The position of an instant, nil where it is none of them.
    func index(of time: Double) -> Int? {
        let offset = time - Double(start.seconds)
        guard offset >= 0, offset < Double(step) * Double(count), offset == offset.rounded() else { return nil }
        let (index, remainder) = Int(offset).quotientAndRemainder(dividingBy: step)
        return remainder == 0 ? index : nil
    }
}

/// One series of an answer.
struct ReplySeries: Hashable, Sendable {
    /// Its labels.
    var labels: [String: String] = [:]
    /// Its values, one for each instant of the grid; NaN where there is none.
    var values: [Double]
    /// Whether it came with histograms in the place of numbers.
    var hasHistograms = false

    /// The labels as PromQL writes them, in the order of their names.
    var text: String {
        "{"
            + labels.sorted { $0.key < $1.key }.map { "\(labelName($0.key))=\(quoted($0.value))" }.joined(
                separator: ",")
            + "}"
    }
}

/// An answer of the query API, read for a grid of instants.
///
/// The shapes: `{"status", "data": {"resultType", "result"}, "warnings", "isPartial"}`, or `{"status", "errorType", "error"}`.
struct PrometheusReply: Hashable, Sendable {
    /// What one answer may hold, so that a small hostile body can't become a large memory.
    private static let mostValues = 20_000_000

    /// `success` or `error`.
    var status = ""
    /// The kind of error, for example `bad_data`.
    var errorType: String?
    /// The server's words.
    var error: String?
    /// What the server warns of, notes on the expression included.
    var warnings: [String] = []
    /// Whether VictoriaMetrics says that a part of it did not answer.
    var isPartial = false
    /// `matrix`, `vector`, `scalar` or `string`.
    var resultType: String?
    /// The series of a matrix or a vector.
    var series: [ReplySeries] = []

    /// Reads an answer.
    ///
    /// - Throws: Where it is not JSON of the known shapes, or a sample's time is not one that was asked for, or comes twice.
    init(_ bytes: [UInt8], on grid: TimeGrid) throws(JSONScanner.Failure) {
        var scanner = JSONScanner(bytes)
        try scanner.object { key, scanner throws(JSONScanner.Failure) in
            if try scanner.null() { return }
            switch key {
            case "status": status = try scanner.string()
            case "errorType": errorType = try scanner.string()
            case "error": error = try scanner.string()
            case "warnings":
                try scanner.array { scanner throws(JSONScanner.Failure) in warnings.append(try scanner.string()) }
            case "isPartial": isPartial = try scanner.bool()
            case "data": try readData(&scanner, grid)
            default: try scanner.skip()
            }
        }
        try scanner.end()
    }

    private mutating func readData(_ scanner: inout JSONScanner, _ grid: TimeGrid) throws(JSONScanner.Failure) {
        guard scanner.peek() == UInt8(ascii: "{") else { return try scanner.skip() }
        var skipped: Int?
        try scanner.object { key, scanner throws(JSONScanner.Failure) in
            switch key {
            case "resultType": resultType = try scanner.string()
            case "result" where resultType == "matrix" || resultType == "vector": try readSeries(&scanner, grid)
            case "result":
                skipped = scanner.position
                try scanner.skip()
            default: try scanner.skip()
            }
        }
        // The type may come after what it is the type of.
        if let skipped, resultType == "matrix" || resultType == "vector" {
            var again = scanner
            again.rewind(to: skipped)
            try readSeries(&again, grid)
        }
    }

    private mutating func readSeries(_ scanner: inout JSONScanner, _ grid: TimeGrid) throws(JSONScanner.Failure) {
        try scanner.array { scanner throws(JSONScanner.Failure) in
            guard (series.count + 1) * grid.count <= Self.mostValues else {
                throw scanner.failure("more than \(Self.mostValues) values")
            }
            var one = ReplySeries(values: [Double](repeating: .nan, count: grid.count))
            var last = -1
            try scanner.object { key, scanner throws(JSONScanner.Failure) in
                switch key {
                case "metric":
                    try scanner.object { label, scanner throws(JSONScanner.Failure) in
                        one.labels[label] = try scanner.string()
                    }
                case "value": try readPoint(&scanner, grid, &one.values, &last)
                case "values":
                    try scanner.array { scanner throws(JSONScanner.Failure) in
                        try readPoint(&scanner, grid, &one.values, &last)
                    }
                case "histogram":
                    one.hasHistograms = true
                    try scanner.skip()
                case "histograms":
                    try scanner.array { scanner throws(JSONScanner.Failure) in
                        one.hasHistograms = true
                        try scanner.skip()
                    }
                default: try scanner.skip()
                }
            }
            series.append(one)
        }
    }

    private func readPoint(
        _ scanner: inout JSONScanner, _ grid: TimeGrid, _ values: inout [Double], _ last: inout Int
    ) throws(JSONScanner.Failure) {
        try scanner.expect(UInt8(ascii: "["))
        let time = try scanner.number()
        try scanner.expect(UInt8(ascii: ","))
        guard let index = grid.index(of: time) else {
            throw scanner.failure("a sample at \(shortNumber(time)), which was not asked for")
        }
        guard index > last else { throw scanner.failure("a second sample at \(shortNumber(time)), or out of order") }
        last = index
        values[index] = try scanner.quotedNumber()
        try scanner.expect(UInt8(ascii: "]"))
    }
}
