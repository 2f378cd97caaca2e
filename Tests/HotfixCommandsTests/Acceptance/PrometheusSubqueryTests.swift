import Foundation
import HotfixHTTP
import Testing

extension PrometheusAcceptanceTests {
    private struct Vector: Decodable {
        struct Content: Decodable { var result: [Item] }
        struct Item: Decodable {
            var metric: [String: String]
            var value: [Value]
        }
        /// A time, or a number in quotes.
        enum Value: Decodable {
            case time(Double), number(Double?)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let time = try? container.decode(Double.self) {
                    self = .time(time)
                } else {
                    self = .number(Double(try container.decode(String.self)))
                }
            }
        }
        var data: Content
    }

    /// What the server itself answers for a service.
    private func asked(_ query: String, of service: String) async throws -> Double? {
        var unreserved = CharacterSet.alphanumerics
        unreserved.insert(charactersIn: "-._~")
        let escaped = try #require(query.addingPercentEncoding(withAllowedCharacters: unreserved))
        let text = try await JudgedShop.answer("\(shop.url)/api/v1/query?time=\(Shop.anchor)&query=\(escaped)")
        let own = try decoded(Vector.self, from: text).data.result.filter { item in
            item.metric.isEmpty || item.metric["service_name"] == service || item.metric["job"] == "shop/\(service)"
        }
        #expect(own.count == 1)
        guard case .number(let number)? = own.first?.value.last else { return nil }
        return number
    }

    @Test(
        "the server's own mean over seven days is the baseline",
        arguments: [
            "checkout/latency-p95", "cart/error-rate", "ledger/cpu", "ledger/memory", "legacy/requests", "mail/memory",
            "mailer/jobs", "worker/level",
        ])
    func subquery(_ pair: String) async throws {
        let explained = try #require(shop.atOnce.explained.first { "\($0.service)/\($0.guardrail)" == pair })
        // The ends of 2,016 windows, whether or not a range holds its left end.
        let range = "[\(Shop.week - Shop.window + 1)s:\(Shop.window)s]"
        let mean = try await asked("avg_over_time((\(explained.query))\(range))", of: explained.service)
        #expect(isNear(mean, explained.baseline))
        let count = try await asked("count_over_time((\(explained.query))\(range))", of: explained.service)
        #expect(count == explained.baselineWindows.map(Double.init))
    }

    @Test("seven days in steps of five minutes are a point more than windows where a range holds its left end")
    func trap() async throws {
        let explained = try #require(shop.atOnce.explained.first { $0.service == "cart" && $0.guardrail == "cpu" })
        let count = try await asked("count_over_time((\(explained.query))[7d:5m])", of: "cart")
        #expect(count == (shop.holdsLeftEnd ? 2017 : 2016))
    }

    @Test("the events behind a share are the requests")
    func events() {
        for service in Shop.deployed where service.policy == "main" {
            let own = shop.atOnce.explained.filter { $0.service == service.name }
            let expected = shop.pairs.first { $0.service == service.name && $0.rule.name == "requests" }?
                .verdicts[Shop.end - Shop.window]?.value
            for guardrail in ["latency-p95", "error-rate"] {
                let events = own.first { $0.guardrail == guardrail }?.events
                #expect(events != nil)
                #expect(isNear(events, expected), "\(service.name) \(guardrail)")
            }
        }
    }
}
