import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import Synchronization
import Testing

/// The data of the worked example, and a Prometheus that serves them at any time of the page's.
final class WorkedExample: Sendable {
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

    private let clock = Mutex(deployed)

    /// Runs a body with an example and the address of its Prometheus.
    static func with<T>(_ body: (WorkedExample, String) async throws -> T) async throws -> T {
        let example = WorkedExample()
        let prometheus = SimulatedPrometheus(given: [.init(value: value)])
        return try await withLoopbackServer(
            { prometheus.answer($0) }, date: { .at(Double(example.clock.withLock(\.self).seconds)) },
            { server in try await body(example, server.url) })
    }

    /// Runs a command of the program at an instant, in this process.
    func run(_ command: String, at time: String, in directory: String) async throws -> (Int32?, String) {
        let now = Self.instant(time)
        clock.withLock { $0 = now }
        let words = try shellWords(command)
        try #require(words.first == "hotfix", "only the program itself can be run at another time: \(command)")
        let output = Mutex("")
        let write: @Sendable (String) -> Void = { text in output.withLock { $0 += text } }
        let surroundings = Surroundings(
            clock: { Double(now.seconds) }, environment: ["LANG": "C.UTF-8"], directory: directory, write: write,
            writeError: write)
        let status = await Surroundings.$current.withValue(surroundings) {
            await EntryPoint.run(Array(words.dropFirst()))
        }
        return (status.rawValue, output.withLock(\.self))
    }

    /// The words of a simple command: no variables, nothing that a shell would do.
    private func shellWords(_ command: String) throws -> [String] {
        try #require(!command.contains { "$`|&;<>()*?'\\".contains($0) }, "this needs a shell: \(command)")
        var words: [String] = []
        for (index, part) in command.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
            words += index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
        }
        return words
    }
}
