import Foundation
import HotfixCore
import HotfixDemo
import HotfixTestSupport

/// Measures what a server bears: the release binary before a ledger of many services, asked by `wrk` while checks run.
///
/// Call: `serve-load HOTFIX-BINARY [SERVICES] [SECONDS] [LEDGER]`. Where the directory LEDGER is given, it is kept, and used again.
@main
enum Main {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else {
            print("usage: serve-load HOTFIX-BINARY [SERVICES] [SECONDS] [LEDGER]")
            exit(2)
        }
        let services = arguments.count > 2 ? Int(arguments[2]) ?? 1000 : 1000
        let seconds = arguments.count > 3 ? Int(arguments[3]) ?? 10 : 10
        let names = (1...services).map { "service-\($0)" }
        let prometheus = SimulatedPrometheus(
            given: names.map { name in
                .init(["service_name": name]) { _, at in 100 + Double((at.seconds / 300) % 7) }
            })
        try await withLoopbackServer({ prometheus.answer($0) }) { source in
            if arguments.count > 4 {
                try await LoadBench(arguments[1], source.url, names, in: arguments[4]).run(for: seconds)
            } else {
                try await withTemporaryDirectory { directory in
                    try await LoadBench(arguments[1], source.url, names, in: directory).run(for: seconds)
                }
            }
        }
    }
}

/// The ledger, the server and those who ask it.
struct LoadBench {
    private let hotfix: String
    private let directory: String
    private let services: [String]

    init(_ hotfix: String, _ source: String, _ services: [String], in directory: String) throws {
        self.hotfix = hotfix
        self.directory = directory
        self.services = services
        let guardrails = ["latency", "cpu", "memory", "errors"].map {
            "  \($0): {source: otel, query: bench_\($0), by: service_name, limit: +25%}"
        }
        let files = [
            "policy.yaml": "guardrails:\n\(guardrails.joined(separator: "\n"))\n",
            "hotfix.yaml": """
            state: sqlite:ledger.db
            policy: policy.yaml
            sources: {otel: {type: prometheus, url: "\(source)", timeout: 5m}}
            services:
            \(services.map { "  - {name: \($0), otel: {service: \($0)}}" }.joined(separator: "\n"))
            """,
            "ask.lua": """
            request = function()
                return wrk.format("GET", "/api/v1/readiness?service=service-" .. math.random(\(services.count)))
            end
            """,
            "again.lua": """
            local tag
            request = function()
                if tag then wrk.headers["If-None-Match"] = tag end
                return wrk.format("GET", "/api/v1/readiness")
            end
            response = function(status, headers) tag = headers["ETag"] or headers["etag"] end
            """,
        ]
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for (name, text) in files { try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8) }
    }

    func run(for seconds: Int) async throws {
        if !FileManager.default.fileExists(atPath: "\(directory)/ledger.db") { try await makeLedger() }
        report("a steady check", try await hotfix("check"))
        report("readiness by the command, of all", try await hotfix("readiness", "--format", "json", mayEndWith: 1))
        let server = try start("serve", "--listen", "127.0.0.1:0")
        let url = try await address()
        let lasts = 3 * (seconds + 1)
        let checks = Task {
            // So many seconds are enough for all that is asked.
            let end = ContinuousClock.now + .seconds(lasts)
            var count = 0
            while .now < end, !Task.isCancelled {
                _ = try await hotfix("check")
                count += 1
            }
            return count
        }
        print("\nreadiness of one service, at random")
        try await wrk(url, seconds, "--connections", "16", "--script", "\(directory)/ask.lua")
        print("\nreadiness of all, by its tag")
        try await wrk(url, seconds, "--connections", "16", "--script", "\(directory)/again.lua")
        print("\nreadiness of all")
        try await wrk(url + "/api/v1/readiness", seconds, "--connections", "4")
        checks.cancel()
        print("\nchecks made meanwhile: \(try await checks.value)")
        print("memory of the server: \(residentMiB(of: server.pid)) MiB")
        kill(server.pid, SIGTERM)
        _ = await server.ending()
    }

    private func makeLedger() async throws {
        print("Making a ledger of nine days of \(services.count) service(s) ...")
        let deployed = Instant(Int(Date().timeIntervalSince1970)) - 50 * 3600
        report("first check", try await hotfix("check"))
        report(
            "deployment",
            try await hotfix(
                "deployed", "--commit", String(repeating: "ab", count: 20), "--at", "\(deployed)", "--no-incident"))
        report("check with its history", try await hotfix("check"))
    }

    private func start(_ arguments: String..., output: String = "serve.out") throws -> SpawnedCommand {
        try SpawnedCommand.start(
            hotfix, arguments + ["--config", "\(directory)/hotfix.yaml"], outputFile: "\(directory)/\(output)")
    }

    private func hotfix(_ arguments: String..., mayEndWith status: Int32 = 0) async throws -> Figure {
        let began = ContinuousClock.now
        let ending = try await SpawnedCommand.start(
            hotfix, arguments + ["--config", "\(directory)/hotfix.yaml"],
            outputFile: "\(directory)/\(UUID().uuidString).out"
        ).ending(watchingMemory: true)
        guard [0, status].contains(ending.exitStatus) else {
            throw SpawnedCommand.Failure(
                description: "\(arguments) ended with \(ending.exitStatus ?? -1): \(ending.output.prefix(2000))")
        }
        return Figure(
            wall: (.now - began) / .seconds(1), cpu: ending.cpuSeconds, resident: Double(ending.residentKiB) / 1024)
    }

    private func report(_ name: String, _ figure: Figure) {
        print(
            name.padding(toLength: 34, withPad: " ", startingAt: 0)
                + String(format: "wall %8.2f s   cpu %8.2f s   %7.1f MiB", figure.wall, figure.cpu, figure.resident))
    }

    private func address() async throws -> String {
        for _ in 0..<2000 {
            let said = (try? String(contentsOfFile: "\(directory)/serve.out", encoding: .utf8)) ?? ""
            if let start = said.range(of: "http://"), said.hasSuffix("\n") {
                return said[start.lowerBound...].trimmingCharacters(in: .whitespacesAndNewlines)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw SpawnedCommand.Failure(description: "The server does not say where it serves.")
    }

    private func wrk(_ url: String, _ seconds: Int, _ more: String...) async throws {
        let ending = try await SpawnedCommand.start(
            "/usr/bin/wrk",
            ["--threads", "1", "--duration", "\(seconds)s", "--timeout", "30s", "--latency"] + more + [url],
            outputFile: "\(directory)/wrk.out"
        ).ending()
        print(ending.output)
    }

    private func residentMiB(of pid: Int32) -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 / 1024 } ?? 0
    }
}

/// What a command used.
struct Figure {
    var wall: Double
    var cpu: Double
    var resident: Double
}
