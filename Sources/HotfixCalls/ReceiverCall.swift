import Foundation
package import HotfixCore
package import HotfixHTTP

/// One request to a receiver, made once: whoever keeps the deliveries decides whether there is another.
///
/// What it says of a failure names no more of the address than scheme, host and port, since the address may be the secret.
package struct ReceiverCall: Sendable, Undisclosed {
    /// What is sent.
    package enum Body: Sendable {
        /// JSON on one line, as `application/json; charset=utf-8`.
        case json(JSONValue)
        /// Bytes, with their content type.
        case bytes([UInt8], type: String)
    }

    /// The request: one attempt of at most 15 s, of which connecting takes 10 s at most; only a GET is redirected.
    package var http: HTTPCall
    /// What no reason may show; parts of the address need not be named.
    package var secrets: [Secret]
    /// How many seconds the receiver is left alone after too many requests where it does not say how long.
    package var rest: Seconds?

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - method: What it does.
    ///   - url: The address, http or https.
    ///   - body: What is sent.
    ///   - headers: Headers beside the content type.
    ///   - credentials: Who asks.
    ///   - tls: Whom to trust.
    ///   - secrets: What the receiver might repeat and no reason may show.
    package init(
        _ method: HTTPCall.Method = .post, _ url: String, _ body: Body? = nil,
        headers: [(name: String, value: String)] = [], credentials: HTTPCall.Credentials = .none,
        tls: HTTPTLS = .init(),
        hiding secrets: [Secret] = []
    ) {
        http = HTTPCall(
            method, url, headers: headers, credentials: credentials, tls: tls, deadline: .seconds(15),
            connectDeadline: .seconds(10), bodyLimit: 1 << 20, retry: .none)
        switch body {
        case .json(let value):
            http.body = Array(value.line.utf8)
            http.headers.append((name: "Content-Type", value: "application/json; charset=utf-8"))
        case .bytes(let bytes, let type):
            http.body = bytes
            http.headers.append((name: "Content-Type", value: type))
        case nil: break
        }
        self.secrets = secrets
    }

    /// The address of a path at a base address, with one slash between them.
    package static func address(_ base: String, _ path: String) -> String {
        let trimmed = base.reversed().drop { $0 == "/" }.reversed()
        return String(trimmed) + "/" + path.drop { $0 == "/" }
    }

    /// The scheme, host and port that it goes to.
    package var receiver: String { shownOrigin(of: http.url) ?? "an invalid address" }

    /// The method and the receiver.
    package var description: String { "\(http.method.rawValue) \(receiver)" }

    /// Makes the request.
    ///
    /// - Returns: An answer that the receiver's own rules have to judge.
    /// - Throws: What came of it where that is the same for every receiver: no answer, or one of 3xx, 407, 408, 425, 429, 5xx.
    package func send(through client: HTTPClient) async throws(ReceiverFailure) -> HTTPAnswer {
        let answer: HTTPAnswer
        do {
            answer = try await client.send(http)
        } catch let error as HTTPError {
            throw ReceiverFailure(error, words: words(error), receiver: receiver)
        } catch {
            throw ReceiverFailure(
                .unknown(reason: "\(receiver): the attempt was given up before the answer, since its time was over."),
                code: .timeout)
        }
        if let failure = failure(answer) { throw failure }
        return answer
    }

    /// Makes the request, and says what came of it.
    ///
    /// - Parameters:
    ///   - client: Who makes it.
    ///   - judge: What an answer means that is not judged alike for every receiver.
    /// - Returns: What came of it.
    package func outcome(through client: HTTPClient, judge: (HTTPAnswer) -> DeliveryOutcome) async -> DeliveryOutcome {
        do {
            return judge(try await send(through: client))
        } catch {
            return error.outcome
        }
    }

    /// What an answer says, to be shown: its status and the beginning of its body, at most 300 bytes of it on one line and without secrets.
    package func shown(_ answer: HTTPAnswer) -> String {
        // Hidden before it is cut, so that no half of a secret remains.
        let body = hidden(String(decoding: answer.body.prefix(8192), as: UTF8.self))
        let line = clipped(
            oneLine(body.split(whereSeparator: \.isWhitespace).joined(separator: " ")), bytes: 300)
        return "\(receiver) answered \(answer.status)\(line.isEmpty ? "" : ": \(line)")"
    }

    private func failure(_ answer: HTTPAnswer) -> ReceiverFailure? {
        let said = shown(answer)
        let wait = answer.askedWait.map { max(1, Int($0.components.seconds) + ($0.components.attoseconds > 0 ? 1 : 0)) }
        switch answer.status {
        case 429:
            return ReceiverFailure(
                .retry(after: wait ?? rest, reason: "\(said). Too many requests."), code: .rateLimited)
        case 408, 425, 500...:
            return ReceiverFailure(.retry(after: wait, reason: "\(said)."), code: .serverFailed)
        case 300..<400:
            return ReceiverFailure(
                .misconfigured(
                    reason: "\(said). It redirects, which is not followed.",
                    remedy: "Configure the address that answers by itself."), code: .redirect)
        case 407:
            return ReceiverFailure(
                .misconfigured(
                    reason: "\(said). A proxy wants credentials.", remedy: "Give the proxy its credentials."),
                code: .credentialsRefused)
        default: return nil
        }
    }

    /// Why there was no answer, without secrets: who was asked, and the error's words without the address.
    func told(_ error: HTTPError) -> String { "\(receiver): \(words(error))" }

    /// The error's words without the address.
    private func words(_ error: HTTPError) -> String {
        let whole = "\(error)"
        let subject = "\(http): "
        return hidden(whole.hasPrefix(subject) ? String(whole.dropFirst(subject.count)) : whole)
    }

    /// What proves who asks, as it stands in the request.
    private var proofs: [String] {
        switch http.credentials {
        case .none: []
        case .bearer(let token): [token]
        case .basic(let user, let password):
            [password, Data("\(user):\(password)".utf8).base64EncodedString()]
        }
    }

    /// A text without the secrets and without the parts of the address that may be one.
    func hidden(_ text: String) -> String {
        let path = http.url.split(separator: "://", maxSplits: 1).last?.split(separator: "/").dropFirst() ?? []
        let parts = path.flatMap { $0.split(whereSeparator: { "?&=#".contains($0) }) }.filter { $0.utf8.count > 8 }
        let all = [http.url] + secrets.map(\.value) + proofs + parts.map(String.init)
        return all.filter { $0.utf8.count >= 4 }.sorted { $0.utf8.count > $1.utf8.count }
            .reduce(text) { $0.replacing($1, with: "\(Secret($1))") }
    }
}

