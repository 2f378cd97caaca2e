package import HotfixCore
package import HotfixHTTP

/// The REST API of GitHub, or of a GitHub Enterprise Server, for one repository.
///
/// Contract: docs.github.com/rest, API version 2022-11-28. Every call is one attempt; errors are `ForgeFailure`.
package struct GitHubAPI: Sendable {
    /// The repository: `owner/name`.
    package let repository: String
    private let caller: ForgeCaller

    /// Makes an API.
    ///
    /// - Parameters:
    ///   - url: The base: `https://api.github.com`, or `https://HOST/api/v3` of an enterprise server.
    ///   - repository: `owner/name`.
    ///   - token: A token; what it must be allowed depends on the calls.
    ///   - tls: Whom to trust.
    ///   - client: The client.
    package init(
        url: String = "https://api.github.com", repository: String, token: Secret, tls: HTTPTLS = .init(),
        client: HTTPClient
    ) {
        self.repository = repository
        caller = ForgeCaller(
            url: url.hasSuffix("/") ? String(url.dropLast()) : url, title: "GitHub",
            headers: [(name: "Accept", value: "application/vnd.github+json")], credentials: .bearer(token.value),
            token: token, tls: tls, client: client)
    }

    /// The account that the repository belongs to.
    package var owner: String { String(repository.prefix { $0 != "/" }) }

    /// Asks for one thing below the repository; an empty path asks for the repository itself.
    package func get(
        _ path: [String], query: [(String, String)] = [], what: String, at now: Instant
    ) async throws(ForgeFailure) -> JSONValue {
        try caller.json(try await accepted(.get, path, query: query, what: what, at: now))
    }

    /// Asks for a list below the repository, all of its pages.
    ///
    /// - Parameters:
    ///   - path: The parts of the path.
    ///   - query: The query.
    ///   - key: The key that each page has its elements under; nil where a page is the list itself.
    ///   - what: What is asked for, in words.
    ///   - most: After so many pages of 100 it is enough.
    ///   - now: The instant now.
    /// - Returns: The elements.
    /// - Throws: `ForgeFailure`.
    package func list(
        _ path: [String], query: [(String, String)] = [], under key: JSONString? = nil, what: String, most: Int = 20,
        at now: Instant
    ) async throws(ForgeFailure) -> [JSONValue] {
        var page = try await accepted(.get, path, query: query + [("per_page", "100")], what: what, at: now)
        var elements: [JSONValue] = []
        for number in 1... {
            let content = try caller.json(page)
            guard case .array(let some)? = key.map({ content.object?[$0] }) ?? content else {
                throw ForgeFailure(.malformed, "GitHub answered with what is no list for \(what). Check the url.")
            }
            elements += some
            guard number < most, let next = nextPage(page.answer) else { break }
            page = try caller.accepted(try await caller.exchange(.get, next, extra: version), what, at: now)
        }
        return elements
    }

    /// Changes something below the repository.
    ///
    /// - Returns: What GitHub answered; null where that was nothing.
    package func send(
        _ method: HTTPCall.Method, _ path: [String], body: JSONValue?, what: String, at now: Instant
    ) async throws(ForgeFailure) -> JSONValue {
        let exchange = try await accepted(method, path, body: body, what: what, at: now)
        return exchange.answer.body.isEmpty ? .null : try caller.json(exchange)
    }

    private func accepted(
        _ method: HTTPCall.Method, _ path: [String], query: [(String, String)] = [], body: JSONValue? = nil,
        what: String, at now: Instant
    ) async throws(ForgeFailure) -> ForgeCaller.Exchange {
        let path = ["repos"] + repository.split(separator: "/").map(String.init) + path
        let address = caller.address(path, query)
        var exchange = try await caller.exchange(method, address, body: body, extra: version)
        // An older enterprise server may not know the version of the API; nothing was done then.
        if exchange.answer.status == 400, exchange.said.lowercased().contains("version") {
            exchange = try await caller.exchange(method, address, body: body)
        }
        return try caller.accepted(exchange, what, at: now)
    }

    /// The address of the next page, from the `Link` header; only one at the same server, since the token goes there.
    private func nextPage(_ answer: HTTPAnswer) -> String? {
        for link in (answer.headers["Link"] ?? "").split(separator: ",") where link.contains(#"rel="next""#) {
            guard let start = link.firstIndex(of: "<"), let end = link.firstIndex(of: ">"), start < end else {
                continue
            }
            let address = String(link[link.index(after: start)..<end])
            return address.hasPrefix(caller.url + "/") ? address : nil
        }
        return nil
    }

    private var version: [(name: String, value: String)] { [(name: "X-GitHub-Api-Version", value: "2022-11-28")] }
}
