import Foundation
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Synchronization
import Testing

/// What a receiver does in place of taking a message.
private enum Fault: CaseIterable, Sendable {
    case badRequest, unauthorized, forbidden, notFound, gone, tooMany, failing, odd, reset

    var name: String { "\(self)" }

    /// An answer that gives back all that was sent, as far as there is one.
    func answer(_ request: LoopbackRequest) -> LoopbackAnswer {
        let status: Int
        switch self {
        case .badRequest: status = 400
        case .unauthorized: status = 401
        case .forbidden: status = 403
        case .notFound: status = 404
        case .gone: status = 410
        case .tooMany: status = 429
        case .failing: status = 503
        case .odd: status = 200
        case .reset: return .reset
        }
        let query = request.query.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
        let headers = request.headers.map { "\($0.0): \($0.1)" }.joined(separator: " ")
        let all = "\(request.path) \(query) \(headers) " + String(decoding: request.body, as: UTF8.self)
        // The beginning is what would be shown.
        let said = JSONValue(all)
        return .json(
            JSONValue.object([
                "message": said, "error": said, "errors": .array([said]), "detail": said, "status": said,
            ]).line, status: status)
    }
}

@Suite("Secrets of those who are told", .heavyAndLong, .serialized)
struct TellingSecretTests {
    @Test("are nowhere but where a receiver wants them, whatever receivers answer")
    func hidden() async throws {
        try await withTellingScene { scene in
            var commandLines: [String] = []
            for fault in Fault.allCases {
                let seen = try await fail(scene, fault, &commandLines)
                expectHidden(scene, seen, "what was printed with \(fault.name)")
            }
            #expect(commandLines.count == Fault.allCases.count)
            for line in commandLines {
                #expect(line.contains("check"))
                expectHidden(scene, line, "a command line")
            }
            try expectHiddenInFiles(scene)
            try expectHiddenFromOthers(scene)
        }
    }

    /// Lets everybody fail, and says what commands printed meanwhile.
    private func fail(
        _ scene: TellingScene, _ fault: Fault, _ commandLines: inout [String]
    ) async throws -> String {
        let config = try scene.configure(fault.name)
        let end = (machineTime() - 2).floored(to: 300)
        scene.state.breach(after: end - 600, through: end - 300)
        scene.between.set(nil)
        let deployed = try await scene.run(
            config, "deployed", "--commit", TellingScene.commit, "--branch", "hotfix/1", "--at", "\(end - 3600)",
            "--no-incident")
        try #require(deployed.exitStatus == 0, "\(deployed.output)")

        let watch = CommandLineWatch()
        scene.between.set { receiver, request, take in
            watch.look()
            return receiver == "otel" ? await take() : fault.answer(request)
        }
        let check = try scene.start(config, ["check", "--verbose", "--deliver-within", "2s"])
        watch.pid = check.pid
        var seen = await check.ending().output
        #expect(seen.contains("\nhotfix: "), "nobody failed: \(seen)")
        commandLines.append(watch.line)
        for arguments in [
            ["alerts", "test"], ["doctor", "--verbose"], ["config", "validate"],
        ] { seen += try await scene.start(config, arguments).ending().output }
        scene.between.set { _, request, _ in fault.answer(request) }
        seen += try await scene.run(config, "check", "--format", "json", "--deliver-within", "2s").output
        // What receivers said is told to those that are well.
        scene.between.set(nil)
        seen += try await scene.run(config, "check", "--deliver-within", "2s").output
        return seen + (try await served(scene, config))
    }

    /// What a server answers.
    private func served(_ scene: TellingScene, _ config: String) async throws -> String {
        let output = "\(scene.directory)/\(UUID().uuidString).out"
        let server = try SpawnedCommand.start(
            try SpawnedCommand.builtProgram("hotfix"), ["serve", "--listen", "127.0.0.1:0", "--config", config],
            environment: scene.environment(), outputFile: output)
        var url = ""
        while url.isEmpty {
            let said = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            if let start = said.range(of: "http://127"), said.hasSuffix("\n") {
                url = said[start.lowerBound...].trimmingCharacters(in: .whitespacesAndNewlines)
            } else if said.hasSuffix("\n") {
                throw SpawnedCommand.Failure(description: "The server ended: \(said)")
            }
            // Nothing tells that it listens but what it prints.
            try await Task.sleep(for: .milliseconds(5))
        }
        var seen = ""
        for arguments in [
            ["readiness", "--format", "json"], ["alerts", "list", "--format", "json", "--limit", "100"],
            ["deployed", "--list", "--format", "json"], ["explain", "checkout", "latency", "--format", "json"],
        ] {
            seen += try await SpawnedCommand.start(
                try SpawnedCommand.builtProgram("hotfix"), arguments,
                environment: ["HOTFIX_SERVER": url, "HOTFIX_TOKEN": scene.secrets.serveToken],
                outputFile: "\(scene.directory)/\(UUID().uuidString).out"
            ).ending().output
        }
        #expect(seen.contains("\"messages\""))
        kill(server.pid, SIGTERM)
        return seen + (await server.ending().output)
    }

