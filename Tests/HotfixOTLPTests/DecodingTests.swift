import Foundation
import HotfixCore
import HotfixTestSupport
import SwiftProtobuf
import Testing

@testable import HotfixOTLP

struct DecodingTests {
    private struct Capture {
        var body: [UInt8]
        var expected: [[String: Any]]

        init(_ name: String) throws {
            let whole = try #require(JSONSerialization.jsonObject(with: testData(name)) as? [String: Any])
            let encoded = try #require(whole["body_base64"] as? String)
            let sent = Array(try #require(Data(base64Encoded: encoded)))
            let headers = try #require(whole["headers"] as? [String: String])
            body = headers["Content-Encoding"] == "gzip" ? try gunzipped(sent, limit: 1 << 20) : sent
            expected = try #require(whole["expected"] as? [[String: Any]])
        }
    }

    static let captures = ["exp_cum", "exp_delta", "explicit_cum", "explicit_delta", "noadvice"].flatMap { name in
        [1, 2].map { "otlp_capture_py_\(name)_\($0).json" }
    }

    @Test(arguments: captures)
    func `What the SDK for Python sends decodes to what it was given, as protobuf and as JSON`(_ name: String) throws {
        let capture = try Capture(name)
        let export = try decodedExport(capture.body, .protobuf)
        try compare(export, capture.expected)
        let json: [UInt8] = try export.jsonUTF8Bytes()
        #expect(try decodedExport(json, .json) == export)
    }

    private func compare(_ export: ExportRequest, _ expected: [[String: Any]]) throws {
        #expect(export.resourceMetrics.count == expected.count)
        for (resource, wanted) in zip(export.resourceMetrics, expected) {
            let facts = ResourceFacts(resource.resource.attributes)
            for (key, value) in try #require(wanted["resource"] as? [String: Any]) {
                #expect(facts[key] == "\(value)")
            }
            let metrics = resource.scopeMetrics.flatMap(\.metrics)
            let all = try #require(wanted["metrics"] as? [[String: Any]])
            #expect(metrics.map(\.name) == all.compactMap { $0["name"] as? String })
            for (metric, one) in zip(metrics, all) {
                #expect(metric.unit == one["unit"] as? String)
                try compare(metric, one, try #require(one["points"] as? [[String: Any]]))
            }
        }
    }

