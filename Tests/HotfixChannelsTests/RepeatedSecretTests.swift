import Foundation
import HotfixCalls
import HotfixChannels
import HotfixCore
import HotfixDemo
import HotfixHTTP
import Testing

/// Receivers, and proxies before them, that answer with all that they were sent.
@Suite("Secrets that a receiver repeats")
struct RepeatedSecretTests {
    private static let secret = "canary-0123456789-repeated"
    private static let now = Instant(1_795_176_000)

    /// Runs a body with a client and a server that repeats every header in what it says and in its own headers.
    private func withEcho(
        _ status: Int, _ body: (_ url: String, _ client: HTTPClient) async throws -> Void
    ) async throws {
        try await withLoopbackServer({ request in
            let said = JSONValue(request.headers.map { "\($0.0): \($0.1)" }.joined(separator: " "))
            let object: JSONObject = ["message": said, "error": said, "detail": said, "errors": .array([said])]
            return .json(
                JSONValue.object(object).line, status: status,
                headers: [("X-Accepted-GitHub-Permissions", request.header("Authorization") ?? "")])
        }) { server in
            let client = HTTPClient()
            try await body(server.url, client)
            await client.shutDown()
        }
    }

    @Test("are in no failure of a forge", arguments: [400, 401, 403, 404, 409, 422, 429, 500])
    func forges(status: Int) async throws {
        try await withEcho(status) { url, client in
            let token = Secret(Self.secret)
            let api = GitHubAPI(url: url, repository: "acme/shop", token: token, client: client)
            let forges: [any GateForge] = [
                GitHubForge(api: api), GitLabForge(url: url, project: "acme/shop", token: token, client: client),
            ]
            for forge in forges {
                let failure = await #expect(throws: ForgeFailure.self) {
                    try await forge.head(of: "hotfix/1", at: Self.now)
                }
                #expect(failure?.message.contains(Self.secret) == false, "\(String(describing: failure))")
                let diagnosis = await forge.examine(.channel("gate"), context: "hotfix", at: Self.now)
                #expect(!"\(diagnosis)".contains(Self.secret), "\(diagnosis)")
            }
        }
    }

    @Test("are in no reason, also where they stand in the request in another form", arguments: [400, 401, 403, 500])
    func credentials(status: Int) async throws {
        let coded = Data("hotfix:\(Self.secret)".utf8).base64EncodedString()
        try await withEcho(status) { url, client in
            for credentials in [
                HTTPCall.Credentials.bearer(Self.secret), .basic(user: "hotfix", password: Self.secret),
            ] {
                let call = ReceiverCall(.get, url, credentials: credentials)
                let outcome = await call.outcome(through: client) { .refused(reason: call.shown($0)) }
                #expect(!"\(outcome)".contains(Self.secret) && !"\(outcome)".contains(coded), "\(outcome)")
            }
        }
    }

    @Test("are not in what is said of Sentry's deploys, headers included", arguments: [400, 401, 403, 404])
    func deploys(status: Int) async throws {
        try await withEcho(status) { url, client in
            let deploys = SentryDeploys(
                name: "sentry", url: url, organization: "acme", token: Secret("sntrys-\(Self.secret)"),
                projects: ["checkout": "checkout-api"], environments: [:],
                headers: [(name: "X-Proxy-Token", value: Self.secret)], client: client)
            let diagnosis = await deploys.examine(at: Self.now)
            #expect(!diagnosis.findings.isEmpty)
            #expect(!"\(diagnosis)".contains(Self.secret), "\(diagnosis)")
        }
    }
}
