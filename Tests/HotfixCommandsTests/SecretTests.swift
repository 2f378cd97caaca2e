import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

@Suite("Secrets", .heavy)
struct SecretTests {
    private let secrets = ["canary-bearer-1f", "canary-header-2e", "canary-password-3d", "canary-sentry-4c"]

    /// Answers with everything that it was sent.
    private static func echo(_ status: Int) -> @Sendable (LoopbackRequest) -> LoopbackAnswer {
        { request in
            let headers = request.headers.map { "\($0.0): \($0.1)" }.joined(separator: " ")
            return .json(
                #"{"detail":"\#(headers)","status":"error","errorType":"bad_data","error":"\#(headers)"}"#,
                status: status)
        }
    }

    /// Runs every command, and expects the secrets nowhere but in the requests.
    private func expectHidden(_ lab: CommandLab) async throws {
        var output = ""
        for arguments in [
            ["check", "--verbose"], ["check", "--format", "json"], ["check", "--dry-run"], ["readiness"],
            ["readiness", "--format", "json"], ["explain", "checkout"], ["ledger", "export"], ["config"],
            ["deployed", "--list"], ["baseline", "list"], ["doctor", "--verbose"], ["doctor", "--format", "json"],
        ] {
            let run = await lab.run(arguments)
            output += run.output + run.errors
        }
        for secret in secrets + secrets.map({ Data("hotfix:\($0)".utf8).base64EncodedString() }) {
            #expect(!output.contains(secret))
            for (name, bytes) in try lab.files() {
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(name)")
            }
        }
    }

    @Test("Sentry's token and headers are nowhere but in its requests", arguments: [400, 401, 403, 404, 429, 500])
    func sentry(_ status: Int) async throws {
        let environment = ["TOKEN": secrets[3], "HEADER": secrets[1]]
        try await withCommands(["policy.yaml": errorPolicy], environment: environment, now: noon) { commands in
            try await withLoopbackServer(Self.echo(status), date: { .at(commands.clock) }) { server in
                try commands.write(
                    sentryConfiguration(url: server.url)
                        .replacing("${SENTRY_AUTH_TOKEN}", with: "${TOKEN}")
                        .replacing("recheck: 10m", with: #"headers: {X-Proxy-Token: "${HEADER}", X-Team: shop}"#),
                    to: "hotfix.yaml")
                await commands.run("deployed", "--commit", commit, "--no-incident")
                commands.now = noon + 430
                try await expectHidden(commands)
                let request = try #require(server.requests().first)
                #expect(request.header("Authorization") == "Bearer \(secrets[3])")
                #expect(request.header("X-Proxy-Token") == secrets[1])
                #expect(request.header("X-Team") == "shop")
            }
        }
    }

    @Test(
        "so are a Prometheus' credentials",
        arguments: [400, 401, 422, 503],
        [#"bearer: "${BEARER}""#, #"basic: {username: hotfix, password: "${PASSWORD}"}"#])
    func prometheus(_ status: Int, _ credentials: String) async throws {
        let environment = ["BEARER": secrets[0], "HEADER": secrets[1], "PASSWORD": secrets[2]]
        let source = #", \#(credentials), headers: {X-Api-Key: "${HEADER}"}"#
        try await withPrometheus(source: source, environment: environment, Self.echo(status)) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            lab.commands.now = noon + 430
            try await expectHidden(lab.commands)
            let request = try #require(lab.server.requests().first)
            #expect(request.header("X-Api-Key") == secrets[1])
            #expect(request.header("Authorization")?.isEmpty == false)
        }
    }
}