/// What came of a request that the receiver's own rules have no say in.
package struct ReceiverFailure: Error, Sendable, Hashable {
    /// What came of it.
    package var outcome: DeliveryOutcome
    /// What an examination calls it.
    package var code: FindingCode

    /// Makes a failure.
    package init(_ outcome: DeliveryOutcome, code: FindingCode) {
        self.outcome = outcome
        self.code = code
    }

    /// Judges why there was no answer.
    ///
    /// - Parameters:
    ///   - error: Why.
    ///   - words: The same in words that name no address.
    ///   - receiver: Who was asked.
    init(_ error: HTTPError, words: String, receiver: String) {
        let reason = "\(receiver): \(words)"
        code =
            switch error.code {
            case .resolve: .unresolvedName
            case .tls: .tls
            case .timedOut: .timeout
            case .invalidURL, .invalidHeader: .notTheAPI
            case .redirectRefused: .redirect
            case .tooLarge, .truncated, .protocolError: .malformedAnswer
            case .rateLimited: .rateLimited
            case .unreachable, .cancelled, .resources: .noConnection
            }
        switch error.code {
        case .tls where !error.isTransient:
            // Whoever refuses the handshake, also after it with TLS 1.3, has read nothing of the request.
            outcome = .misconfigured(
                reason: reason, remedy: "Mend the certificate, its name or its authorities, here or at the receiver.")
        case .cancelled, .resources:
            outcome = error.isUnsent ? .retry(after: nil, reason: reason) : .unknown(reason: reason)
        default:
            guard error.isUnsent else {
                outcome = .unknown(reason: reason)
                return
            }
            outcome =
                error.isTransient || error.code == .resolve
                ? .retry(after: nil, reason: reason)
                : .misconfigured(reason: reason, remedy: "Correct the channel's address and headers, and the proxy.")
        }
    }

    /// What an examination finds.
    ///
    /// - Parameter subject: What was examined.
    /// - Returns: A problem.
    package func finding(about subject: Finding.Subject) -> Finding {
        switch outcome {
        case .misconfigured(let reason, let remedy), .misaddressed(let reason, let remedy):
            Finding(.problem, code, subject, reason, remedy: remedy)
        case .retry(_, let reason), .unknown(let reason), .refused(let reason):
            Finding(
                .problem, code, subject, reason,
                remedy: "See that the receiver runs and can be reached from here; deliveries are tried again.")
        case .delivered: Finding(.note, code, subject, "It took what was sent.", remedy: "Nothing has to be done.")
        }
    }
}
