import Foundation
import HotfixCore
import HotfixTestSupport
import Testing

@testable import HotfixSources

/// The same shapes, as JSONDecoder reads them.
struct DecodedMatrix: Decodable {
    struct Content: Decodable {
        var resultType: String
        var result: [Series]
    }
    struct Series: Decodable {
        var metric: [String: String]
        var values: [Point]?
        var value: Point?
    }
    struct Point: Decodable {
        var time: Double
        var text: String

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            time = try container.decode(Double.self)
            text = try container.decode(String.self)
        }
    }

    var status: String
    var data: Content

    func series(on grid: TimeGrid) -> [ReplySeries] {
        data.result.map { one in
            var values = [Double](repeating: .nan, count: grid.count)
            for point in (one.values ?? []) + [one.value].compactMap({ $0 }) {
                values[Int(point.time - Double(grid.start.seconds)) / grid.step] =
                    strtod(point.text, nil)
            }
            return ReplySeries(labels: one.metric, values: values)
        }
    }
}

/// As bits, so that NaN equals itself.
func bits(_ series: [ReplySeries]) -> [[UInt64]] {
    series.map { $0.values.map { $0.isNaN ? .max : $0.bitPattern } }
}

@Suite("The scanner of matrix answers")
struct PrometheusScannerTests {
    private let grid = TimeGrid(endsOf: Span(start: Instant(1_704_844_500), end: Instant(1_704_850_500), step: 300))

    private func matrix(_ random: inout SystemRandomNumberGenerator) -> String {
        func finite(_ number: Double) -> String { number.isFinite ? "\(number)" : "0" }
        func number() -> String {
            switch Int.random(in: 0..<8, using: &random) {
            case 0: "NaN"
            case 1: Bool.random(using: &random) ? "+Inf" : "-Inf"
            case 2: "\(Int.random(in: -1_000_000...1_000_000, using: &random))"
            case 3: finite(Double(bitPattern: .random(in: 0...(.max), using: &random)))
            case 4: "\(Double.random(in: 0...1, using: &random))"
            case 5: "\(Int.random(in: 0...9_999_999, using: &random)).\(UInt64.random(in: 0...(.max), using: &random))"
            case 6:
                "0.\(String(repeating: "0", count: Int.random(in: 0...30, using: &random)))\(Int.random(in: 1...99_999, using: &random))"
            default: "\(Int.random(in: 1...999, using: &random))e\(Int.random(in: -330...320, using: &random))"
            }
        }
        let series = (0..<Int.random(in: 0...6, using: &random)).map { index in
            let points = (0..<grid.count).filter { _ in Bool.random(using: &random) }
                .map {
                    "[\(grid.start.seconds + $0 * 300)\(Bool.random(using: &random) ? "" : ".000"),\"\(number())\"]"
                }
            let name = ["plain", "with \\\"quotes\\\"", "\\u00fc\\ud83d\\ude00", "back\\\\slash\\n", "ünï"][index % 5]
            return
                "{\"metric\": {\"service_name\":\"\(name)\", \"index\":\"\(index)\"},\"values\":[\(points.joined(separator: ", "))]}"
        }
        let result = "\"result\":[\(series.joined(separator: ","))]"
        let type = "\"resultType\":\"matrix\""
        let data = Bool.random(using: &random) ? "\(type),\(result)" : "\(result),\(type)"
        return "{\"status\":\"success\",\"data\":{\(data)},\"stats\":{\"x\":[1,true,null,{}]}}"
    }

    @Test("reads random matrices as JSONDecoder and strtod do")
    func differential() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let text = matrix(&random)
            let reply = try PrometheusReply(Array(text.utf8), on: grid)
            let expected = try JSONDecoder().decode(DecodedMatrix.self, from: Data(text.utf8)).series(on: grid)
            #expect(reply.series.map(\.labels) == expected.map(\.labels))
            #expect(bits(reply.series) == bits(expected), "\(text)")
            #expect(reply.status == "success" && reply.resultType == "matrix")
        }
    }

    @Test("survives every truncation, and bytes changed at random")
    func garbage() {
        var random = SystemRandomNumberGenerator()
        let whole = Array(matrix(&random).utf8)
        for length in 0..<whole.count {
            #expect(throws: JSONScanner.Failure.self) { try PrometheusReply(Array(whole[..<length]), on: grid) }
        }
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            // Whatever it reads, values stay on the grid.
            let reply = try? PrometheusReply(bytes, on: grid)
            #expect(reply?.series.allSatisfy { $0.values.count == grid.count } != false)
        }
    }

    @Test("nesting without end and numbers without sense are failures")
    func hostile() {
        let texts = [
            String(repeating: "[", count: 1_000_000), "{\"x\":" + String(repeating: "[", count: 100_000),
            "{\"status\":\"success\"} {}", "{\"status\":\"success\",}", "{\"data\":{\"result\":[],\"resultType\":1}}",
            "{\"x\":\"\\u12\"}", "{\"x\":\"\\q\"}", "{\"x\":--1}", "{\"x\":1e}", "{\"x\":nul}", "{\"x\":\"a", "", "{",
            "\"",
        ]
        for text in texts {
            #expect(throws: JSONScanner.Failure.self, "\(text.prefix(40))") {
                try PrometheusReply(Array(text.utf8), on: grid)
            }
        }
    }

    @Test(
        "a sample's time must be one that was asked for, once, in order",
        arguments: [
            ("[1704844801,\"1\"]", false), ("[1704844800.5,\"1\"]", false), ("[1704844500,\"1\"]", false),
            ("[1704850800,\"1\"]", false), ("[-1,\"1\"]", false), ("[1e300,\"1\"]", false),
            ("[1704844800,\"1\"],[1704844800,\"1\"]", false), ("[1704845100,\"1\"],[1704844800,\"1\"]", false),
            ("[1704844800,1]", false), ("[1704844800,\"0x10\"]", false), ("[1704844800,\"\"]", false),
            ("[1704844800,\"one\"]", false), ("[1704844800]", false), ("[1704844800,\"1\",2]", false),
            ("[1704844800,\"1\"],[1704850500.000,\"2e0\"]", true), ("[1.7048448e9,\"Inf\"]", true), ("", true),
        ])
    func times(_ points: String, _ isGood: Bool) {
        let text = "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"values\":[\(points)]}]}}"
        #expect((try? PrometheusReply(Array(text.utf8), on: grid)) == nil ? !isGood : isGood)
    }

    @Test("decimals come to the nearest double")
    func decimals() {
        for text in [
            "0", "-0", "1", "+1.5", ".5", "9007199254740993", "0.1", "1e22", "1e23", "123456789012345678901234567890",
            "4.9e-324", "1.7976931348623157e308", "1e999", "-1e999", "0e-999999999999", "0.000000000000000000001",
            "1e-22",
            "0.23186639118457306", "900719925474099267e-3", "8.5",
        ] {
            let bytes = Array(text.utf8)
            #expect(decimalNumber(bytes, 0..<bytes.count)?.bitPattern == strtod(text, nil).bitPattern, "\(text)")
        }
        for text in ["", "-", ".", "e5", "1e", "1e+", "0x1", "inf", "nan", "1 ", "1.2.3", "1-2"] {
            let bytes = Array(text.utf8)
            #expect(decimalNumber(bytes, 0..<bytes.count) == nil, "\(text)")
        }
    }
}
