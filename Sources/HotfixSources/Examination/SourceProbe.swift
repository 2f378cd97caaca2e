import HotfixCore
import HotfixHTTP

/// The first question to a source, whose answer tells what stands in the way.
struct SourceProbe: Sendable {
    /// Above this many seconds a difference of clocks is told.
    static let tellableDifference = 30.0

    /// The source's name in the configuration.
    let source: String
    let client: HTTPClient

    var subject: Finding.Subject { .source(source) }

    /// Makes a call once.
    ///
    /// - Returns: The answer, whatever its status; or what kept it from coming.
    func send(_ call: HTTPCall) async -> Result<HTTPAnswer, Examined> {
        do {
            return .success(try await client.send(call))
        } catch let error as HTTPError {
            return .failure(Examined(finding: finding(error, asking: call)))
        } catch {
            return .failure(
                Examined(
                    finding: Finding(
                        .problem, .noConnection, subject, "\(call) was given up because the program is stopping.",
                        remedy: "Run hotfix doctor again.")))
        }
    }

    /// A finding that ends an examination.
    struct Examined: Error {
        var finding: Finding
    }

    /// What the clock of an answer says; nil where it agrees with the one here, or is not told.
    func clock(_ answer: HTTPAnswer) -> Finding? {
        guard let difference = clockDifference(answer), abs(difference) > Self.tellableDifference else { return nil }
        let isTooMuch = abs(difference) > 60
        let side = difference > 0 ? "ahead of" : "behind"
        return Finding(
            isTooMuch ? .problem : .warning, .clockDifference, subject,
            "Its clock is \(shortNumber(abs(difference).rounded())) s \(side) the clock here; more than 60 s, and no answer of"
                + " it may be used.",
            remedy: "Synchronise both clocks (NTP). If a cache answers in its place, ask the source itself.")
    }

    /// What an answer without success, or a web page, says whatever the source's protocol.
    ///
    /// - Parameters:
    ///   - answer: The answer.
    ///   - urlAdvice: What the address of this kind of source should be.
    ///   - secrets: What the server might repeat and the finding must not.
    /// - Returns: nil for an answer with success that is no page.
    func failure(_ answer: HTTPAnswer, urlAdvice: String, hiding secrets: [Secret]) -> Finding? {
        let isPage = isHTML(answer)
        let body = isPage ? "a web page" : readableHead(of: answer.body, hiding: secrets)
        let answered = "\(answer.url) answered \(answer.status)\(body.isEmpty ? "" : ": \(body)")"
        func problem(_ code: FindingCode, _ what: String, _ remedy: String) -> Finding {
            Finding(.problem, code, subject, what, remedy: remedy)
        }
        switch answer.status {
        case 200..<300:
            guard isPage else { return nil }
            return problem(
                .notTheAPI, "\(answer.url) answered with a web page: a login, or a proxy before the source.",
                "\(urlAdvice) If a login stands before it, let hotfix pass with credentials or `headers`.")
        case 300..<400:
            let place = answer.headers["Location"].map { " to \(hostAlone($0))" } ?? ""
            return problem(
                .redirect,
                "\(answer.url) answered \(answer.status): it redirects\(place), as a login or a moved server does.",
                "Configure as `url` the address that answers by itself. \(urlAdvice)")
        case 407:
            return problem(
                .credentialsRefused, "\(answered). That is the proxy's, not the source's.",
                "Give the proxy's credentials in $https_proxy or $http_proxy, or except the host in $no_proxy.")
        case 408: return problem(.timeout, "\(answered).", "See to the load of the source, or raise its `timeout`.")
        case 429:
            return problem(
                .rateLimited, "\(answered).",
                "Give hotfix credentials of its own, or raise the limit on requests of those that it has.")
        case 404, 405: return problem(.notTheAPI, "\(answered).", urlAdvice)
        case 500...:
            return problem(
                .serverFailed, "\(answered).", "Look in the log of the source and of the proxies before it.")
        default: return problem(.notTheAPI, "\(answered).", urlAdvice)
        }
    }

    private func finding(_ error: HTTPError, asking call: HTTPCall) -> Finding {
        let cause = error.cause.map { " (\($0))" } ?? ""
        let (code, what, remedy): (FindingCode, String, String) =
            switch error.code {
            case .resolve:
                (
                    .unresolvedName, "the name cannot be resolved",
                    "Correct the host in `url`, or see to the resolver or the proxy of this machine."
                )
            case .unreachable:
                (
                    .noConnection, "there is no connection",
                    "See that the server runs, that host and port in `url` are right, and that no firewall is between."
                )
            case .tls:
                (
                    .tls, "TLS failed",
                    "See that the port speaks TLS, that the certificate bears this name and is valid, and give a private"
                        + " authority as `tls: {ca_file: …}`, a wanted client's certificate as `certificate_file`."
                )
            case .timedOut:
                (
                    .timeout, "there was no answer in time",
                    "See to the load of the source and the network between, or raise the source's `timeout`."
                )
            case .redirectRefused:
                (
                    .redirect, "it redirects to where no one follows",
                    "Configure as `url` the address that answers by itself."
                )
            case .truncated, .tooLarge, .protocolError:
                (
                    .malformedAnswer, "what came back is no whole HTTP answer",
                    "See what listens at that address, and what stands between."
                )
            case .invalidURL, .invalidHeader:
                (.notTheAPI, "it cannot be asked: \(error.message)", "Correct `url` or `headers` of the source.")
            case .rateLimited, .cancelled, .resources:
                (.noConnection, "it could not be asked: \(error.message)", "Run hotfix doctor again.")
            }
        return Finding(.problem, code, subject, "\(call): \(what)\(cause).", remedy: remedy)
    }
}

/// Scheme and host of an address: the rest may hold secrets.
private func hostAlone(_ url: String) -> String {
    guard url.contains("://") else { return "another path" }
    return withoutUser(url).split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3)
        .joined(separator: "/")
}
