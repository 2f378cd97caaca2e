import Foundation
package import HotfixCore

/// A simulated Prometheus over raw series, for demonstrations and tests: it answers as the query API does.
///
/// It evaluates the questions that built-in measures ask of OpenTelemetry's metrics, a bare selector, and the discovery
/// before them; what it does not know it refuses as Prometheus refuses what it can't read.
package struct SimulatedPrometheus: Sendable {
    private enum Content: Sendable {
        case series([Series])
        case given([GivenSeries])
    }

    /// A series that is a part of the answer to every query, whatever it asks.
    package struct GivenSeries: Sendable {
        /// The labels.
        package var labels: [String: String]
        /// Its value at an instant; nil where it has none.
        package var value: @Sendable (_ query: String, _ at: Instant) -> Double?

        /// Makes a series.
        package init(
            _ labels: [String: String] = [:], value: @escaping @Sendable (_ query: String, _ at: Instant) -> Double?
        ) {
            self.labels = labels
            self.value = value
        }
    }

    private let content: Content
    private let now: @Sendable () -> Instant
    /// What is wrong with it.
    package let faults = SimulatedFaults()

    /// Makes a server.
    ///
    /// - Parameters:
    ///   - series: What it has stored.
    ///   - now: Its clock; samples of later are not there yet.
    package init(series: [Series], now: @escaping @Sendable () -> Instant = machineTime) {
        content = .series(series)
        self.now = now
    }

    /// Makes a server that answers every query with the same series.
    package init(given series: [GivenSeries]) {
        content = .given(series)
        now = machineTime
    }

    /// Answers a request.
    package func answer(_ request: LoopbackRequest) -> LoopbackAnswer {
        faults.apply(to: honestAnswer(request), at: now()) {
            $0.replacing(
                #""status":"success","#, with: #""status":"success","warnings":["a simulated store is missing"],"#)
        }
    }

    private func honestAnswer(_ request: LoopbackRequest) -> LoopbackAnswer {
        let form = Dictionary(request.query + request.form) { $1 }
        do throws(LoopbackRefusal) {
            switch request.path {
            case "/api/v1/query_range": return try range(form)
            case "/api/v1/query": return try instant(form)
            case "/-/ready": return .answer(status: 200, body: Array("Prometheus Server is Ready.\n".utf8))
            default: return .answer(status: 404, body: Array("404 page not found\n".utf8))
            }
        } catch {
            return error.answer
        }
    }

    private func range(_ form: [String: String]) throws(LoopbackRefusal) -> LoopbackAnswer {
        let start = try time("start", form)
        let end = try time("end", form)
        guard end >= start else { throw .parameter("end", "end timestamp must not be before start time") }
        guard let step = form["step"].flatMap(Double.init) else {
            throw .parameter("step", "cannot parse \(jsonText(form["step"] ?? "")) to a valid duration")
        }
        guard step > 0 else {
            throw .parameter(
                "step", "zero or negative query resolution step widths are not accepted. Try a positive integer")
        }
        guard (end - start) / step <= 11_000 else {
            throw .bad(
                "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution"
                    + " (?step=XX)")
        }
        let times = stride(from: start, through: end, by: step).map { Instant(Int($0)) }
        let results = try lines(form, isRange: true).compactMap { line in
            let points = times.compactMap { time in line.value(time).map { point(time, $0) } }
            return points.isEmpty
                ? nil : "{\"metric\":\(labels(line)),\"values\":[\(points.joined(separator: ","))]}"
        }
        return success("matrix", results)
    }

    private func instant(_ form: [String: String]) throws(LoopbackRefusal) -> LoopbackAnswer {
        let time = form["time"] == nil ? now() : Instant(Int(try time("time", form)))
        let results = try lines(form, isRange: false).compactMap { line in
            line.value(time).map { "{\"metric\":\(labels(line)),\"value\":\(point(time, $0))}" }
        }
        return success("vector", results)
    }

    private func lines(_ form: [String: String], isRange: Bool) throws(LoopbackRefusal) -> [SimulatedEvaluation.Line] {
        let query = form["query"] ?? ""
        switch content {
        case .given(let series): return series.map { one in .init(labels: one.labels) { one.value(query, $0) } }
        case .series(let series):
            guard let question = SimulatedQuestion(query) else {
                let problem =
                    query.isEmpty ? "no expression found in input" : "the simulated Prometheus can't read \(query)"
                // Prometheus 2 names the parameter for one instant only.
                throw isRange
                    ? .bad("1:1: parse error: \(problem)") : .parameter("query", "1:1: parse error: \(problem)")
            }
            return SimulatedEvaluation(question, of: series, now: now()).lines()
        }
    }

    private func time(_ name: String, _ form: [String: String]) throws(LoopbackRefusal) -> Double {
        let text = form[name] ?? ""
        if let seconds = Double(text), seconds.magnitude < 1e12 { return seconds }
        if let instant = Instant(text: text) { return Double(instant.seconds) }
        throw .parameter(name, "cannot parse \(jsonText(text)) to a valid timestamp")
    }

    private func labels(_ line: SimulatedEvaluation.Line) -> String {
        let pairs = line.labels.sorted { $0.key < $1.key }.map { "\(jsonText($0.key)):\(jsonText($0.value))" }
        return "{\(pairs.joined(separator: ","))}"
    }

    private func point(_ time: Instant, _ value: Double) -> String {
        let text = value.isNaN ? "NaN" : value.isInfinite ? (value > 0 ? "+Inf" : "-Inf") : "\(value)"
        return "[\(time.seconds),\"\(text)\"]"
    }

    private func success(_ type: String, _ results: [String]) -> LoopbackAnswer {
        .json(
            "{\"status\":\"success\",\"data\":{\"resultType\":\"\(type)\",\"result\":[\(results.joined(separator: ","))]}}"
        )
    }
}

/// The machine's own clock.
package let machineTime: @Sendable () -> Instant = { Instant(Int(Date().timeIntervalSince1970)) }

extension LoopbackRefusal {
    fileprivate static func bad(_ text: String) -> LoopbackRefusal {
        LoopbackRefusal(
            .json("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\(jsonText(text))}", status: 400))
    }

    fileprivate static func parameter(_ name: String, _ text: String) -> LoopbackRefusal {
        bad("invalid parameter \"\(name)\": \(text)")
    }
}
