import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixStore
import HotfixTestSupport
import Synchronization

/// A working directory with a configuration and a ledger, between the commands and a real Prometheus.
///
/// Its relay counts the requests, and answers with the `Date` of the commands' clock.
struct Stand: Sendable {
    /// What a command came to.
    struct Run: Sendable {
        var status: ExitStatus
        var output: String
        var errors: String
    }

    private final class Clock: Sendable {
        let now = Mutex(Shop.end)
    }

    private let directory: String
    private let relay: LoopbackServer
    private let clock: Clock

    /// Runs a body with a stand for some services of the shop.
    static func with<T>(
        _ prometheus: String, _ services: [ShopService], _ body: (Stand) async throws -> T
    ) async throws -> T {
        let clock = Clock()
        let client = HTTPClient()
        let forward: @Sendable (LoopbackRequest) async -> LoopbackAnswer = { request in
            let call = HTTPCall(.post, prometheus + request.path, body: request.body, repeatable: true)
            guard let answer = try? await client.send(call) else { return .reset }
            return .answer(
                status: answer.status, headers: [("Content-Type", answer.contentType ?? "")], body: answer.body)
        }
        let date: @Sendable () -> LoopbackDate = { .at(Double(clock.now.withLock { $0 })) }
        do {
            let value = try await withTemporaryDirectory { directory in
                try await withLoopbackServer(forward, date: date) { relay in
                    let stand = Stand(directory: directory, relay: relay, clock: clock)
                    try stand.writeConfiguration(services)
                    return try await body(stand)
                }
            }
            await client.shutDown()
            return value
        } catch {
            await client.shutDown()
            throw error
        }
    }

    /// Runs a command at an instant.
    func run(_ command: String, at now: Int) async -> Run {
        clock.now.withLock { $0 = now }
        let output = Text()
        let errors = Text()
        let surroundings = Surroundings(
            clock: { Double(now) }, environment: [:], directory: directory, write: { output.append($0) },
            writeError: { errors.append($0) })
        let status = await Surroundings.$current.withValue(surroundings) {
            await EntryPoint.run(command.split(separator: " ").map(String.init))
        }
        return Run(status: status, output: output.text, errors: errors.text)
    }

    /// Runs a command and reads the JSON that it prints.
    func read<T: Decodable>(_ type: T.Type, _ command: String, at now: Int) async throws -> T {
        let run = await run("\(command) --format json", at: now)
        return try decoded(type, from: run.output)
    }

    /// The requests that Prometheus got since `count` of them.
    func requests(since count: Int = 0) -> [LoopbackRequest] { Array(relay.requests().dropFirst(count)) }

    /// Everything in the ledger but the windows, and but what it says of the last check and its own changes.
    func facts() throws -> LedgerFacts {
        var facts = try SQLiteLedger.open(path: "\(directory)/ledger.db", createIfMissing: false).facts()
        facts.lastCheck = nil
        facts.generation = 0
        return facts
    }

    private final class Text: Sendable {
        private let pieces = Mutex<[String]>([])

        func append(_ piece: String) { pieces.withLock { $0.append(piece) } }

        var text: String { pieces.withLock { $0.joined() } }
    }

    private func writeConfiguration(_ services: [ShopService]) throws {
        var lines = ["state: sqlite:ledger.db", "policy: main.yaml", "sources:"]
        lines += ["  otel: {type: prometheus, url: \"\(relay.url)\"}", "services:"]
        for service in services {
            lines.append("  - name: \(service.name)")
            lines.append("    environment: production")
            lines.append("    policy: \(service.policy).yaml")
            lines.append("    otel: {service: \(service.name)}")
        }
        try write(lines.joined(separator: "\n"), to: "hotfix.yaml")
        for (name, policy) in HandPolicy.all { try write(policy.yaml, to: "\(name).yaml") }
    }

    private func write(_ text: String, to name: String) throws {
        try (text + "\n").write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
    }
}
