import HotfixCore
import Testing

/// What a measure must come to, reached from the made-up series by plain arithmetic.
struct Expectation: Sendable, CustomTestStringConvertible {
    var service: String
    var measure: BuiltInMeasure
    var environment: String? = "production"
    var variant: String
    var unit: String
    /// By the end of the window; nil for no value.
    var value: @Sendable (Instant) -> Double?
    var events: (@Sendable (Instant) -> Double)?

    var testDescription: String { "\(service) \(measure.name)" }
}

/// How much a counter grew in the window that ends here, over a restart too.
private func growth(_ end: Instant, _ counter: (Instant) -> Double) -> Double {
    let values = stride(from: end.seconds - 300, through: end.seconds, by: 60).map { counter(Instant($0)) }
    return zip(values, values.dropFirst()).reduce(0) { $0 + ($1.1 < $1.0 ? $1.1 : $1.1 - $1.0) }
}

private func growths(_ end: Instant, _ counters: [@Sendable (Instant) -> [Double]]) -> [Double] {
    (0...PrometheusWorld.bounds.count).map { bucket in
        counters.reduce(0) { sum, counter in sum + growth(end) { counter($0)[bucket] } }
    }
}

private func quantile(_ counts: [Double]) -> Double? {
    let total = counts.reduce(0, +)
    guard total > 0 else { return nil }
    var below = 0.0
    for (index, count) in counts.enumerated() {
        if below + count >= total * 0.95 {
            guard index < PrometheusWorld.bounds.count else { return PrometheusWorld.bounds[index - 1] }
            let low = index == 0 ? 0 : PrometheusWorld.bounds[index - 1]
            return low + (PrometheusWorld.bounds[index] - low) * (total * 0.95 - below) / count
        }
        below += count
    }
    return nil
}

private func buckets(_ paces: [Double]) -> [@Sendable (Instant) -> [Double]] {
    paces.map { PrometheusWorld.buckets($0) }
}
func requests(_ end: Instant, _ paces: [Double]) -> Double { growths(end, buckets(paces)).reduce(0, +) }
private let idle = [PrometheusWorld.buckets(1, idle: 90..<110)]

/// The mean level of the six samples that a window and both its ends hold.
private func level(_ end: Instant, _ value: (Double) -> Double?) -> Double? {
    let values = stride(from: end.seconds - 300, through: end.seconds, by: 60)
        .compactMap { value(PrometheusWorld.minute(Instant($0))) }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}

extension Expectation {
    static let all: [Expectation] = [
        Expectation(
            service: "checkout", measure: .latencyP95,
            variant:
                "http_server_request_duration_seconds, classic buckets, by service_name, environment by deployment_environment_name",
            unit: "s", value: { quantile(growths($0, buckets([8, 16, 1, 2]))) },
            events: { requests($0, [8, 16, 1, 2]) }),
        Expectation(
            service: "checkout", measure: .requests,
            variant:
                "http_server_request_duration_seconds, by service_name, environment by deployment_environment_name",
            unit: "requests", value: { requests($0, [8, 16, 1, 2]) }),
        Expectation(
            service: "checkout", measure: .errorShare,
            variant:
                "http_server_request_duration_seconds, by service_name, environment by deployment_environment_name",
            unit: "share", value: { requests($0, [1, 2]) / requests($0, [8, 16, 1, 2]) },
            events: { requests($0, [8, 16, 1, 2]) }),
        Expectation(
            service: "checkout", measure: .cpu,
            variant: "process_cpu_time_seconds_total, by service_name, environment by deployment_environment_name",
            unit: "cores",
            value: { end in
                let counters: [@Sendable (Instant) -> Double] = [
                    PrometheusWorld.cpu(3), PrometheusWorld.cpu(1), PrometheusWorld.cpu(6, reset: 100),
                    PrometheusWorld.cpu(2, reset: 100),
                ]
                return counters.reduce(0) { $0 + growth(end, $1) } / 300 / 2
            }),
        Expectation(
            service: "checkout", measure: .memory,
            variant: "process_memory_usage_bytes, by service_name, environment by deployment_environment_name",
            unit: "bytes",
            value: { end in
                let a = level(end) { (121..<134).contains($0) ? nil : 1e8 + $0 * 4096 }
                let b = level(end) { $0 == 152 ? .nan : (121..<134).contains($0) ? nil : 2e8 + $0 * 4096 }
                guard let a, let b else { return nil }
                return b.isNaN ? a : (a + b) / 2
            }),
        Expectation(
            service: "search", measure: .latencyP95,
            variant:
                "http_server_request_duration_seconds, classic buckets, by service_name, environment by deployment_environment_name",
            unit: "s", value: { quantile(growths($0, idle)) }, events: { growths($0, idle).reduce(0, +) }),
        Expectation(
            service: "search", measure: .errorShare,
            variant:
                "http_server_request_duration_seconds, by service_name, environment by deployment_environment_name",
            unit: "share", value: { growths($0, idle).reduce(0, +) > 0 ? 0 : nil },
            events: { growths($0, idle).reduce(0, +) }),
        Expectation(
            service: "payments", measure: .latencyP95,
            variant:
                "http_server_request_duration_seconds, classic buckets, by job, environment by deployment_environment_name of target_info",
            unit: "s", value: { quantile(growths($0, buckets([1, 3]))) }, events: { requests($0, [1, 3]) }),
        Expectation(
            service: "payments", measure: .cpu, environment: "staging",
            variant:
                "process_cpu_time_seconds_total, by job, environment by deployment_environment_name of target_info",
            unit: "cores", value: { growth($0, PrometheusWorld.cpu(9)) / 300 }),
        Expectation(
            service: "payments", measure: .memory,
            variant: "process_memory_usage_bytes, by job, environment by deployment_environment_name of target_info",
            unit: "bytes", value: { _ in 1e8 }),
        Expectation(
            service: "legacy", measure: .latencyP95,
            variant: "http_server_duration_milliseconds, classic buckets, by job, no label of the environment",
            unit: "s", value: { quantile(growths($0, buckets([2]))) }, events: { requests($0, [2]) }),
        Expectation(
            service: "legacy", measure: .errorShare,
            variant: "http_server_duration_milliseconds, by job, no label of the environment",
            unit: "share", value: { _ in 0 }, events: { requests($0, [2]) }),
        Expectation(
            service: "ledger", measure: .cpu,
            variant: "container_cpu_usage_seconds_total, by container, environment as namespace", unit: "cores",
            value: { growth($0, PrometheusWorld.cpu(2)) / 300 }),
        Expectation(
            service: "ledger", measure: .memory,
            variant: "container_memory_working_set_bytes, by container, environment as namespace", unit: "bytes",
            value: { _ in 2e6 }),
        Expectation(
            service: "web-1", measure: .cpu, environment: nil,
            variant: "system_cpu_time_seconds_total, by host_name, no label of the environment", unit: "share",
            value: { _ in 0.5 }),
        Expectation(
            service: "web-1", measure: .memory, environment: nil,
            variant: "system_memory_usage_bytes, by host_name, no label of the environment", unit: "bytes",
            value: { _ in 1e9 }),
    ]
}
