package import HotfixCore
package import HotfixHTTP

extension HTTPClient {
    /// Makes a source's call; an answer is returned whatever its status.
    ///
    /// - Throws: What kept the source from answering, a cancelled task included.
    package func send(_ call: HTTPCall, source: String) async throws(SourceError) -> HTTPAnswer {
        do {
            return try await send(call)
        } catch let error as HTTPError {
            throw SourceError(error, source: source)
        } catch {
            throw SourceError(
                .unreachable,
                "\(source): \(call) was given up because the program is stopping. The next check asks again."
            )
        }
    }
}

/// Reads the source's clock from an answer.
///
/// - Returns: The answer's Date, nil where it has none.
/// - Throws: ``SourceError/Code/clock`` where the Date lies more than 60 s before the call was sent, or more than 60 s
///   after the answer's head arrived.
package func checkedClock(_ answer: HTTPAnswer, source: String) throws(SourceError) -> Instant? {
    guard let date = answer.date, let difference = clockDifference(answer) else { return nil }
    guard abs(difference) > 60 else { return Instant(Int(date)) }
    throw SourceError(
        .clock,
        "\(source): the clock of \(answer.url) says \(Instant(Int(date))), \(shortNumber(abs(difference).rounded())) s"
            + " \(difference < 0 ? "behind" : "ahead of") the clock here; more than 60 s make windows uncertain."
            + " Synchronise both clocks (NTP); if a cache answers in its place, ask the source itself."
    )
}

/// How far the clock of an answer is from the one here, in seconds.
///
/// - Returns: Negative where it is behind even when the call was sent, positive where it is ahead even when the head
///   arrived, 0 between; nil where the answer has no Date.
func clockDifference(_ answer: HTTPAnswer) -> Double? {
    answer.date.map { date in
        let late = answer.sentAt - Double(date)
        let early = Double(date) - answer.headArrivedAt
        return late > 0 ? -late : max(early, 0)
    }
}

extension SourceError {
    /// What a failed call means to whoever asked the source.
    package init(_ error: HTTPError, source: String) {
        let code: Code =
            switch error.code {
            case .timedOut: .timedOut
            case .tooLarge, .truncated: .partial
            case .protocolError: .malformed
            case .rateLimited: .rateLimited
            case .invalidURL, .invalidHeader, .redirectRefused: .refused
            case .resolve, .unreachable, .tls, .cancelled, .resources: .unreachable
            }
        self.init(code, "\(source): \(error)")
    }

    /// What a status other than success means, where the source's own protocol does not say more.
    ///
    /// - Parameters:
    ///   - answer: The answer; its status is not 2xx.
    ///   - source: The name of the source in the configuration.
    ///   - secrets: What the server might repeat in its body and the message must not.
    package init(status answer: HTTPAnswer, source: String, hiding secrets: [Secret] = []) {
        let (code, advice): (Code, String) =
            switch answer.status {
            case 300..<400:
                (.refused, "It redirects, as a login page does; configure the address that answers by itself.")
            case 401: (.credentials, "Check the credentials of this source.")
            case 403: (.credentials, "The credentials lack a right; give them read access.")
            case 404, 405: (.refused, "Nothing answers there; check the url of this source, its path included.")
            case 407: (.credentials, "A proxy wants credentials; configure the proxy.")
            case 408: (.timedOut, "The next check asks again.")
            case 429: (.rateLimited, "Too many requests; the next check asks again. Ask less often or raise the limit.")
            case 500...: (.failed, "The server or a proxy before it failed; the next check asks again.")
            default: (.refused, "The server refuses the request; check the url and the options of this source.")
            }
        let body = readableHead(of: answer.body, hiding: secrets)
        self.init(
            code,
            "\(source): \(answer.url) answered \(answer.status)\(body.isEmpty ? "" : ": \(body)"). \(advice)"
        )
    }
}

/// The first bytes of a body on one line, 200 by default: control characters and what is not UTF-8 are made visible.
package func readableHead(
    of body: some Collection<UInt8>, hiding secrets: [Secret] = [], limit: Int = 200
) -> String {
    // Hidden before it is cut, so that no half of a secret remains.
    var text = String(decoding: body.prefix(4096), as: UTF8.self)
    for secret in secrets where secret.value.utf8.count >= 4 { text = text.replacing(secret.value, with: "\(secret)") }
    var shown = ""
    for scalar in text.unicodeScalars {
        let piece: String
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            piece = scalar == "\n" || scalar == "\r" || scalar == "\t" ? " " : scalar.escaped(asASCII: true)
        default: piece = String(scalar)
        }
        if shown.utf8.count + piece.utf8.count > limit { return shown + "…" }
        shown += piece
    }
    while shown.last == " " { shown.removeLast() }
    return shown
}
