import Foundation
import Synchronization

/// A Prometheus server as the system has it installed, on a free loopback port, over series made for a test.
package final class RealPrometheus: Sendable {
    /// Why there is no server.
    package struct Failure: Error, CustomStringConvertible {
        /// What happened, and what to do.
        package let description: String
    }

    /// Its address, without a path: `http://127.0.0.1:PORT`.
    package let url: String

    private let process: ChildProcess

    private init(url: String, process: ChildProcess) {
        self.url = url
        self.process = process
    }

    /// Starts a server and waits until it answers.
    ///
    /// - Parameters:
    ///   - metrics: The series that it has; their times must lie in the past.
    ///   - directory: An empty directory for its data.
    ///   - retention: For how long it keeps samples.
    ///   - arguments: Further command-line arguments.
    /// - Returns: The server.
    /// - Throws: ``Failure`` where `prometheus` or `promtool` is missing or fails.
    package static func start(
        _ metrics: OpenMetrics, in directory: String, retention: String = "100y", arguments: [String] = []
    ) async throws -> RealPrometheus {
        for tool in ["/usr/bin/prometheus", "/usr/bin/promtool"] {
            guard FileManager.default.isExecutableFile(atPath: tool) else {
                throw Failure(description: "\(tool) is missing. Install the package `prometheus`.")
            }
        }
        let file = "\(directory)/metrics.txt"
        try metrics.text.write(toFile: file, atomically: false, encoding: .utf8)
        try "scrape_configs: []\n".write(toFile: "\(directory)/prometheus.yml", atomically: false, encoding: .utf8)
        let data = "\(directory)/data"
        // In blocks of two hours it would read the whole file once for each of them.
        let backfill = try ChildProcess([
            "/usr/bin/promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=240h",
            file, data,
        ])
        let status = await backfill.exit()
        guard status == 0 else { throw Failure(description: "promtool ended with \(status): \(backfill.output)") }

        do {
            return try await serve(data, in: directory, retention: retention, arguments: arguments)
        } catch let lost as Failure {
            // Seen once in some thousand starts, on a busy machine: whatever ended it, the test is about something else.
            print("A Prometheus of a test is started again: \(lost.description.prefix(200))")
            return try await serve(data, in: directory, retention: retention, arguments: arguments)
        }
    }

    private static func serve(
        _ data: String, in directory: String, retention: String, arguments: [String]
    ) async throws -> RealPrometheus {
        // A second shell ends the server when a line comes in, or when this process is gone without having sent one.
        let server = try ChildProcess(
            [
                "/bin/sh", "-c",
                "exec 3<&0; (read -r _ <&3; kill $$) >/dev/null 2>&1 & exec /usr/bin/prometheus \"$@\" 3<&-",
                "sh", "--config.file=\(directory)/prometheus.yml", "--storage.tsdb.path=\(data)",
                "--storage.tsdb.retention.time=\(retention)", "--web.listen-address=127.0.0.1:0",
            ] + arguments)
        guard await server.waits(for: "Server is ready to receive web requests", atMost: .seconds(30)),
            let address = server.output.firstMatch(of: /msg="Listening on" address=(?<address>[0-9.:]+)/)
        else {
            let ending = server.status.map { "ended with \($0)" } ?? "was not ready within 30 s"
            await server.stop()
            throw Failure(description: "prometheus \(ending): \(server.output)")
        }
        return RealPrometheus(url: "http://\(address.address)", process: server)
    }

    /// Stops the server and waits until it is gone.
    package func stop() async {
        await process.stop()
    }
}

/// Runs a body with a real Prometheus server that ends with it.
package func withRealPrometheus<T>(
    _ metrics: OpenMetrics, retention: String = "100y", arguments: [String] = [],
    _ body: (RealPrometheus) async throws -> T
) async throws -> T {
    try await withTemporaryDirectory { directory in
        let server = try await RealPrometheus.start(
            metrics, in: directory, retention: retention, arguments: arguments)
        do {
            let value = try await body(server)
            await server.stop()
            return value
        } catch {
            await server.stop()
            throw error
        }
    }
}

/// A process whose output is watched, and which ends when its input does.
final class ChildProcess: Sendable {
    private struct State {
        var output = ""
        var status: Int32?
        var isLate = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let input = Pipe()
    // A Go program dies where nobody reads its log.
    private let log = Pipe()
    private let process = Foundation.Process()

    init(_ command: [String]) throws {
        // The child must not hold its own input open.
        _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardInput = input
        process.standardOutput = log
        process.standardError = log
        process.terminationHandler = { [weak self] process in
            let status = process.terminationStatus
            self?.update { $0.status = status }
        }
        try process.run()
        readLog()
    }

    /// Reads what it writes, on a thread: a handler of the file's is at times called when the file is closed already,
    /// and the whole run crashes.
    private func readLog() {
        // A descriptor of the thread's own, which nobody else closes.
        let descriptor = fcntl(log.fileHandleForReading.fileDescriptor, F_DUPFD_CLOEXEC, 0)
        Thread.detachNewThread { [weak self] in
            defer { close(descriptor) }
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                let text = String(decoding: buffer[..<count], as: UTF8.self)
                self?.update { $0.output += text }
            }
        }
    }

    /// What it has written so far.
    var output: String { state.withLock(\.output) }

    /// What it ended with; nil while it runs.
    var status: Int32? { state.withLock(\.status) }

    /// Waits until it ends.
    func exit() async -> Int32 {
        await change { $0.status == nil }
        return state.withLock(\.status) ?? -1
    }

    /// Waits until it has written a text.
    func waits(for text: String, atMost limit: Duration) async -> Bool {
        let deadline = Task { [weak self] in
            try await Task.sleep(for: limit)
            self?.update { $0.isLate = true }
        }
        defer { deadline.cancel() }
        await change { !$0.output.contains(text) && $0.status == nil && !$0.isLate }
        return output.contains(text)
    }

    /// Ends its input and waits until it ends too.
    func stop() async {
        // A line rather than the end of the input, as a process started meanwhile may hold that open too.
        try? input.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
        _ = await exit()
    }

    private func update(_ change: (inout State) -> Void) {
        let waiters = state.withLock { state in
            change(&state)
            let waiters = state.waiters
            state.waiters = []
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns once the condition no longer holds.
    private func change(while isWaiting: (State) -> Bool) async {
        while state.withLock({ isWaiting($0) }) {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    guard isWaiting(state) else { return false }
                    state.waiters.append(continuation)
                    return true
                }
                if !waits { continuation.resume() }
            }
        }
    }
}
