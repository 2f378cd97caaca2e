import HotfixCalls
import HotfixCore
import HotfixHTTP

/// The Alertmanagers that alerts are sent to: each of them, since those of a cluster share silences and not alerts.
struct AlertmanagerReceiver: Sendable {
    /// Their addresses, without `/api`.
    var urls: [String]
    /// Who asks.
    var credentials: HTTPCall.Credentials
    /// Further headers.
    var headers: [(name: String, value: String)]
    /// Whom to trust.
    var tls: HTTPTLS
    /// The client of the process.
    var client: HTTPClient

    /// Makes the receivers of a channel.
    init(
        urls: [String], credentials: HTTPCall.Credentials = .none, headers: [(name: String, value: String)] = [],
        tls: HTTPTLS = .init(), client: HTTPClient
    ) {
        self.urls = urls
        self.credentials = credentials
        self.headers = headers
        self.tls = tls
        self.client = client
    }

    /// Sends one alert to one of them; sending it again does no harm.
    func send(_ alert: AlertmanagerAlert, to url: String) async -> DeliveryOutcome {
        let call = call(.post, url, "/api/v2/alerts", .json(alert.json))
        let outcome = await call.outcome(through: client) { answer in
            switch answer.status {
            // Alertmanager answers without a body; a login page answers with one.
            case 200..<300 where !isPage(answer): return .delivered(receipt: nil)
            case 400, 422: return .refused(reason: "\(call.shown(answer)).")
            default:
                let refusal = refusal(answer, of: call)
                return .misconfigured(reason: refusal.reason, remedy: refusal.remedy)
            }
        }
        // By its labels it is the same alert again.
        if case .unknown(let reason) = outcome { return .retry(after: nil, reason: reason) }
        return outcome
    }

    /// Asks one of them something.
    ///
    /// - Returns: The JSON of its answer.
    /// - Throws: What kept it from answering.
    func ask(_ url: String, _ path: String) async throws(ReceiverFailure) -> JSONValue {
        let call = call(.get, url, path)
        let answer = try await call.send(through: client)
        if answer.status == 200, !isPage(answer), let value = try? JSONParser.value(of: answer.body) { return value }
        let refusal = refusal(answer, of: call)
        throw ReceiverFailure(.misconfigured(reason: refusal.reason, remedy: refusal.remedy), code: refusal.code)
    }

    /// What came of it at all of them: delivered where any took it; else to try again is always worth it.
    ///
    /// What others of a cluster did not take they are sent at each check, as long as it stands.
    static func together(_ outcomes: [DeliveryOutcome]) -> DeliveryOutcome {
        let order = outcomes.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
        return order.first?.element
            ?? .misconfigured(
                reason: "No Alertmanager is configured.", remedy: "Give the channel an `url`.")
    }

    private static func rank(_ outcome: DeliveryOutcome) -> Int {
        switch outcome {
        case .delivered: 0
        case .retry, .unknown: 1
        case .misconfigured, .misaddressed: 2
        case .refused: 3
        }
    }

    private func call(
        _ method: HTTPCall.Method, _ url: String, _ path: String, _ body: ReceiverCall.Body? = nil
    ) -> ReceiverCall {
        var base = url
        while base.hasSuffix("/") { base.removeLast() }
        return ReceiverCall(
            method, base + path, body, headers: headers, credentials: credentials, tls: tls,
            hiding: secrets)
    }

    private var secrets: [Secret] {
        let own: [String] =
            switch credentials {
            case .none: []
            case .bearer(let token): [token]
            case .basic(let user, let password): [user, password]
            }
        return (own + headers.map(\.value)).map { Secret($0) }
    }

    private func refusal(
        _ answer: HTTPAnswer, of call: ReceiverCall
    ) -> (code: FindingCode, reason: String, remedy: String) {
        let said = call.shown(answer)
        return switch answer.status {
        case 401, 403:
            (
                .credentialsRefused, "\(said).",
                "Give the channel credentials that Alertmanager, or the proxy before it, takes."
            )
        case 200..<300:
            (
                .notTheAPI, "\(said). That is not Alertmanager: a login, or another server.",
                "Configure Alertmanager's own address, and let hotfix pass what stands before it."
            )
        default:
            (
                .notTheAPI, "\(said). Version 2 of Alertmanager's API is not there.",
                "Configure Alertmanager's address with its path prefix and without `/api`; it must be 0.16 or later."
            )
        }
    }
}

/// Whether an answer is a web page.
func isPage(_ answer: HTTPAnswer) -> Bool {
    answer.contentType?.lowercased().hasPrefix("text/html") == true
        || answer.body.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "<")
}
