import Foundation
import HotfixCore
import Testing

@testable import HotfixOTLP

struct ExpositionTests {
    private func page(_ text: String, type: String = "text/plain; version=0.0.4") -> ScrapedPage {
        ScrapedPage(contentType: type, body: Array(text.utf8))
    }

    private func incoming(_ page: ScrapedPage) throws -> [IncomingMetric] {
        try page.export(at: Int64(Sender.nanos(60))).incoming(.init())
    }

    static let collector = """
        # HELP http_server_request_duration_seconds Duration of HTTP server requests.
        # TYPE http_server_request_duration_seconds histogram
        http_server_request_duration_seconds_bucket{job="shop/checkout",instance="a",http_route="/a b\\"\\\\",le="+Inf"} 12
        http_server_request_duration_seconds_bucket{job="shop/checkout",instance="a",http_route="/a b\\"\\\\",le="0.1"} 5
        http_server_request_duration_seconds_bucket{job="shop/checkout",instance="a",http_route="/a b\\"\\\\",le="1"} 9
        http_server_request_duration_seconds_sum{job="shop/checkout",instance="a",http_route="/a b\\"\\\\"} 3.5
        http_server_request_duration_seconds_count{job="shop/checkout",instance="a",http_route="/a b\\"\\\\"} 12

        process_cpu_time_seconds_total{job="shop/checkout", instance="a", cpu_mode="user",} 7.25
        process_memory_usage_bytes{job="shop/checkout",instance="a"}\t7.340032e+08
        container_memory_working_set_bytes{container="POD",namespace="shop",pod="p"} 1
        container_memory_working_set_bytes{container="checkout",namespace="shop",pod="p"} 2
        something_else{broken
        target_info{job="shop/checkout",instance="a",deployment_environment_name="production"} 1
        """

    @Test func `What a Collector shows is read as what it was sent`() throws {
        let metrics = try incoming(page(Self.collector))
        #expect(metrics.count == 4)
        let histogram = try #require(metrics.first { $0.metric.name == durations })
        let point = try #require(histogram.points.first)
        #expect(point.point.value == .explicit(ExplicitCounts(bounds: [0.1, 1], counts: [5, 4, 3])))
        #expect(point.point.time == Int64(Sender.nanos(60)))
        let description = histogram.description(of: point, origin: "edge")
        #expect(
            description.subject
                == PointSubject(
                    origin: "edge", scope: "application", namespace: "shop", name: "checkout",
                    environment: "production", metric: durations))
        let memory = try #require(metrics.first { $0.metric.name == "process.memory.usage" })
        #expect(memory.points.first?.point.value == .number(734_003_200))
        #expect(memory.kind == .level)
        let container = try #require(metrics.first { $0.metric.scope == .cAdvisor })
        #expect(container.points.map(\.point.value) == [.number(2)])
    }

    @Test func `Two pages come to windows as two exports do`() throws {
        var windows = Windows()
        for (minute, count) in [(1, 12), (2, 40)] {
            let text =
                "http_server_duration_milliseconds_bucket{service_name=\"x\",le=\"100\"} \(count)\n"
                + "http_server_duration_milliseconds_bucket{service_name=\"x\",le=\"+Inf\"} \(count)\n"
            try windows.take([page(text).export(at: Int64(Sender.nanos(Double(60 * minute))))], at: Double(60 * minute))
        }
        #expect(windows.value(.requests, "http.server.duration") == 28)
        let p95 = try #require(windows.value(.latencyP95, "http.server.duration"))
        #expect(abs(p95 - 0.095) < 1e-12)
    }

    @Test func `Names in quotes, exemplars and times in seconds are OpenMetrics`() throws {
        let text = """
            # TYPE "http.server.request.duration" histogram
            {"http.server.request.duration_bucket","service.name"="x",le="1.0"} 4 1800000050.5 # {trace_id="a"} 0.5 1800000050
            {"http.server.request.duration_bucket","service.name"="x",le="+Inf"} 4 1800000050.5
            # EOF
            """
        let type = "application/openmetrics-text; version=1.0.0; charset=utf-8"
        let metrics = try incoming(page(text, type: type))
        #expect(metrics.first?.points.first?.point.time == Int64(Sender.nanos(50.5)))
        #expect(throws: ScrapeError("it has no end: it was cut off")) {
            try incoming(page(String(text.dropLast(5)), type: type))
        }
    }

    @Test(arguments: [
        "process_memory_usage_bytes{job=\"a\"", "process_memory_usage_bytes{job=\"a\"} x", "process_memory_usage_bytes",
        "process_memory_usage_bytes{job=\"a\"} 1 2 3", "process_memory_usage_bytes{job=\"a\\x\"} 1",
        "http_server_request_duration_seconds_bucket{job=\"a\",le=\"1\"} 5\nhttp_server_request_duration_seconds_count{job=\"a\"} 4",
        "http_server_request_duration_seconds_bucket{job=\"a\"} 5",
    ])
    func `A page with a line that cannot be right is not used at all`(_ text: String) {
        #expect(throws: ScrapeError.self) { try incoming(page(Self.collector + "\n" + text)) }
    }

    @Test func `A web page is no page of metrics`() {
        #expect(throws: ScrapeError("its content type is 'text/html', not text/plain")) {
            try incoming(page("<html>", type: "text/html; charset=utf-8"))
        }
    }
}
