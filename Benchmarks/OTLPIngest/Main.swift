import Foundation
import HotfixCore
import HotfixOTLP
import HotfixStore
import Synchronization

/// How many points a receiver takes in a second, from the bytes of an export to the commit, and how much memory it needs for long.
///
/// 1,000 series of 20 services: 600 histograms of 15 buckets, 200 of CPU time and 200 of memory; each export has one point of each
/// and is a minute later than the one before. The clock is made up, so that weeks pass within minutes.
@main
enum Main {
    private static let services = 20
    private static let bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
    private static let pointsOfExport = 1000
    private static let atOnce = 8

    static func main() async throws {
        let exports = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 4000
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("otlp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let ledger = try SQLiteLedger.open(path: directory.path + "/ledger.db", createIfMissing: true)
        let minute = Mutex(0)
        let origin = Instant(1_800_000_000)
        let intake = PointIntake(store: ledger, retention: PointRetention(lookback: 7 * 86_400))
        let receiver = OTLPReceiver(
            intake: intake, token: nil, clock: { origin + 60 * minute.withLock { $0 } },
            notice: { print($0) })
        var spent = Duration.zero
        var cpu = 0.0
        var done = 0
        var resident: [Int] = []
        while done < exports {
            let calls = (done..<min(exports, done + atOnce)).map { number in
                OTLPCall(
                    method: "POST", target: "/v1/metrics", headers: ["content-type": "application/x-protobuf"],
                    body: export(minute: number + 1, origin: origin))
            }
            minute.withLock { $0 = done + atOnce }
            let (clock, before) = (ContinuousClock(), cpuSeconds())
            let start = clock.now
            let statuses = await withTaskGroup(of: Int.self) { group in
                for call in calls { group.addTask { await receiver.answer(call).status } }
                var statuses: [Int] = []
                for await status in group { statuses.append(status) }
                return statuses
            }
            spent += clock.now - start
            cpu += cpuSeconds() - before
            guard statuses.allSatisfy({ $0 == 200 }) else { throw Unexpected(statuses: statuses) }
            done += calls.count
            if resident.count < 20 * done / exports { resident.append(residentKiB()) }
        }
        let points = Double(done * pointsOfExport)
        let seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
        let known = await intake.series.known
        print("\(done) exports of \(pointsOfExport) points, \(known) series: \(Int(points / seconds)) points/s")
        print("CPU: \(Int(points / cpu)) points/s of one core")
        print("resident, MiB: " + resident.map { "\($0 / 1024)" }.joined(separator: " "))
    }

    private struct Unexpected: Error {
        var statuses: [Int]
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func residentKiB() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    /// One point of each series.
    private static func export(minute: Int, origin: Instant) -> [UInt8] {
        let time = UInt64(origin.seconds + 60 * minute) * 1_000_000_000
        let start = UInt64(origin.seconds) * 1_000_000_000
        var export = ExportBytes()
        for service in 0..<services {
            export.field(1) { resource in
                resource.field(1) { attributes in
                    attributes.attribute(1, "service.name", "service-\(service)")
                    attributes.attribute(1, "service.namespace", "shop")
                    attributes.attribute(1, "service.instance.id", "instance-\(service)-7d9f")
                    attributes.attribute(1, "deployment.environment.name", "production")
                    attributes.attribute(1, "telemetry.sdk.language", "swift")
                }
                resource.field(2) { scope in
                    scope.field(1) { $0.field(1, Array("io.example.http".utf8)) }
                    scope.field(2) { histograms(&$0, minute, start, time) }
                    scope.field(2) { numbers(&$0, "process.cpu.time", key: 7, minute, start, time) }
                    scope.field(2) { numbers(&$0, "process.memory.usage", key: 5, minute, start, time) }
                }
            }
        }
        return export.bytes
    }

    private static func histograms(_ metric: inout ExportBytes, _ minute: Int, _ start: UInt64, _ time: UInt64) {
        metric.field(1, Array("http.server.request.duration".utf8))
        metric.field(3, Array("s".utf8))
        metric.field(9) { histogram in
            for route in 0..<30 {
                histogram.field(1) { point in
                    point.attribute(9, "http.request.method", "GET")
                    point.attribute(9, "http.route", "/api/v1/route/\(route)")
                    point.attribute(9, "http.response.status_code", route % 10 == 0 ? "500" : "200")
                    point.fixed(2, start)
                    point.fixed(3, time)
                    let counts = (0...bounds.count).map { UInt64(minute * ($0 + route) % 11 + minute * 11) }
                    point.fixed(4, counts.reduce(0, +))
                    point.packed(6, counts)
                    point.packed(7, bounds.map(\.bitPattern))
                }
            }
            histogram.small(2, 2)
        }
    }

    private static func numbers(
        _ metric: inout ExportBytes, _ name: String, key: UInt64, _ minute: Int, _ start: UInt64, _ time: UInt64
    ) {
        metric.field(1, Array(name.utf8))
        metric.field(key) { data in
            for thread in 0..<10 {
                data.field(1) { point in
                    point.attribute(7, "thread", "\(thread)")
                    point.fixed(2, start)
                    point.fixed(3, time)
                    point.fixed(4, Double(minute * (thread + 1)).bitPattern)
                }
            }
            guard key == 7 else { return }
            data.small(2, 2)
            data.small(3, 1)
        }
    }
}
