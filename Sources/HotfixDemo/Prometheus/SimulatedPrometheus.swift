package import HotfixCore

/// A Prometheus whose series are functions of time; it knows range queries of one series each.
package struct SimulatedPrometheus: Sendable {
    private let value: @Sendable (_ query: String, _ at: Instant) -> Double?

    /// Makes a server.
    ///
    /// - Parameter value: The value of a query at an instant; nil where the series has none.
    package init(value: @escaping @Sendable (_ query: String, _ at: Instant) -> Double?) {
        self.value = value
    }

    /// Answers a request as `/api/v1/query_range` does.
    package func answer(_ request: LoopbackRequest) -> LoopbackAnswer {
        let form = Dictionary(request.form, uniquingKeysWith: { $1 })
        guard request.path == "/api/v1/query_range", let query = form["query"],
            let start = form["start"].flatMap(Double.init), let end = form["end"].flatMap(Double.init),
            let step = form["step"].flatMap(Double.init), step > 0
        else {
            return .json(#"{"status":"error","errorType":"bad_data","error":"not a range query"}"#, status: 400)
        }
        var points: [String] = []
        for at in stride(from: start, through: end, by: step) {
            if let value = value(query, Instant(Int(at))) { points.append("[\(Int(at)),\"\(value)\"]") }
        }
        let series = points.isEmpty ? "" : #"{"metric":{},"values":["# + points.joined(separator: ",") + "]}"
        return .json(#"{"status":"success","data":{"resultType":"matrix","result":["# + series + "]}}")
    }
}
