import HotfixCalls
import HotfixCore
import HotfixHTTP

/// The requests to Sentry that record deploys, and what its answers mean.
struct SentryDeployAPI: Sendable {
    let url: String
    let organization: String
    let token: Secret
    /// Further headers of every request.
    let headers: [(name: String, value: String)]
    let tls: HTTPTLS
    let client: HTTPClient

    /// A deploy as Sentry lists it.
    struct Deploy: Sendable, Hashable {
        /// The environment.
        var environment: String
        /// Its name; nil where nobody gave one.
        var name: String?
        /// When it was finished.
        var finished: Instant?
        /// The slugs of its projects; nil where Sentry does not tell them.
        var projects: Set<String>?
    }

    /// A request that came to nothing.
    struct Failure: Error {
        /// What came of it.
        var receiver: ReceiverFailure
        /// Whether no other request would come to more.
        var isWhole: Bool
    }

    /// The newest deploy of a release for each project and environment; nil where there is no such release.
    func deploys(of version: String) async throws(Failure) -> [Deploy]? {
        let (call, answer) = try await send(.get, "releases/\(percentEncoded(version))/deploys/?per_page=100")
        if answer.status == 404, json(answer)?.object != nil { return nil }
        guard answer.status == 200, case .array(let listed)? = json(answer) else { throw refusal(answer, of: call) }
        return listed.compactMap(\.object).compactMap { deploy in
            guard let environment = deploy["environment"]?.plainText else { return nil }
            return Deploy(
                environment: environment, name: deploy["name"]?.plainText,
                finished: deploy["dateFinished"]?.plainText.flatMap { Instant(text: $0) },
                projects: deploy["projects"].flatMap(slugs))
        }
    }

    /// The slugs of projects, which are listed as such or with more that is known of them.
    private func slugs(_ listed: JSONValue) -> Set<String>? {
        guard case .array(let projects) = listed else { return nil }
        return Set(projects.compactMap { $0.plainText ?? $0.object?["slug"]?.plainText })
    }

    /// Makes a release; one that is there already stays as it is.
    func makeRelease(_ deploy: WantedDeploy) async throws(Failure) {
        let (call, answer) = try await send(
            .post, "releases/",
            .json(
                .object([
                    "version": JSONValue(deploy.version), "projects": .array(deploy.projects.map { JSONValue($0) }),
                    "ref": JSONValue(deploy.commit),
                ])))
        guard [200, 201, 208].contains(answer.status), json(answer)?.object != nil else {
            throw refusal(answer, of: call)
        }
    }

    /// Records a deploy; each time another one.
    func makeDeploy(_ deploy: WantedDeploy) async throws(Failure) {
        let (call, answer) = try await send(
            .post, "releases/\(percentEncoded(deploy.version))/deploys/",
            .json(
                .object([
                    "environment": JSONValue(deploy.environment), "name": JSONValue(deploy.name),
                    "dateFinished": JSONValue(deploy.finished),
                    "projects": .array(deploy.projects.map { JSONValue($0) }),
                ])))
        guard [200, 201, 208].contains(answer.status), json(answer)?.object != nil else {
            throw refusal(answer, of: call)
        }
    }

    /// Asks for the organization's newest release.
    func probe() async throws(Failure) {
        let (call, answer) = try await send(.get, "releases/?per_page=1")
        guard answer.status == 200, case .array? = json(answer) else { throw refusal(answer, of: call) }
    }

    private func json(_ answer: HTTPAnswer) -> JSONValue? { try? JSONParser.value(of: answer.body) }

    private func send(
        _ method: HTTPCall.Method, _ path: String, _ body: ReceiverCall.Body? = nil
    ) async throws(Failure) -> (ReceiverCall, HTTPAnswer) {
        let call = ReceiverCall(
            method, ReceiverCall.address(url, "api/0/organizations/\(percentEncoded(organization))/\(path)"), body,
            headers: [(name: "Accept", value: "application/json")] + headers, credentials: .bearer(token.value),
            tls: tls, hiding: [token] + headers.map { Secret($0.value) })
        do {
            return (call, try await call.send(through: client))
        } catch {
            throw Failure(receiver: error, isWhole: true)
        }
    }

    private func refusal(_ answer: HTTPAnswer, of call: ReceiverCall) -> Failure {
        let said = call.shown(answer)
        func misconfigured(_ code: FindingCode, _ remedy: String) -> Failure {
            Failure(
                receiver: ReceiverFailure(.misconfigured(reason: "\(said).", remedy: remedy), code: code), isWhole: true
            )
        }
        switch answer.status {
        case 401: return misconfigured(.credentialsRefused, "Give the deploys a token that Sentry takes.")
        case 403: return misconfigured(.scopeMissing, "Give the token the scope project:releases or org:ci.")
        case 404:
            return misconfigured(
                .unknownOrganization,
                "Correct the organization and the address, and give the token the scope project:releases or org:ci.")
        case 400, 409, 422:
            return Failure(receiver: ReceiverFailure(.refused(reason: "\(said)."), code: .queryRefused), isWhole: false)
        default:
            return misconfigured(.notTheAPI, "Configure Sentry's own address, without `/api`.")
        }
    }
}
