import FoundationEssentials
import HotfixCore
import HotfixHTTP

/// Why a call to Sentry gave nothing that can be read.
struct SentryFailure: Error {
    /// What the caller can do about it.
    enum Kind {
        /// Nothing.
        case final
        /// The query took too long: a shorter range may not.
        case queryTimeout
        /// The whole range is older than what Sentry keeps.
        case outsideRetention
        /// This server has no such endpoint, or no longer: an older one may do.
        case noEndpoint
    }

    var kind: Kind = .final
    var error: SourceError

    init(_ error: SourceError, _ kind: Kind = .final) {
        self.error = error
        self.kind = kind
    }
}

extension SentryFailure {
    /// What an answer without success means.
    ///
    /// - Parameters:
    ///   - answer: The answer; its status is not 2xx.
    ///   - subject: What was asked for, for people.
    ///   - token: The credentials of the call, which the message must not hold.
    init(_ answer: HTTPAnswer, asking subject: String, token: Secret) {
        let said = Said(answer, hiding: token)
        let what = "\(subject): Sentry answered \(answer.status)\(said.quoted)."
        switch answer.status {
        case 400: self.init(badRequest: said, what)
        case 401, 403: self.init(credentials: said, what, token: token)
        case 404: self.init(notFound: said, what)
        case 408: self.init(SourceError(.timedOut, "\(what) The next check asks again."))
        case 410:
            let replacement = answer.headers["X-Sentry-Replacement-Endpoint"]
            let advice = replacement.map { "Sentry names \($0) in its place; a newer hotfix may ask that." }
            self.init(
                SourceError(.failed, "\(what) The endpoint is being removed. \(advice ?? "Look for a newer hotfix.")"),
                .noEndpoint
            )
        case 429:
            self.init(
                SourceError(
                    .rateLimited,
                    "\(what) Its limit on requests is reached; the next check asks again."
                        + " Give hotfix a token of its own where others use this one."
                )
            )
        case 500...:
            self.init(
                SourceError(.failed, "\(what) It failed by itself; the next check asks again. See status.sentry.io."))
        default: self.init(SourceError(.refused, "\(what) Check the `url` of the source."))
        }
    }

    private init(badRequest said: Said, _ what: String) {
        let text = said.text.lowercased()
        if text.contains("timeout") || text.contains("timed out") {
            self.init(
                SourceError(.timedOut, "\(what) Its database is overloaded; the next check asks again."), .queryTimeout
            )
        } else if text.contains("more recent date range") || text.contains("outside your retention") {
            self.init(
                SourceError(.refused, "\(what) The range is older than what Sentry keeps; ask for a newer one."),
                .outsideRetention
            )
        } else {
            self.init(SourceError(.refused, "\(what) Sentry refuses the query; check project, window and measure."))
        }
    }

    private init(credentials said: Said, _ what: String, token: Secret) {
        let advice =
            if token.value.hasPrefix("sntrys_") {
                "The token is an organization token (sntrys_), which Sentry refuses for all data. Create one in"
                    + " Settings > Custom Integrations with the scopes org:read and project:read."
            } else {
                "The token must be valid and have the scopes org:read and project:read, and the project must exist"
                    + " and be the token's to see."
            }
        self.init(SourceError(.credentials, "\(what) \(advice)"))
    }

    private init(notFound said: Said, _ what: String) {
        if said.text.isEmpty {
            self.init(
                SourceError(
                    .failed,
                    "\(what) This server has no such endpoint. Check the `url` of the source, or update a Sentry of your own."
                ),
                .noEndpoint
            )
        } else if said.isSentrys {
            self.init(
                SourceError(
                    .unknownSubject,
                    "\(what) Check the names, and that `url` is the region's where the organization lives"
                        + " (https://us.sentry.io, https://de.sentry.io)."
                )
            )
        } else {
            self.init(SourceError(.failed, "\(what) That is not Sentry's API; check the `url` of the source."))
        }
    }
}

/// What Sentry says in the body of an error.
private struct Said {
    /// The words, without the token, at most 200 bytes; empty where the body is.
    var text: String
    /// Whether the body has one of Sentry's forms.
    var isSentrys: Bool

    var quoted: String { text.isEmpty ? "" : ": \(text)" }

    init(_ answer: HTTPAnswer, hiding token: Secret) {
        if isHTML(answer) {
            text = "an HTML page"
            isSentrys = false
            return
        }
        let words = try? JSONDecoder().decode(SentryErrorBody.self, from: Data(answer.body)).text
        isSentrys = words != nil
        text = readableHead(of: words.map { Array($0.utf8) } ?? answer.body, hiding: [token])
    }
}

/// Whether an answer is a web page, as logins, proxies and crashed servers send it.
func isHTML(_ answer: HTTPAnswer) -> Bool {
    let first = answer.body.first { !" \t\r\n".utf8.contains($0) }
    return first == UInt8(ascii: "<")
}
