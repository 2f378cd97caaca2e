import Foundation
import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixTestSupport

/// Measures one steady check: the release binary against a real Prometheus and a simulated Sentry, on loopback.
///
/// Call: `steady-check HOTFIX-BINARY [SERVICES] [RUNS]`. The check, the binary's bare start-up and the same rule as one PromQL
/// query take turns, so that a machine that slows down slows all of them.
@main
enum Main {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else {
            print("usage: steady-check HOTFIX-BINARY [SERVICES] [RUNS]")
            exit(2)
        }
        let services = arguments.count > 2 ? Int(arguments[2]) ?? 1 : 1
        let runs = arguments.count > 3 ? Int(arguments[3]) ?? 20 : 20
        let now = Instant(Int(Date().timeIntervalSince1970))
        let sentry = SimulatedSentry(
            organization: "acme", token: Bench.token, projects: (1...services).map(Bench.project),
            now: { Instant(Int(Date().timeIntervalSince1970)) })
        print("Making eight days of \(services) service(s) ...")
        try await withRealPrometheus(Bench.metrics(services: services, until: now)) { prometheus in
            try await withLoopbackServer({ await sentry.answer($0) }) { server in
                try await withTemporaryDirectory { directory in
                    let bench = try Bench(
                        hotfix: arguments[1], prometheus: prometheus.url, sentry: server.url, directory: directory,
                        services: services)
                    try await bench.run(runs, deployedAt: now - 50 * 3600)
                }
            }
        }
    }
}

/// The runs and their figures.
struct Bench {
    static let token = "sntryu_bench"
    private static let rule = """
        histogram_quantile(0.95, sum by (service_name, le) (rate(http_server_request_duration_seconds_bucket[5m]))) \
        > 1.2 * avg_over_time(histogram_quantile(0.95, sum by (service_name, le) \
        (rate(http_server_request_duration_seconds_bucket[5m])))[7d:5m] offset 5m)
        """

    private let hotfix: String
    private let prometheus: String
    private let directory: String
    private let client = HTTPClient()

    init(hotfix: String, prometheus: String, sentry: String, directory: String, services: Int) throws {
        self.hotfix = hotfix
        self.prometheus = prometheus
        self.directory = directory
        let list = (1...services).map {
            "  - {name: service-\($0), environment: production, sentry: {project: service-\($0)}, otel: {service: service-\($0)}}"
        }
        let settings = """
            state: sqlite:ledger.db
            sources:
              sentry: {type: sentry, url: "\(sentry)", organization: acme, token: "${TOKEN}"}
              otel: {type: prometheus, url: "\(prometheus)"}
            services:
            \(list.joined(separator: "\n"))
            """
        try settings.write(toFile: "\(directory)/hotfix.yaml", atomically: true, encoding: .utf8)
    }

    static func project(_ number: Int) -> SimulatedSentry.Project {
        SimulatedSentry.Project(
            id: 100 + number, slug: "service-\(number)", environments: ["production"],
            errors: everyFiveMinutes { 30 + ($0.seconds / 300) % 5 }, outcomes: { _ in [.init("error", "accepted", 6)] }
        )
    }

    static func metrics(services: Int, until now: Instant) -> OpenMetrics {
        var metrics = OpenMetrics()
        let times = stride(from: now.seconds / 60 * 60 - 8 * 86_400, through: now.seconds, by: 60).map(Instant.init)
        for number in 1...services {
            let labels = [
                "service_name": "service-\(number)", "deployment_environment_name": "production",
                "instance": "service-\(number)-0",
            ]
            add(&metrics, labels, times)
        }
        return metrics
    }

