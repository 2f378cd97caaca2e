package import HotfixCore
package import HotfixHTTP

/// Calls the JSON API of a forge: one attempt each, every refusal by its kind.
package struct ForgeCaller: Sendable {
    /// The base of the API, without a slash at its end.
    package let url: String
    /// Who is asked, as people call it: `GitHub`.
    package let title: String
    /// Headers of every call.
    package let headers: [(name: String, value: String)]
    /// Who asks, where not by a header.
    package let credentials: HTTPCall.Credentials
    /// What no text may show.
    package let token: Secret
    /// Whom to trust.
    package let tls: HTTPTLS
    /// The client.
    package let client: HTTPClient

    /// Makes a caller.
    ///
    /// - Parameters:
    ///   - url: The base of the API, without a slash at its end.
    ///   - title: Who is asked, as people call it.
    ///   - headers: Headers of every call.
    ///   - credentials: Who asks, where not by a header.
    ///   - token: What no text may show.
    ///   - tls: Whom to trust.
    ///   - client: The client.
    package init(
        url: String, title: String, headers: [(name: String, value: String)], credentials: HTTPCall.Credentials,
        token: Secret, tls: HTTPTLS, client: HTTPClient
    ) {
        self.url = url
        self.title = title
        self.headers = headers
        self.credentials = credentials
        self.token = token
        self.tls = tls
        self.client = client
    }

    /// A request and its answer.
    package struct Exchange {
        /// The request.
        package var call: ReceiverCall
        /// The answer, whatever its status.
        package var answer: HTTPAnswer
        /// The forge's own words for a refusal: to be looked at, never to be shown.
        package var said: String
    }

    /// The address of a path below the base, its parts and the query encoded.
    package func address(_ path: [String], _ query: [(String, String)] = []) -> String {
        let whole = ([url] + path.map(percentEncoded)).joined(separator: "/")
        guard !query.isEmpty else { return whole }
        return whole + "?" + query.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&")
    }

    /// Makes a call.
    ///
    /// - Parameters:
    ///   - method: What is done.
    ///   - address: Where: below the base, since the token goes along.
    ///   - body: What is sent.
    ///   - extra: Further headers.
    /// - Returns: The exchange, whatever the status.
    /// - Throws: `ForgeFailure` where there was no answer.
    package func exchange(
        _ method: HTTPCall.Method, _ address: String, body: JSONValue? = nil,
        extra: [(name: String, value: String)] = []
    ) async throws(ForgeFailure) -> Exchange {
        var call = ReceiverCall(
            method, address, body.map { .json($0) }, headers: headers + extra, credentials: credentials, tls: tls,
            hiding: [token])
        // A page of a hundred comments is long.
        call.http.bodyLimit = 8 << 20
        do {
            let answer = try await client.send(call.http)
            return Exchange(call: call, answer: answer, said: words(answer))
        } catch let error as HTTPError {
            let isUnknown = method != .get && !error.isUnsent
            let code: ForgeFailure.Code =
                isUnknown ? .unknown : error.code == .redirectRefused ? .redirected : .unreachable
            throw ForgeFailure(code, "\(title): \(call.told(error))")
        } catch {
            // Cancelled by the end of the time that delivering has.
            throw ForgeFailure(method == .get ? .unreachable : .unknown, "\(title): no time was left to ask it.")
        }
    }

    /// The JSON of an answer.
    package func json(_ exchange: Exchange) throws(ForgeFailure) -> JSONValue {
        do { return try JSONParser.value(of: exchange.answer.body) } catch {
            throw ForgeFailure(
                .malformed,
                "\(title): \(exchange.call.receiver) answered with what is not JSON. Check the url: is that its API?")
        }
    }

    /// The answer, where it is one of 2xx.
    ///
    /// - Parameters:
    ///   - exchange: The exchange.
    ///   - what: What was asked, in words.
    ///   - now: The instant now.
    /// - Returns: The exchange.
    /// - Throws: `ForgeFailure`: the refusal that the answer is.
    package func accepted(_ exchange: Exchange, _ what: String, at now: Instant) throws(ForgeFailure) -> Exchange {
        let answer = exchange.answer
        let shown = exchange.call.shown(answer)
        let isChange = exchange.call.http.method != .get
        if let failure = impatience(exchange, what, shown, at: now) { throw failure }
        switch answer.status {
        case 200..<300: return exchange
        case 300..<400:
            throw ForgeFailure(
                .redirected, "\(title): \(shown) for \(what). It redirects; configure the name and address it has now.")
        case 401: throw ForgeFailure(.credentials, "\(title): \(shown) for \(what). Give a token that is valid.")
        case 403:
            let needed = answer.headers["X-Accepted-GitHub-Permissions"].map {
                " It needs \(clipped(oneLine(exchange.call.hidden($0)), units: 200))."
            }
            throw ForgeFailure(
                .permission,
                "\(title): \(shown) for \(what).\(needed ?? "") Give the token the permission, or another token.")
        case 404:
            throw ForgeFailure(
                .notFound,
                "\(title): \(shown) for \(what). It is not there, or not shown to this token: check the repository's"
                    + " name and the token's permissions.")
        case 408, 425, 500...:
            throw ForgeFailure(isChange ? .unknown : .unreachable, "\(title): \(shown) for \(what).")
        case 422 where exchange.said.contains("No commit found for SHA"):
            throw ForgeFailure(.commitGone, "\(title): \(shown) for \(what).")
        case 422 where exchange.said.contains("reached the maximum number of statuses"):
            throw ForgeFailure(.exhausted, "\(title): \(shown) for \(what). Use hotfix gate in its place.")
        default: throw ForgeFailure(.refused, "\(title): \(shown) for \(what).")
        }
    }

    /// A refusal that asks for patience; nil where the answer does not, so that a 403 is one of permission.
    private func impatience(
        _ exchange: Exchange, _ what: String, _ shown: String, at now: Instant
    ) -> ForgeFailure? {
        let answer = exchange.answer
        guard [403, 429, 503].contains(answer.status) else { return nil }
        func failure(_ seconds: Seconds?) -> ForgeFailure {
            ForgeFailure(
                .rateLimited, "\(title): \(shown) for \(what). It asks for patience.",
                patience: seconds.map { min(max($0, 1), 3600) })
        }
        if let wait = answer.askedWait { return failure(Int((wait / .seconds(1)).rounded(.up))) }
        if answer.headers["X-RateLimit-Remaining"] == "0" {
            return failure(answer.headers["X-RateLimit-Reset"].flatMap { Int($0) }.map { $0 - now.seconds })
        }
        let isSecondary = exchange.said.lowercased().contains("secondary rate limit")
        return answer.status == 429 || isSecondary ? failure(nil) : nil
    }

    private func words(_ answer: HTTPAnswer) -> String {
        guard answer.status >= 400, let object = (try? JSONParser.value(of: answer.body))?.object else { return "" }
        var texts: [String] = []
        func add(_ value: JSONValue?) { if case .string(let text)? = value { texts.append(text.text) } }
        add(object["message"])
        add(object["error"])
        if case .array(let errors)? = object["errors"] {
            for case .object(let error) in errors { add(error["message"]) }
        }
        return texts.joined(separator: "; ")
    }
}
