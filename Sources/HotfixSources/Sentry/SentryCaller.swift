import FoundationEssentials
import HotfixCore
import HotfixHTTP
import Synchronization

/// Sends a source's calls and reads the answers.
struct SentryCaller: Sendable {
    let source: String
    let token: Secret
    let headers: [SentrySource.Header]
    let client: HTTPClient
    let tls: HTTPTLS
    let timeout: Duration
    let retry: HTTPRetry
    let notices: SentryNotices

    /// The decoded body of an answer, and the clock that came with it.
    struct Reply<Body: Sendable>: Sendable {
        var body: Body
        /// Sentry's clock, nil where it sent none.
        var date: Instant?
        /// Sentry's clock, else the one here.
        var now: Instant
        /// The `Link` header.
        var link: String?
    }

    /// The call that asks for a resource.
    func call(_ address: SentryAddress) -> HTTPCall {
        HTTPCall(
            .get, address.url, headers: [("Accept", "application/json")] + headers.map { ($0.name, $0.value.value) },
            credentials: .bearer(token.value), tls: tls, deadline: timeout, retry: retry
        )
    }

    /// Asks for a resource.
    ///
    /// - Parameters:
    ///   - address: Which.
    ///   - subject: What it is about, for messages.
    ///   - type: What the body holds.
    /// - Returns: The body and the clock that came with it.
    /// - Throws: Why there is nothing that may be used; no part of a failed answer is kept.
    func get<Body: Decodable & Sendable>(_ address: SentryAddress, about subject: String, as type: Body.Type)
        async throws(SentryFailure) -> Reply<Body>
    {
        let subject = "\(source): \(subject)"
        let call = call(address)
        let answer: HTTPAnswer
        let date: Instant?
        do throws(SourceError) {
            answer = try await client.send(call, source: source)
            date = try checkedClock(answer, source: source)
        } catch {
            throw SentryFailure(error)
        }
        notices.note(deprecationOf: address, in: answer, source: source)
        guard (200..<300).contains(answer.status) else {
            throw SentryFailure(answer, asking: subject, token: token, hiding: headers.map(\.value))
        }
        guard !isHTML(answer) else {
            throw SentryFailure(
                SourceError(
                    .malformed,
                    "\(subject): a web page came in place of JSON, from a login or a proxy before Sentry."
                        + " Check the `url` of the source."
                )
            )
        }
        do {
            let body = try JSONDecoder().decode(type, from: Data(answer.body))
            let now = date ?? Instant(Int(answer.headArrivedAt))
            return Reply(body: body, date: date, now: now, link: answer.headers["Link"])
        } catch {
            throw SentryFailure(malformed("\(subject): the answer cannot be read, \(brief(error))"))
        }
    }

    /// Asks for all pages of a list, oldest page first.
    func pages<Item: Decodable & Sendable>(_ address: SentryAddress, about subject: String, of type: Item.Type)
        async throws(SentryFailure) -> [Item]
    {
        var items: [Item] = []
        var cursors: Set<String> = []
        var address = address
        let query = address.query
        while true {
            let reply = try await get(address, about: subject, as: [Item].self)
            items += reply.body
            guard let cursor = reply.link.flatMap(nextCursor(inLink:)) else { return items }
            guard cursors.insert(cursor).inserted else {
                throw SentryFailure(malformed("\(source): \(subject): the pages of the list go round in a circle"))
            }
            // The header's own address repeats a host that need not be ours.
            address.query = query + [.init("cursor", cursor)]
        }
    }

    private func brief(_ error: any Error) -> String {
        switch error {
        case DecodingError.dataCorrupted(let context): "it is not JSON: \(place(context.codingPath))"
        case DecodingError.keyNotFound(let key, let context):
            "`\(key.stringValue)` is missing in \(place(context.codingPath))"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\(place(context.codingPath)) has another type than Sentry documents"
        default: "\(error)"
        }
    }

    private func place(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "the answer" : "`" + path.map(\.stringValue).joined(separator: ".") + "`"
    }
}

/// An error about an answer that is not what Sentry documents.
func malformed(_ what: String) -> SourceError {
    SourceError(
        .malformed,
        "\(what). The next check asks again; if it stays, compare the version of Sentry with the supported ones."
    )
}

/// The cursor of the next page in a `Link` header, nil on the last page.
///
/// Both relations always come, and the one before the first page says `results="false"` too: only `next` counts.
func nextCursor(inLink header: String) -> String? {
    for part in header.split(separator: ",") {
        let fields = part.split(separator: ";").dropFirst().map { field in
            field.split(separator: "=", maxSplits: 1).map { piece in
                String(piece.drop { $0 == " " || $0 == "\"" }.prefix { $0 != "\"" })
            }
        }
        func value(_ name: String) -> String? { fields.first { $0.first == name && $0.count == 2 }?[1] }
        if value("rel") == "next", value("results") == "true" { return value("cursor") }
    }
    return nil
}

/// Tells once of each endpoint that Sentry is about to remove it.
final class SentryNotices: Sendable {
    private let told = Mutex<Set<String>>([])
    private let onNotice: @Sendable (String) -> Void

    init(_ onNotice: @escaping @Sendable (String) -> Void) {
        self.onNotice = onNotice
    }

    func note(deprecationOf address: SentryAddress, in answer: HTTPAnswer, source: String) {
        guard let date = answer.headers["X-Sentry-Deprecation-Date"] else { return }
        var resource = address
        resource.query = []
        let replacement = answer.headers["X-Sentry-Replacement-Endpoint"].map { " in favour of \($0)" } ?? ""
        let text =
            "\(source): Sentry removes \(resource.readable) on \(date)\(replacement). Look for a newer hotfix before then."
        if told.withLock({ $0.insert(text).inserted }) { onNotice(text) }
    }
}
