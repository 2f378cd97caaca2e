import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Synchronization
import Testing

/// A configuration with one Prometheus and one Sentry source, both simulated, and its own ledger.
struct Site: Sendable {
    /// Some days ago: the programs under test have the machine's own clock.
    static let start = Instant(Int(Date().timeIntervalSince1970)).floored(to: 86_400) - 10 * 86_400
    static let token = "sntryu_0123456789abcdef"

    let directory: String
    let config: String

    init(
        _ directory: String, name: String, prometheus: String, sentry: String, state: String? = nil,
        token: String = "${TOKEN}"
    ) throws {
        self.directory = directory
        config = "\(directory)/\(name).yaml"
        let policy = """
            guardrails:
              errors: {source: sentry, measure: error-rate, limit: +25%, floor: 4}
              load: {source: otel, query: 'load{service="{service}"}', limit: [+20%, {above: 3}]}
              lag: {source: otel, query: 'lag{service="{service}"}', limit: +50%, confirm: {breaching: 2, of: 3}, baseline: {anchor: rolling, lookback: 1d, statistic: median}}
            """
        try policy.write(toFile: "\(directory)/policy.yaml", atomically: true, encoding: .utf8)
        let settings = """
            state: sqlite:\(state ?? "\(name).db")
            policy: policy.yaml
            sources:
              sentry: {type: sentry, url: "\(sentry)", organization: acme, token: "\(token)"}
              otel: {type: prometheus, url: "\(prometheus)"}
            services:
              - {name: checkout, environment: production, sentry: {project: checkout-api}, otel: {service: checkout}}
            """
        try settings.write(toFile: config, atomically: true, encoding: .utf8)
    }

    /// Runs a command in this process.
    func run(_ arguments: [String]) async -> (status: HotfixCommands.ExitStatus, output: String) {
        let output = Mutex("")
        let write: @Sendable (String) -> Void = { text in output.withLock { $0 += text } }
        let surroundings = Surroundings(
            clock: { Date().timeIntervalSince1970 }, environment: ["TOKEN": Self.token], directory: directory,
            write: write,
            writeError: write)
        let status = await Surroundings.$current.withValue(surroundings) {
            await EntryPoint.run(arguments + ["--config", config])
        }
        return (status, output.withLock { $0 })
    }

    /// The ledger's rows without what may differ: when they were evaluated, and how often.
    func verdicts() async -> [String] {
        let (_, output) = await run(["ledger", "export"])
        return output.split(separator: "\n").map { line in
            var fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            if fields.count == 15 {
                fields[14] = ""
                fields[12] = ""
            }
            return fields.joined(separator: ",")
        }
    }

    /// The instant at which the timer runs the check after the window of this number.
    static func due(_ window: Int) -> Instant { start + (window + 1) * 300 + 130 }
}

/// Values with a daily rhythm, a regression after the deployment and a gap.
@Sendable private func load(_ query: String, _ at: Instant) -> Double? {
    let index = (at - Site.start) / 300
    if index % 97 == 13 { return nil }
    let rhythm = 1 + 0.1 * Double(positiveRemainder(index, 24)) / 24
    if query.hasPrefix("lag"), index % 41 > 36 { return rhythm * 2 }
    return (40..<44).contains(index) ? rhythm * 1.6 : rhythm
}

/// Runs a body with the addresses of the two simulated sources, Prometheus first, and an empty directory.
///
/// `intercept` sees every request first, and may answer it in the source's place.
func withSite(
    intercept: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer? = { _ in nil },
    _ body: (_ prometheus: String, _ sentry: String, _ directory: String) async throws -> Void
) async throws {
    let prometheus = SimulatedPrometheus(given: [.init(value: load)])
    let sentry = SimulatedSentry(
        organization: "acme", token: Site.token,
        projects: [
            SimulatedSentry.Project(
                id: 101, slug: "checkout-api", environments: ["production"],
                errors: everyFiveMinutes { bucket in
                    let index = (bucket - Site.start) / 300
                    return (60..<62).contains(index) ? 90 : 25 + index % 3
                },
                outcomes: { _ in [.init("error", "accepted", 5), .init("transaction", "accepted", 50)] })
        ], now: { Instant(Int(Date().timeIntervalSince1970)) })
    try await withTemporaryDirectory { directory in
        try await withLoopbackServer({ request in
            intercept(request) ?? prometheus.answer(request)
        }) { prometheusServer in
            try await withLoopbackServer({ request in
                if let answer = intercept(request) { return answer }
                return await sentry.answer(request)
            }) { sentryServer in
                try await body(prometheusServer.url, sentryServer.url, directory)
            }
        }
    }
}

@Suite("Killed, stopped, late", .heavyAndLong, .serialized)
struct KillTests {
    private static let windows = 100

    private func deploy(_ site: Site) async {
        let (status, output) = await site.run(
            ["deployed", "--commit", String(repeating: "ab", count: 20), "--at", "\(Site.start)", "--no-incident"])
        #expect(status == .done, "\(output)")
    }