    // MARK: Where they may not be

    private func expectHidden(_ scene: TellingScene, _ text: String, _ place: String) {
        for secret in scene.canaries {
            guard let range = text.range(of: secret) else { continue }
            let around = text[..<range.upperBound].suffix(400)
            Issue.record("A secret is in \(place): \(around)")
        }
    }

    /// Looks at everything that commands have written: ledgers, the tracker's files, what they printed.
    private func expectHiddenInFiles(_ scene: TellingScene) throws {
        let names = try FileManager.default.subpathsOfDirectory(atPath: scene.directory)
        #expect(names.contains { $0.hasSuffix("ledger.db") } && names.contains { $0.hasSuffix("status.json") })
        for name in names {
            guard let bytes = FileManager.default.contents(atPath: "\(scene.directory)/\(name)") else { continue }
            for secret in scene.canaries {
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) is in \(name)")
            }
        }
    }

    /// Looks at everything that receivers were sent: each gets what it wants where it wants it, and nothing of another's.
    private func expectHiddenFromOthers(_ scene: TellingScene) throws {
        let secrets = scene.secrets
        let own: [String: [String]] = [
            "otel": [secrets.bearer], "room": [secrets.slackWebhook], "bot": [secrets.slackToken],
            "expired": [secrets.expiredToken], "hook": [secrets.hookPath, secrets.hookHeader],
            "grafana": [secrets.grafanaToken], "gate": [secrets.gitHubToken], "heartbeat": [secrets.heartbeat],
            "pager": [secrets.pagerKey], "routed": [],
        ]
        for (name, server) in scene.servers {
            let requests = server.requests()
            for wanted in own[name] ?? [] {
                let heads = requests.filter { ($0.path + $0.headers.map(\.1).joined(separator: " ")).contains(wanted) }
                #expect(name == "pager" ? heads.isEmpty : heads.count == requests.count, "\(name)")
            }
            for request in requests {
                let body = String(decoding: request.body, as: UTF8.self)
                let all = body + request.path + request.headers.map(\.1).joined(separator: " ")
                for secret in scene.canaries where !(own[name] ?? []).contains(secret) {
                    #expect(!all.contains(secret), "\(name) was sent \(secret)")
                }
                for secret in own[name] ?? [] {
                    #expect(body.ranges(of: secret).count == (name == "pager" ? 1 : 0), "\(name): \(body)")
                }
            }
        }
        for mail in try scene.mail.received() {
            let raw = Data(base64Encoded: mail.raw).map { String(decoding: $0, as: UTF8.self) } ?? ""
            expectHidden(scene, raw + mail.parts.compactMap(\.text).joined(), "a mail")
        }
    }
}

/// Looks at the command line of a process while it runs.
private final class CommandLineWatch: Sendable {
    private let state = Mutex<(pid: Int32, line: String)>((0, ""))

    var pid: Int32 {
        get { state.withLock { $0.pid } }
        set { state.withLock { $0.pid = newValue } }
    }

    var line: String { state.withLock { $0.line } }

    func look() {
        state.withLock { state in
            guard state.pid > 0, let bytes = FileManager.default.contents(atPath: "/proc/\(state.pid)/cmdline") else {
                return
            }
            state.line = String(decoding: bytes, as: UTF8.self)
        }
    }
}

extension TellingScene {
    /// Whatever would give a secret away.
    fileprivate var canaries: [String] {
        let plain = [
            secrets.bearer, secrets.slackWebhook, secrets.slackToken, secrets.expiredToken, secrets.pagerKey,
            secrets.mailPassword, secrets.hookPath, secrets.hookHeader, secrets.watchToken, secrets.grafanaToken,
            secrets.gitHubToken, secrets.heartbeat, secrets.serveToken, "canary-hook-secret",
        ]
        let coded = [
            String(secrets.hookSecret.dropFirst(6)), Data("hotfix:\(secrets.mailPassword)".utf8).base64EncodedString(),
            Data("\u{0}hotfix\u{0}\(secrets.mailPassword)".utf8).base64EncodedString(),
        ]
        return plain + coded
    }
}
