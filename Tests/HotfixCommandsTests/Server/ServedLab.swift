import Foundation
import HotfixCommands
import HotfixCore
import HotfixHTTP
import HotfixStore
import HotfixTestSupport
import Synchronization
import Testing

let readToken = "reads-0123456789abcdef"
let writeToken = "writes-0123456789abcdef"

/// The tokens of a server, as a configuration names them.
let serveSettings = """
    serve: {read_token: "${READ_TOKEN}", write_token: "${WRITE_TOKEN}"}
    """

/// A `hotfix serve` that runs, and a command line elsewhere that has no configuration.
struct ServedLab: Sendable {
    let url: String
    let port: Int
    /// The command line beside the ledger.
    let here: CommandLab
    /// What the server said on standard error.
    let said: @Sendable () -> String

    /// A command line on another machine, with a clock that shows the same.
    func elsewhere(token: String? = writeToken, url: String? = nil) throws -> CommandLab {
        let directory = here.path("elsewhere")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var environment = ["HOTFIX_SERVER": url ?? self.url]
        environment["HOTFIX_TOKEN"] = token
        return CommandLab(directory: directory, environment: environment, now: here.now)
    }

    /// Sends one call.
    func send(
        _ method: HTTPCall.Method = .get, _ path: String, token: String? = nil, body: String? = nil,
        _ headers: [(name: String, value: String)] = []
    ) async throws -> HTTPAnswer {
        let client = HTTPClient()
        var all = headers
        if body != nil, !headers.contains(where: { $0.name == "Content-Type" }) {
            all.append(("Content-Type", "application/json"))
        }
        let answer = try await client.send(
            HTTPCall(
                method, url + path, headers: all, body: body.map { Array($0.utf8) },
                credentials: token.map { .bearer($0) } ?? .none, retry: .none))
        await client.shutDown()
        return answer
    }

    /// Sends bytes as they are, and gives what came back until the server closed the connection or said nothing for a while.
    func raw(_ text: String, closes: Bool = true) async -> String {
        let port = port
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: exchange(text, port: port)) }
        }
    }
}

private func exchange(_ text: String, port: Int) -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let connected = withUnsafePointer(to: address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
    }
    guard connected == 0 else { return "no connection" }
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let bytes = Array(text.utf8)
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { break }
        answer += buffer[..<count]
    }
    return String(decoding: answer, as: UTF8.self)
}

extension CommandLab {
    /// Runs a body while `hotfix serve` runs here.
    func served(
        _ arguments: String..., makesLedger: Bool = true,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        write: @escaping @Sendable (String) throws -> Void = { _ in },
        body: (ServedLab) async throws -> Void
    ) async throws {
        // A server that has to make one says so, and doubts its first check.
        if makesLedger, arguments.contains("--check-every") || arguments.contains("--otlp") {
            _ = try SQLiteLedger.open(path: path(".hotfix/ledger.db"), createIfMissing: true)
        }
        let said = Mutex("")
        let (lines, feed) = AsyncStream.makeStream(of: String.self)
        let surroundings = Surroundings(
            clock: { self.clock }, sleep: sleep, environment: environment, directory: directory, write: write,
            writeError: { text in
                said.withLock { $0 += text }
                feed.yield(text)
            })
        let serving = Task {
            let status = await Surroundings.$current.withValue(surroundings) {
                await EntryPoint.run(["serve", "--listen", "127.0.0.1:0"] + arguments)
            }
            feed.finish()
            return status
        }
        var url: String?
        for await line in lines {
            guard let start = line.range(of: "http://") else { continue }
            url = line[start.lowerBound...].trimmingCharacters(in: .whitespacesAndNewlines)
            break
        }
        let found = try #require(url, "\(said.withLock { $0 })")
        let port = try #require(Int(found.split(separator: ":").last ?? ""))
        let lab = ServedLab(url: found, port: port, here: self, said: { said.withLock { $0 } })
        do { try await body(lab) } catch {
            serving.cancel()
            _ = await serving.value
            throw error
        }
        serving.cancel()
        #expect(await serving.value == .done)
    }
}

/// Runs a body with a server before a ledger with a clean window, a breach and a clean window after a deployment.
func withServer(
    _ more: String = serveSettings, arguments: String..., body: (ServedLab) async throws -> Void
) async throws {
    let spike = project { $0 == noon + 300 ? 70 : 50 }
    try await withSentry(
        [spike], more: more, now: noon, environment: ["READ_TOKEN": readToken, "WRITE_TOKEN": writeToken]
    ) {
        lab in
        await lab.commands.run("deployed", "--commit", commit, "--branch", "release/hotfix", "--no-incident")
        await lab.commands.run(
            "baseline", "exclude", "2026-11-19T10:00:00Z/2026-11-19T11:00:00Z", "--reason", "a drill", "--by", "ann")
        await lab.commands.checks(from: noon, to: noon + 1200)
        if arguments.isEmpty {
            try await lab.commands.served(body: body)
        } else {
            try await lab.commands.served(arguments[0], body: body)
        }
    }
}
