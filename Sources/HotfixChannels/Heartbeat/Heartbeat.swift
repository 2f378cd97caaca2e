import HotfixCalls
package import HotfixCore
package import HotfixHTTP

/// Tells a dead man's switch, as healthchecks.io has it, that the agent lives and how its checks went.
///
/// Of all that watches, only this tells people that the agent itself is gone: it is pinged at the end of a whole check, never
/// from a clock. A ping that is lost is told and never stops a check.
package struct Heartbeat: Sendable {
    /// The most bytes of a report that are sent: what a server of one's own keeps unless told otherwise.
    static let most = 10_000

    private let url: Secret
    private let client: HTTPClient

    /// Makes a heartbeat.
    ///
    /// - Parameters:
    ///   - url: The ping address of a check, by its UUID or by ping key and slug, without `/start` or `/fail`; who knows it can ping.
    ///   - client: The client of the process.
    package init(url: Secret, client: HTTPClient) {
        self.url = url
        self.client = client
    }

    /// Says that a check begins.
    ///
    /// - Parameter run: A UUID, the same in the ping at its end.
    /// - Returns: Why it could not be said; nil where it was.
    package func start(run: String) async -> String? { await ping("/start", run: run, text: "") }

    /// Says that a check went well.
    ///
    /// - Parameters:
    ///   - run: The UUID of its beginning.
    ///   - text: What it reported; the last 10,000 bytes are sent.
    /// - Returns: Why it could not be said; nil where it was.
    package func success(run: String, text: String) async -> String? { await ping("", run: run, text: text) }

    /// Says that a check failed, or that people are not told what they have to know.
    ///
    /// - Parameters:
    ///   - run: The UUID of its beginning.
    ///   - text: Why; the last 10,000 bytes are sent.
    /// - Returns: Why it could not be said; nil where it was.
    package func failure(run: String, text: String) async -> String? { await ping("/fail", run: run, text: text) }

    /// Looks at the address alone: any request to it would be a sign of life, or stand in the log for one.
    package func examine(at now: Instant) async -> Diagnosis {
        var diagnosis = Diagnosis()
        let address = address("", run: nil)
        let subject = Finding.Subject.channel(HeartbeatRule.display)
        let place = ReceiverCall(.get, address).receiver
        let path = pathParts
        if let last = path.last, ["start", "fail", "log"].contains(last) || UInt8(last) != nil {
            diagnosis.findings.append(
                Finding(
                    .problem, .notTheAPI, subject,
                    "The heartbeat's address ends with '/\(last)', which says the same each time.",
                    remedy: "Give the address of the check without it."))
        } else if path.isEmpty || !(address.hasPrefix("http://") || address.hasPrefix("https://")) {
            diagnosis.findings.append(
                Finding(
                    .problem, .notTheAPI, subject, "The heartbeat's address at \(place) names no check.",
                    remedy: "Give the ping address of a check: https://HOST/UUID, or https://HOST/PING-KEY/SLUG."))
        } else {
            diagnosis.leaveOut(
                subject, "the check at \(place), since whoever asks it gives a sign of life.",
                remedy: "See on its page that the next hotfix check arrives there.")
        }
        return diagnosis
    }

    private func ping(_ suffix: String, run: String, text: String) async -> String? {
        var call = ReceiverCall(
            .post, address(suffix, run: run), .bytes(tail(text), type: "text/plain; charset=utf-8"), hiding: [url])
        call.http.deadline = .seconds(10)
        call.http.retry = HTTPRetry(attempts: 3, base: .seconds(1), cap: .seconds(4), budget: .seconds(25))
        // A repeated ping changes nothing.
        call.http.repeatable = true
        let lost = "The heartbeat was not taken:"
        do {
            let answer = try await call.send(through: client)
            let said = String(decoding: answer.body.prefix(200), as: UTF8.self)
            guard (200..<300).contains(answer.status), !isPage(answer) else {
                return "\(lost) \(call.shown(answer)). \(advice(answer.status))"
            }
            if said.contains("rate-limited") {
                return
                    "\(lost) \(call.shown(answer)). A check may be pinged five times a minute; give this agent one of its own."
            }
            return said.contains("not found") ? "\(lost) \(call.shown(answer)). \(advice(404))" : nil
        } catch {
            switch error.outcome {
            case .misconfigured(let reason, let remedy), .misaddressed(let reason, let remedy):
                return "\(lost) \(reason) \(remedy)"
            case .retry(_, let reason), .unknown(let reason), .refused(let reason):
                return "\(lost) \(reason) The next check pings again."
            case .delivered: return nil
            }
        }
    }

    private func advice(_ status: Int) -> String {
        switch status {
        case 200..<300: "A login or another server answers; configure the ping address of the check."
        case 400: "The address is not that of a check; copy it from the check's page, without `/start` or `/fail`."
        case 404: "There is no such check (any more); copy the address from the check's page."
        case 409: "Several checks have this slug; configure the address with the check's UUID."
        default: "Configure the ping address of the check, as its page shows it."
        }
    }

    /// The address of a ping.
    private func address(_ suffix: String, run: String?) -> String {
        let parts = url.value.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var base = String(parts[0])
        while base.hasSuffix("/") { base.removeLast() }
        let query = [parts.count > 1 ? String(parts[1]) : nil, run.map { "rid=\(percentEncoded($0.lowercased()))" }]
        let text = query.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "&")
        return base + suffix + (text.isEmpty ? "" : "?\(text)")
    }

    private var pathParts: [Substring] {
        let path = address("", run: nil).split(separator: "?")[0].split(separator: "://", maxSplits: 1).last ?? ""
        return Array(path.split(separator: "/").dropFirst())
    }

    /// The end of a report, cut between characters.
    private func tail(_ text: String) -> [UInt8] {
        var rest = text.utf8.suffix(Self.most)
        while rest.count < text.utf8.count, let byte = rest.first, byte & 0xC0 == 0x80 { rest = rest.dropFirst() }
        return Array(rest)
    }
}
