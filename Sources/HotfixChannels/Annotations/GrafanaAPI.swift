import HotfixCalls
import HotfixCore
import HotfixHTTP

/// The requests to Grafana, and what its answers mean.
struct GrafanaAPI: Sendable {
    let url: String
    let token: Secret
    let client: HTTPClient

    /// A request that came to nothing.
    struct Failure: Error {
        /// What came of it.
        var receiver: ReceiverFailure
        /// Whether no other request would come to more.
        var isWhole: Bool
    }

    /// Finds the annotation with a tag of its own.
    ///
    /// - Returns: Its number; nil where there is none.
    func find(_ tag: String) async throws(Failure) -> Int? {
        let (call, answer) = try await send(
            .get, "/api/annotations?type=annotation&limit=100&tags=\(percentEncoded(tag))")
        guard case .array(let found)? = json(answer) else { throw refusal(answer, of: call) }
        // A server that does not know the filter lists others too.
        let own = found.compactMap(\.object).filter { annotation in
            guard case .array(let tags)? = annotation["tags"] else { return false }
            return tags.contains { $0.plainText == tag }
        }
        return own.compactMap { $0["id"]?.wholeNumber }.min()
    }

    /// Makes an annotation.
    ///
    /// - Returns: Its number.
    func create(
        _ wanted: WantedAnnotation, tags: AnnotationTags, dashboard: String?
    ) async throws(Failure) -> Int {
        var body: JSONObject = [
            "time": JSONValue(wanted.time.seconds * 1000), "tags": .array(tags.all.map { JSONValue($0) }),
            "text": JSONValue(wanted.end == nil ? wanted.text : wanted.endText ?? wanted.text),
        ]
        if let dashboard { body["dashboardUID"] = JSONValue(dashboard) }
        if let end = wanted.end { body["timeEnd"] = JSONValue(end.at.seconds * 1000) }
        let (call, answer) = try await send(.post, "/api/annotations", .json(.object(body)))
        guard let id = json(answer)?.object?["id"]?.wholeNumber else { throw refusal(answer, of: call) }
        return id
    }

    /// Whether an annotation is on a dashboard; what older servers do not tell counts as that one.
    func isOn(_ dashboard: String, _ id: Int) async throws(Failure) -> Bool {
        let (call, answer) = try await send(.get, "/api/annotations/\(id)")
        guard answer.status == 200, let annotation = json(answer)?.object else { throw refusal(answer, of: call) }
        if let uid = annotation["dashboardUID"]?.plainText { return uid == dashboard }
        // For the whole organization is the dashboard 0.
        return annotation["dashboardId"]?.wholeNumber.map { $0 > 0 } ?? false
    }

    /// Moves the end of an annotation.
    ///
    /// - Returns: Whether there still is such an annotation.
    func end(_ id: Int, at end: Instant, text: String?) async throws(Failure) -> Bool {
        var body: JSONObject = ["timeEnd": JSONValue(end.seconds * 1000)]
        if let text { body["text"] = JSONValue(text) }
        let (call, answer) = try await send(.patch, "/api/annotations/\(id)", .json(.object(body)))
        if answer.status == 404, json(answer)?.object != nil { return false }
        guard answer.status == 200, json(answer)?.object != nil else { throw refusal(answer, of: call) }
        return true
    }

    /// Whether there is a dashboard; nil where the token may not know.
    func hasDashboard(_ uid: String) async throws(Failure) -> Bool? {
        let (call, answer) = try await send(.get, "/api/dashboards/uid/\(percentEncoded(uid))")
        switch answer.status {
        case 200 where json(answer)?.object != nil: return true
        case 403: return nil
        case 404 where json(answer)?.object != nil: return false
        default: throw refusal(answer, of: call)
        }
    }

    /// Asks for the newest annotation.
    func probe() async throws(Failure) {
        let (call, answer) = try await send(.get, "/api/annotations?limit=1")
        guard answer.status == 200, case .array? = json(answer) else { throw refusal(answer, of: call) }
    }

    private func json(_ answer: HTTPAnswer) -> JSONValue? { try? JSONParser.value(of: answer.body) }

    private func send(
        _ method: HTTPCall.Method, _ path: String, _ body: ReceiverCall.Body? = nil
    ) async throws(Failure) -> (ReceiverCall, HTTPAnswer) {
        let call = ReceiverCall(
            method, ReceiverCall.address(url, path), body, headers: [(name: "Accept", value: "application/json")],
            credentials: .bearer(token.value), hiding: [token])
        do {
            return (call, try await call.send(through: client))
        } catch {
            throw Failure(receiver: error, isWhole: true)
        }
    }

    private func refusal(_ answer: HTTPAnswer, of call: ReceiverCall) -> Failure {
        let said = call.shown(answer)
        func misconfigured(_ code: FindingCode, _ what: String, _ remedy: String) -> Failure {
            Failure(
                receiver: ReceiverFailure(.misconfigured(reason: "\(said).\(what)", remedy: remedy), code: code),
                isWhole: true)
        }
        switch answer.status {
        case 401:
            return misconfigured(
                .credentialsRefused, "", "Give the annotations a service account's token that is valid.")
        case 403:
            return misconfigured(
                .scopeMissing, "",
                "Give the token's service account the permissions annotations:read, annotations:create and annotations:write."
            )
        case 400, 422:
            return Failure(
                receiver: ReceiverFailure(.refused(reason: "\(said)."), code: .queryRefused), isWhole: false)
        default:
            return misconfigured(
                .notTheAPI, " That is not Grafana's API: a login, or another server.",
                "Configure Grafana's own address with its path prefix and without `/api`.")
        }
    }
}

extension JSONValue {
    /// The whole number, nil where the value is another.
    var wholeNumber: Int? {
        if case .number(let spelling) = self { Int(spelling) } else { nil }
    }
}