    @Test("A check killed a hundred times at random leaves the ledger of an undisturbed one")
    func killedAtRandom() async throws {
        let program = try SpawnedCommand.builtProgram("hotfix")
        try await withSite { prometheus, sentry, directory in
            let steady = try Site(directory, name: "steady", prometheus: prometheus, sentry: sentry)
            let killed = try Site(directory, name: "killed", prometheus: prometheus, sentry: sentry)
            await deploy(steady)
            await deploy(killed)
            var random = SeededGenerator(seed: 7)
            var kills = 0
            for window in 0..<Self.windows {
                let command = try SpawnedCommand.start(
                    program, ["check", "--config", killed.config, "--until", "\(Site.due(window))"],
                    environment: ["TOKEN": Site.token], outputFile: "\(directory)/output")
                let delay = Int.random(in: 0...160, using: &random)
                let killer = Task {
                    try await Task.sleep(for: .milliseconds(delay))
                    command.kill()
                }
                let ending = await command.ending()
                killer.cancel()
                if ending.exitStatus == nil { kills += 1 }
            }
            #expect(kills > 20)
            let end = Site.due(Self.windows)
            _ = await killed.run(["check", "--until", "\(end)"])
            for window in stride(from: 0, through: Self.windows, by: 1) {
                _ = await steady.run(["check", "--until", "\(Site.due(window))"])
            }
            let expected = await steady.verdicts()
            #expect(expected.count > 3 * Self.windows)
            #expect(await killed.verdicts() == expected)
        }
    }

    @Test("A check killed at each of its requests loses nothing")
    func killedAtEachRequest() async throws {
        let program = try SpawnedCommand.builtProgram("hotfix")
        let target = Mutex<(pid: Int32, countdown: Int)>((0, 0))
        try await withSite(intercept: { _ in
            target.withLock { target in
                target.countdown -= 1
                if target.countdown == 0, target.pid > 0 { kill(target.pid, SIGKILL) }
            }
            return nil
        }) { prometheus, sentry, directory in
            let steady = try Site(directory, name: "steady", prometheus: prometheus, sentry: sentry)
            let killed = try Site(directory, name: "killed", prometheus: prometheus, sentry: sentry)
            await deploy(steady)
            await deploy(killed)
            for request in 1...12 {
                target.withLock { $0 = (0, request) }
                let command = try SpawnedCommand.start(
                    program, ["check", "--config", killed.config, "--until", "\(Site.due(10 + request))"],
                    environment: ["TOKEN": Site.token], outputFile: "\(directory)/output")
                target.withLock { $0.pid = command.pid }
                _ = await command.ending()
                target.withLock { $0 = (0, 0) }
            }
            let end = Site.due(30)
            #expect(await killed.run(["check", "--until", "\(end)"]).status == .done)
            _ = await steady.run(["check", "--until", "\(end)"])
            #expect(await killed.verdicts() == (await steady.verdicts()))
        }
    }

    @Test("An agent that was down for hours or days catches up", arguments: [72, 864])
    func down(windows: Int) async throws {
        try await withSite { prometheus, sentry, directory in
            let steady = try Site(directory, name: "steady", prometheus: prometheus, sentry: sentry)
            let late = try Site(directory, name: "late", prometheus: prometheus, sentry: sentry)
            await deploy(steady)
            await deploy(late)
            // Between the first and the last check the steady agent runs every so often, the other not at all.
            for window in stride(from: 0, to: windows, by: windows / 12) {
                #expect(await steady.run(["check", "--until", "\(Site.due(window))"]).status == .done)
            }
            _ = await late.run(["check", "--until", "\(Site.due(0))"])
            let end = Site.due(windows)
            for site in [steady, late] { #expect(await site.run(["check", "--until", "\(end)"]).status == .done) }
            let expected = await steady.verdicts()
            #expect(expected.count == 3 * (windows + 1) + 1)
            #expect(await late.verdicts() == expected)
            let question = ["readiness", "--format", "json", "--at", "\(end)"]
            let answer = await late.run(question).output.split(separator: "\n")
            let reference = await steady.run(question).output.split(separator: "\n")
            // The two deployments were recorded one after the other.
            let differences = zip(answer, reference).filter { $0 != $1 && !$0.contains("recorded_at") }
            #expect(differences.map { "\($0) against \($1)" } == [])
            #expect(answer.count == reference.count)
        }
    }

    @Test("Two checks at once: one says so and changes nothing")
    func twoAtOnce() async throws {
        let program = try SpawnedCommand.builtProgram("hotfix")
        try await withSite { prometheus, sentry, directory in
            let site = try Site(directory, name: "site", prometheus: prometheus, sentry: sentry)
            await deploy(site)
            let statuses = try await withThrowingTaskGroup(of: Int32?.self) { group in
                for index in 0..<4 {
                    let command = try SpawnedCommand.start(
                        program, ["check", "--config", site.config, "--until", "\(Site.due(200))"],
                        environment: ["TOKEN": Site.token], outputFile: "\(directory)/output\(index)")
                    group.addTask { await command.ending().exitStatus }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.contains(0))
            #expect(statuses.allSatisfy { $0 == 0 || $0 == 4 })
            #expect(await site.verdicts().count == 3 * 201 + 1)
        }
    }
}
