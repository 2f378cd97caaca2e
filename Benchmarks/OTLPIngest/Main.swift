import Foundation
import HotfixCore
import HotfixOTLP
import HotfixStore
import Synchronization

/// How many points a receiver takes in a second, from the bytes of an export to the commit, and how much memory it needs for long.
///
/// 1,000 series of 20 services: 600 histograms of 15 buckets, 200 of CPU time and 200 of memory; each export has one point of each
/// and is a minute later than the one before. The clock is made up, so that weeks pass within minutes.
///
/// Its argument is how many exports it makes, or, with an `s` at its end, for how many seconds; in the latter case it fails where memory
/// is not flat.
@main
enum Main {
    private static let services = 20
    private static let bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
    private static let pointsOfExport = 1000
    private static let atOnce = 8

    static func main() async throws {
        let goal = Goal(CommandLine.arguments.dropFirst().first ?? "4000")
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
        let began = ContinuousClock.now
        while goal.share(done, .now - began) < 1 {
            let calls = (done..<min(goal.exports ?? .max, done + atOnce)).map { number in
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
            if Double(resident.count) < 20 * goal.share(done, .now - began) { resident.append(residentKiB()) }
        }
        let points = Double(done * pointsOfExport)
        let seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
        let known = await intake.series.known
        print("\(done) exports of \(pointsOfExport) points, \(known) series: \(Int(points / seconds)) points/s")
        print("CPU: \(Int(points / cpu)) points/s of one core")
        print("resident, MiB: " + resident.map { "\($0 / 1024)" }.joined(separator: " "))
        guard goal.exports == nil else { return }
        // The first quarter is for buffers to become as large as they will be.
        let (early, late) = (resident.dropFirst(5).prefix(5).max() ?? 0, resident.suffix(5).max() ?? 0)
        guard late <= early + early / 4 else { throw Growing(from: early, to: late) }
    }

    /// How long it goes on.
    private struct Goal {
        var exports: Int?
        var seconds: Double?

        init(_ text: String) {
            exports = Int(text)
            seconds = text.hasSuffix("s") ? Double(text.dropLast()) : nil
        }

        /// How much of it is done.
        func share(_ done: Int, _ time: Duration) -> Double {
            if let exports { return Double(done) / Double(exports) }
            return seconds.map { time / .seconds($0) } ?? 1
        }
    }

    /// That memory grows.
    private struct Growing: Error {
        /// In KiB, early.
        var from: Int
        /// In KiB, at the end.
        var to: Int
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
