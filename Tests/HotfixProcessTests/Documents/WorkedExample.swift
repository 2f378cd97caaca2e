import HotfixCore
import HotfixDemo

/// The data of the worked example.
enum WorkedExample {
    static let lookback = instant("2026-11-13T08:00:00Z")
    static let deployed = instant("2026-11-20T08:00:00Z")
    static let incident = instant("2026-11-20T06:00:00Z")
    static let breach = instant("2026-11-20T10:00:00Z")

    private static func instant(_ text: String) -> Instant { Instant(text: text) ?? Instant(0) }

    /// The p95 in the window that starts at an instant, in seconds; nil where there is none.
    static func latency(_ start: Instant) -> Double? {
        let withoutValue = [instant("2026-11-15T03:00:00Z"): 8, instant("2026-11-20T22:00:00Z"): 3]
        if withoutValue.contains(where: { start >= $0.key && start < $0.key + $0.value * 300 }) { return nil }
        if start == breach { return 0.31 }
        if start >= deployed { return 0.2 }
        if start >= incident { return 0.42 }
        return (start - lookback) / 300 < 992 + 8 ? 0.19 : 0.23
    }

    private static func value(_ query: String, _ at: Instant) -> Double? {
        let start = at - 300
        switch query {
        case #"service:latency:p95{service="checkout"}"#: return latency(start)
        case #"service:requests:increase5m{service="checkout"}"#: return start == breach ? 5418 : 5000
        default: return nil
        }
    }

    /// Runs a body with the example's time and its Prometheus, which also stands where Sentry would.
    static func with<T>(_ body: (PageTime) async throws -> T) async throws -> T {
        let clock = SimulatedClock(deployed)
        let prometheus = SimulatedPrometheus(given: [.init(value: value)])
        return try await withLoopbackServer({ prometheus.answer($0) }, date: { .at(clock.seconds) }) { server in
            try await body(PageTime(clock: clock, prometheus: server.url, sentry: server.url))
        }
    }
}