    private func compare(
        _ metric: Opentelemetry_Proto_Metrics_V1_Metric, _ one: [String: Any], _ points: [[String: Any]]
    ) throws {
        let temporality: Opentelemetry_Proto_Metrics_V1_AggregationTemporality =
            one["temporality"] as? String == "delta" ? .delta : .cumulative
        switch metric.data {
        case .gauge(let gauge): try compare(gauge.dataPoints, points)
        case .sum(let sum):
            #expect(sum.isMonotonic == (one["monotonic"] as? Bool))
            #expect(sum.aggregationTemporality == temporality)
            try compare(sum.dataPoints, points)
        case .histogram(let histogram):
            #expect(histogram.aggregationTemporality == temporality)
            #expect(histogram.dataPoints.count == points.count)
            for (point, wanted) in zip(histogram.dataPoints, points) {
                #expect("\(point.timeUnixNano)" == wanted["timeUnixNano"] as? String)
                #expect("\(point.startTimeUnixNano)" == wanted["startTimeUnixNano"] as? String)
                #expect(point.explicitBounds == wanted["bounds"] as? [Double])
                #expect(point.bucketCounts.map { Int($0) } == wanted["counts"] as? [Int])
                let counts = ExplicitCounts(bounds: point.explicitBounds, counts: point.bucketCounts)
                try near(counts.quantile(0.95), wanted["p95"] as? Double)
            }
        case .exponentialHistogram(let histogram):
            #expect(histogram.aggregationTemporality == temporality)
            #expect(histogram.dataPoints.count == points.count)
            for (point, wanted) in zip(histogram.dataPoints, points) {
                #expect(Int(point.scale) == wanted["scale"] as? Int)
                let side = try #require(
                    ExponentialCounts.Side(offset: Int(point.positive.offset), counts: point.positive.bucketCounts))
                for (key, count) in try #require(wanted["positive"] as? [String: Int]) {
                    let index = try #require(Int(key))
                    #expect(side.count(at: index) == UInt64(count))
                }
                let counts = ExponentialCounts(scale: Int(point.scale), zeroCount: point.zeroCount, positive: side)
                #expect(counts.total == point.count)
                try near(counts.quantile(0.95), wanted["p95"] as? Double)
            }
        case .summary, nil: Issue.record("no data in \(metric.name)")
        }
    }

    private func compare(
        _ points: [Opentelemetry_Proto_Metrics_V1_NumberDataPoint], _ wanted: [[String: Any]]
    ) throws {
        #expect(points.count == wanted.count)
        for (point, one) in zip(points, wanted) {
            let value: Double =
                switch point.value {
                case .asInt(let number): Double(number)
                case .asDouble(let number): number
                case nil: .nan
                }
            #expect(value == one["value"] as? Double)
            #expect("\(point.timeUnixNano)" == one["timeUnixNano"] as? String)
        }
    }

    private func near(_ value: Double?, _ expected: Double?) throws {
        let (value, expected) = (try #require(value), try #require(expected))
        #expect(abs(value - expected) <= 1e-9 * abs(expected))
    }

    @Test func `JSON may hold numbers as texts or numbers, nulls, unknown keys and ids in hexadecimal`() throws {
        let text = """
            {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},
            {"key":"n","value":{"intValue":"500"}}],"droppedAttributesCount":null},"schemaUrl":"x","scopeMetrics":[{"scope":null,
            "metrics":[{"name":"http.server.request.duration","unit":"s","histogram":{"aggregationTemporality":2,"dataPoints":[
            {"startTimeUnixNano":"1795308549844925457","timeUnixNano":1795308549844925458,"count":"3","sum":"NaN",
            "bucketCounts":["1",2],"explicitBounds":[0.5],"attributes":null,
            "exemplars":[{"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","asDouble":1}],"new":{"a":[1]}}]}}]}]}]}
            """
        let export = try decodedExport(Array(text.utf8), .json)
        let point = try #require(export.incoming(.init()).first?.points.first)
        #expect(point.rejection == nil)
        #expect(point.point.start == 1_795_308_549_844_925_457)
        #expect(point.point.time == 1_795_308_549_844_925_458)
        #expect(point.point.value == .explicit(ExplicitCounts(bounds: [0.5], counts: [1, 2])))
    }

    @Test func `A gzip bomb is refused at the limit, and neither a cut one nor noise is taken`() throws {
        let bomb = try gzipped([UInt8](repeating: 0, count: 8 << 20))
        #expect(bomb.count < 20_000)
        #expect(throws: GunzipError.tooLarge) { try gunzipped(bomb, limit: 1 << 20) }
        #expect(try gunzipped(bomb, limit: 8 << 20).count == 8 << 20)
        #expect(throws: GunzipError.malformed) { try gunzipped(Array(bomb.dropLast(9)), limit: 8 << 20) }
        #expect(throws: GunzipError.malformed) { try gunzipped([], limit: 100) }
        #expect(throws: GunzipError.malformed) { try gunzipped(Array("no gzip".utf8), limit: 100) }
        let two = try gzipped(Array("one".utf8)) + gzipped(Array("two".utf8))
        #expect(try gunzipped(two, limit: 100) == Array("onetwo".utf8))
    }

    @Test func `No body makes the decoder crash`() throws {
        var random = SeededGenerator(seed: 11)
        let whole = try Capture("otlp_capture_py_exp_cum_1.json").body
        for _ in 0..<3000 {
            var body = whole
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                body[Int.random(in: body.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { body = Array(body.prefix(Int.random(in: 0...body.count, using: &random))) }
            guard let export = try? decodedExport(body, .protobuf) else { continue }
            var accumulator = OTLPAccumulator()
            _ = accumulator.accept(export.incoming(.init()), at: Instant(1_795_308_530))
            _ = accumulator.takeChanges()
        }
    }
}
