import Testing

@testable import HotfixSources

@Suite("Scanning PromQL")
struct PromQLScanTests {
    @Test(
        "finds counters that are taken as they stand",
        arguments: [
            (#"sum(jobs_total{service="{service}"})"#, ["jobs_total"]),
            (#"sum by (service) (rate(jobs_total{service="x"}[5m]))"#, []),
            (#"sum(increase(jobs_total[{window}])) / sum by (a_total) (b_count)"#, ["b_count"]),
            (#"histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))"#, []),
            (#"histogram_quantile(0.95, sum by (le) (x_bucket))"#, ["x_bucket"]),
            (#"rate_of_jobs / on (job_total) group_left (x_total) info"#, []),
            (#"sum(up{a_total="b_total"}) # c_total"#, []),
            (#"max_over_time((rate(x_sum[1m]) / rate(x_count[1m]))[1h:5m])"#, []),
            (#"jobs_total - jobs_total offset 5m"#, ["jobs_total", "jobs_total"]),
            (#"count(jobs_total) + job:jobs_total:rate5m + job:jobs_total"#, []),
            (#"sum(irate(x_total[5m])) or y_total"#, ["y_total"]),
            (#"label_replace(x, "y_total", "$1", "z", '\'w_total')"#, []),
            ("x_total", ["x_total"]), ("(((", []), (")))x_sum", ["x_sum"]), ("", []), ("\"", []), ("{", []),
        ])
    func counters(_ text: String, _ raw: [String]) {
        #expect(PromQLScan(text).metrics.filter(\.isRawCounter).map(\.name) == raw)
    }

    @Test("names metrics and labels, not functions, words, durations and numbers")
    func names() {
        let scan = PromQLScan(#"sum by (a) (rate(b{c="d", e=~"f"}[5m] offset 1h)) > bool 1e5 and g unless on (h) i"#)
        #expect(scan.metrics.map(\.name) == ["b", "g", "i"])
        #expect(scan.metrics.first?.functions == ["rate"])
        #expect(scan.labels == ["c", "e"])
    }

    @Test(
        "reads the retention that a server tells",
        arguments: [
            ("15d", 15 * 86_400), ("15d or 10GiB", 15 * 86_400), ("1w2d", 9 * 86_400), ("10GiB", nil), ("", nil),
            ("1y", 365 * 86_400), ("12h30m", 45_000), ("99999999999999999999d", nil),
        ] as [(String, Int?)])
    func retention(_ text: String, _ seconds: Int?) {
        let body = #"{"status":"success","data":{"storageRetention":"\#(text)","goroutines":3}}"#
        #expect(PrometheusRuntime(Array(body.utf8))?.retention == seconds)
    }

    @Test("a page in place of the runtime information tells nothing")
    func page() {
        #expect(PrometheusRuntime(Array("<html>".utf8))?.retention == nil)
    }
}