    func run(_ runs: Int, deployedAt: Instant) async throws {
        let first = try await measure(["check"])
        _ = try await measure([
            "deployed", "--commit", String(repeating: "ab", count: 20), "--at", "\(deployedAt)", "--no-incident",
        ])
        let second = try await measure(["check"])
        var checks: [Figure] = []
        var starts: [Figure] = []
        var rules: [Double] = []
        var asked: [Double] = []
        for _ in 0..<runs {
            let before = try await prometheusCPU()
            checks.append(try await measure(["check"]))
            let between = try await prometheusCPU()
            asked.append(between - before)
            _ = try await client.send(
                HTTPCall(.post, "\(prometheus)/api/v1/query", body: formEncoded([("query", Self.rule)])))
            rules.append(try await prometheusCPU() - between)
            starts.append(try await measure(["--version"], usesConfiguration: false))
        }
        print(row("", "cpu ms", "wall ms", "resident MiB"))
        print(first.row("first check (history)"))
        print(second.row("check after the deployment"))
        print(Figure.median(checks).row("steady check, median of \(runs)"))
        print(Figure.median(starts).row("bare start of the binary"))
        let check = Figure.median(checks).cpu
        print("steady check / bare start, cpu: \(rounded(check / Figure.median(starts).cpu))")
        print(
            "Prometheus, cpu ms: \(rounded(median(asked) * 1000)) for a check, \(rounded(median(rules) * 1000)) for one guardrail as PromQL over [7d:5m]"
        )
        await client.shutDown()
    }

    private func measure(_ arguments: [String], usesConfiguration: Bool = true) async throws -> Figure {
        let began = Date()
        let command = try SpawnedCommand.start(
            hotfix, arguments + (usesConfiguration ? ["--config", "\(directory)/hotfix.yaml"] : []),
            environment: ["TOKEN": Self.token], outputFile: "\(directory)/output")
        let ending = await command.ending(watchingMemory: true)
        guard ending.exitStatus == 0 else {
            throw SpawnedCommand.Failure(
                description: "\(arguments) ended with \(ending.exitStatus ?? -1): \(ending.output)")
        }
        return Figure(
            cpu: ending.cpuSeconds, wall: Date().timeIntervalSince(began), resident: Double(ending.residentKiB) / 1024)
    }

    /// The processor time that Prometheus says it has used, in seconds.
    private func prometheusCPU() async throws -> Double {
        let answer = try await client.send(HTTPCall(.get, "\(prometheus)/metrics"))
        let text = String(decoding: answer.body, as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("process_cpu_seconds_total ") }
        return line.flatMap { Double($0.split(separator: " ")[1]) } ?? .nan
    }

    private static func add(_ metrics: inout OpenMetrics, _ labels: [String: String], _ times: [Instant]) {
        metrics.addHistogram(
            "http_server_request_duration_seconds", labels, bounds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5], at: times
        ) { at in
            let requests = Double(at.seconds / 60 % 10_000_000) * 128
            return [0.3, 0.32, 0.28, 0.07, 0.02, 0.01, 0, 0].map { ($0 * requests).rounded() }
        }
        metrics.add("process_cpu_time_seconds_total", labels, at: times) { Double($0.seconds % 100_000_000) * 0.4 }
        metrics.add("process_memory_usage_bytes", labels, at: times) { 5e8 + Double($0.seconds % 900) }
    }
}

/// What a run used.
struct Figure {
    var cpu: Double
    var wall: Double
    var resident: Double

    static func median(_ figures: [Figure]) -> Figure {
        Figure(
            cpu: SteadyCheck.median(figures.map(\.cpu)), wall: SteadyCheck.median(figures.map(\.wall)),
            resident: SteadyCheck.median(figures.map(\.resident)))
    }

    func row(_ name: String) -> String {
        SteadyCheck.row(name, rounded(cpu * 1000), rounded(wall * 1000), rounded(resident))
    }
}

private func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}

private func rounded(_ value: Double) -> String { String(format: "%.1f", value) }

private func row(_ name: String, _ cells: String...) -> String {
    name.padding(toLength: 34, withPad: " ", startingAt: 0)
        + cells.map { String(repeating: " ", count: max(1, 14 - $0.count)) + $0 }.joined()
}
