import HotfixCore
import HotfixHTTP

/// Calls the JSON API of a forge: one attempt each, every refusal by its kind.
struct ForgeCaller: Sendable {
    /// The base of the API, without a slash at its end.
    let url: String
    /// Who is asked, as people call it: `GitHub`.
    let title: String
    /// Headers of every call.
    let headers: [(name: String, value: String)]
    /// Who asks.
    let credentials: HTTPCall.Credentials
    /// What no reason may show, though the forge, or a proxy before it, may repeat it.
    let token: Secret
    /// Whom to trust.
    let tls: HTTPTLS
    /// The client.
    let client: HTTPClient

    /// Makes a call and gives its answer, whatever the status.
    ///
    /// - Parameters:
    ///   - method: What is done.
    ///   - path: The parts of the path below the base, each encoded here.
    ///   - query: The query, encoded here.
    ///   - body: What is sent.
    ///   - extra: Further headers.
    /// - Returns: The answer.
    /// - Throws: `ForgeFailure` where there was none.
    func answer(
        _ method: HTTPCall.Method, _ path: [String], query: [(String, String)] = [], body: JSONValue? = nil,
        extra: [(name: String, value: String)] = []
    ) async throws(ForgeFailure) -> HTTPAnswer {
        var address = url + "/" + path.map(percentEncoded).joined(separator: "/")
        if !query.isEmpty {
            address += "?" + query.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&")
        }
        return try await answer(method, address: address, body: body, extra: extra)
    }

    /// Makes a call to an address that the API itself gave, such as that of the next page.
    func answer(
        _ method: HTTPCall.Method, address: String, body: JSONValue? = nil,
        extra: [(name: String, value: String)] = []
    ) async throws(ForgeFailure) -> HTTPAnswer {
        var headers = self.headers + extra
        if body != nil { headers.append((name: "Content-Type", value: "application/json; charset=utf-8")) }
        let call = HTTPCall(
            method, address, headers: headers, body: body.map { Array($0.line.utf8) }, credentials: credentials,
            tls: tls, deadline: .seconds(15), connectDeadline: .seconds(10), bodyLimit: 8 << 20, retry: .none)
        do {
            return try await client.send(call)
        } catch let error as HTTPError {
            let isUnknown = method != .get && !error.isUnsent
            throw ForgeFailure(isUnknown ? .unknown : .unreachable, "\(title): \(error.description)")
        } catch {
            // Cancelled by the end of the time that delivering has.
            throw ForgeFailure(method == .get ? .unreachable : .unknown, "\(title): no time was left to ask it.")
        }
    }

    /// The JSON of an answer.
    func json(_ answer: HTTPAnswer) throws(ForgeFailure) -> JSONValue {
        do { return try JSONParser.value(of: answer.body) } catch {
            throw ForgeFailure(
                .malformed, "\(title) answered \(answer.url) with what is not JSON. Check the url: is that its API?")
        }
    }

    /// The refusal that an answer is.
    ///
    /// - Parameters:
    ///   - answer: An answer whose status is not 2xx.
    ///   - what: What was asked, in words.
    ///   - now: The instant now.
    /// - Returns: Why it refused, by kind.
    func refusal(_ answer: HTTPAnswer, _ what: String, at now: Instant) -> ForgeFailure {
        let said = said(answer)
        if let patience = patience(answer, at: now) {
            return ForgeFailure(
                .rateLimited, "\(title) asks for patience (\(answer.status)) before \(what). It is asked again later.",
                patience: patience)
        }
        switch answer.status {
        case 401:
            return ForgeFailure(
                .credentials, "\(title) refuses the token (401\(said)) for \(what). Give a token that is valid.")
        case 403:
            let needed = answer.headers["X-Accepted-GitHub-Permissions"].map { ", which needs \(shown($0))" } ?? ""
            return ForgeFailure(
                .permission,
                "\(title) does not let the token do this (403\(said)): \(what)\(needed). Give it the permission.")
        case 404:
            return ForgeFailure(
                .notFound,
                "\(title) knows nothing there (404) for \(what), or does not show it to this token."
                    + " Check the repository's name and the token's permissions.")
        case 300..<400:
            return ForgeFailure(
                .refused, "\(title) redirects (\(answer.status)) \(what). Configure the address that answers.")
        case 408, 425, 500...: return ForgeFailure(.unreachable, "\(title) failed (\(answer.status)) at \(what).")
        default: return ForgeFailure(.refused, "\(title) refuses (\(answer.status)\(said)) \(what).")
        }
    }

    /// What the forge said of its refusal, short and on one line.
    func said(_ answer: HTTPAnswer) -> String {
        guard let value = try? JSONParser.value(of: answer.body), let object = value.object else { return "" }
        var texts: [String] = []
        if case .string(let message)? = object["message"] { texts.append(message.text) }
        if case .array(let errors)? = object["errors"] {
            for case .object(let error) in errors {
                if case .string(let message)? = error["message"] { texts.append(message.text) }
            }
        }
        if case .string(let error)? = object["error"] { texts.append(error.text) }
        return texts.isEmpty ? "" : ": " + shown(texts.joined(separator: "; "))
    }

    /// A text of the forge's on one line, short and without the token, which is hidden first so that no half of it remains.
    private func shown(_ text: String) -> String {
        let hidden = token.value.isEmpty ? text : text.replacing(token.value, with: "\(token)")
        return clipped(oneLine(hidden), units: 300)
    }

    /// How long the forge asks to wait; nil where it does not, so that a 403 is one of permission.
    private func patience(_ answer: HTTPAnswer, at now: Instant) -> Seconds? {
        guard answer.status == 403 || answer.status == 429 else { return nil }
        if let seconds = answer.headers["Retry-After"].flatMap({ Int($0) }) { return min(max(seconds, 1), 3600) }
        if answer.headers["X-RateLimit-Remaining"] == "0" {
            let reset = answer.headers["X-RateLimit-Reset"].flatMap { Int($0) } ?? now.seconds + 60
            return min(max(reset - now.seconds, 1), 3600)
        }
        let isSecondary = said(answer).lowercased().contains("secondary rate limit")
        return answer.status == 429 || isSecondary ? 60 : nil
    }
}
