import HotfixCore
import HotfixHTTP

/// The query API of Prometheus and of those that speak it: Thanos, Mimir, Grafana Cloud, VictoriaMetrics.
struct PrometheusAPI: Sendable {
    /// Series that an API answered with, and its clock.
    struct Reply: Sendable {
        /// The series.
        var series: [ReplySeries]
        /// The Date of the answer.
        var clock: Instant?
    }

    /// Why a query has no answer.
    struct Failure: Error {
        /// What to tell.
        var error: SourceError
        /// Whether the same query over less time may be answered.
        var isTooMuch = false
    }

    /// The source's name in the configuration.
    let source: String
    /// The address that `/api/v1` is under, its path included.
    let base: String
    /// Who asks, and how.
    let access: PrometheusAccess
    /// Makes the calls.
    let client: HTTPClient

    /// Evaluates a query at the instants of a grid.
    func range(_ query: String, on grid: TimeGrid) async throws(Failure) -> Reply {
        let end = grid.start + grid.step * (grid.count - 1)
        return try await ask(
            "query_range", query, on: grid, expecting: "matrix",
            [("start", "\(grid.start.seconds)"), ("end", "\(end.seconds)"), ("step", "\(grid.step)")]
        )
    }

    /// Evaluates a query at one instant.
    func instant(_ query: String, at instant: Instant) async throws(Failure) -> Reply {
        try await ask(
            "query", query, on: TimeGrid(at: instant), expecting: "vector", [("time", "\(instant.seconds)")]
        )
    }

    /// The call that asks for a query.
    func call(_ path: String, _ query: String, _ times: [(String, String)]) -> HTTPCall {
        // Thanos alone knows the last three: no answer with stores missing, one of two replicas, raw samples.
        let form =
            [("query", query)] + times
            + [("partial_response", "false"), ("dedup", "true"), ("max_source_resolution", "0s")]
        return HTTPCall(
            .post, "\(base)/api/v1/\(path)",
            headers: [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
                + access.headers.map { ($0.name, $0.value.value) },
            body: formEncoded(form), credentials: access.credentials, tls: access.tls, deadline: access.timeout,
            retry: Self.retry, repeatable: true
        )
    }

    private func ask(
        _ path: String, _ query: String, on grid: TimeGrid, expecting type: String, _ times: [(String, String)]
    ) async throws(Failure) -> Reply {
        let answer = try await send(call(path, query, times))
        let clock: Instant?
        do {
            clock = try checkedClock(answer, source: source)
        } catch {
            throw Failure(error: error)
        }
        guard answer.status == 200 else { throw refusal(answer, query) }
        let reply = try read(answer, query, on: grid)
        guard reply.resultType == type else {
            throw failure(
                .malformed,
                "\(answer.url) answered with the result type \(reply.resultType ?? "none") in place of \(type).",
                "Check that the url of this source is a Prometheus API, and that the query gives an instant vector",
                query
            )
        }
        return Reply(series: reply.series, clock: clock)
    }

    private func send(_ call: HTTPCall) async throws(Failure) -> HTTPAnswer {
        do {
            return try await client.send(call)
        } catch let error as HTTPError {
            throw Failure(error: SourceError(error, source: source), isTooMuch: error.code == .tooLarge)
        } catch {
            throw Failure(
                error: SourceError(.unreachable, "\(source): the call was given up; the program is stopping."))
        }
    }

    /// Tries again what may pass; not a query that was too slow, which is asked in halves.
    private static let retry = HTTPRetry(isTransient: { answer in
        HTTPRetry.isTransientStatus(answer) && !isTimeout(readError(answer))
    })

    private func read(_ answer: HTTPAnswer, _ query: String, on grid: TimeGrid) throws(Failure) -> PrometheusReply {
        // VictoriaMetrics has its own type of JSON for some answers; a login page has none.
        guard answer.contentType?.lowercased().contains("json") ?? true, firstByte(of: answer) == UInt8(ascii: "{")
        else {
            throw failure(
                .malformed,
                "\(answer.url) answered 200 with \(answer.contentType ?? "something") that is not JSON:"
                    + " \(shown(answer)).",
                "It looks like a login page or another server; check the url and the credentials of this source"
            )
        }
        let reply: PrometheusReply
        do {
            reply = try PrometheusReply(answer.body, on: grid)
        } catch {
            throw failure(
                .malformed,
                "\(answer.url) answered what can't be read, at byte \(error.offset): \(error.reason).",
                "Check what stands between here and the server", query
            )
        }
        guard reply.status == "success" else {
            if reply.status == "error" { throw refusal(answer, query) }
            throw failure(
                .malformed, "\(answer.url) answered neither success nor an error: \(shown(answer)).",
                "Check that the url of this source is a Prometheus API")
        }
        let missing = reply.warnings.filter { !$0.hasPrefix("PromQL info:") && !$0.hasPrefix("PromQL warning:") }
        guard missing.isEmpty, !reply.isPartial else {
            let warning = missing.first.map { readableHead(of: $0.utf8, hiding: access.secrets) } ?? "isPartial"
            throw failure(
                .partial, "\(answer.url) answered with a part of the data: \(warning).",
                "See to the stores behind it; the next check asks again", query
            )
        }
        return reply
    }

    private func refusal(_ answer: HTTPAnswer, _ query: String) -> Failure {
        let reply = Self.readError(answer)
        guard let reply, reply.status == "error" || reply.error != nil else {
            return Failure(error: SourceError(status: answer, source: source, hiding: access.secrets))
        }
        let says = readableHead(of: (reply.error ?? "").utf8, hiding: access.secrets, limit: 600)
        let answered = "\(answer.url) answered \(answer.status) \(reply.errorType ?? "error"): \(says)."
        let text = (reply.error ?? "").lowercased()
        if Self.isTimeout(reply) {
            return failure(.timedOut, answered, "The next check asks again; if it lasts, raise --query.timeout", query)
                .asTooMuch
        }
        if ["too many samples", "too many points", "maxsamplesperquery", "exceeds the limit"].contains(
            where: text.contains)
        {
            return failure(
                .refused, answered, "Raise --query.max-samples (or the tenant's limit), or make the query cheaper",
                query
            ).asTooMuch
        }
        switch answer.status {
        case 401, 403, 429:
            return Failure(error: SourceError(status: answer, source: source, hiding: access.secrets))
        case 499, 500...: return failure(.failed, answered, "The next check asks again", query)
        case 422 where text.contains("expanding series"):
            return failure(.failed, answered, "Its storage failed; the next check asks again", query)
        default: return failure(.refused, answered, "Mend the query", query)
        }
    }

    private func failure(_ code: SourceError.Code, _ what: String, _ remedy: String, _ query: String? = nil) -> Failure
    {
        let asked = query.map { " The query: \($0)" } ?? ""
        return Failure(error: SourceError(code, "\(source): \(what) \(remedy).\(asked)"))
    }

    private func shown(_ answer: HTTPAnswer) -> String { readableHead(of: answer.body, hiding: access.secrets) }

    private func firstByte(of answer: HTTPAnswer) -> UInt8? {
        var scanner = JSONScanner(answer.body)
        return scanner.peek()
    }

    private static func readError(_ answer: HTTPAnswer) -> PrometheusReply? {
        try? PrometheusReply(answer.body, on: TimeGrid(at: Instant(0)))
    }

    private static func isTimeout(_ reply: PrometheusReply?) -> Bool {
        guard let reply else { return false }
        let text = (reply.error ?? "").lowercased()
        return reply.errorType == "timeout" || text.contains("context deadline exceeded")
            || text.contains("query timed out") || text.contains("timeout exceeded")
    }
}

extension PrometheusAPI.Failure {
    fileprivate var asTooMuch: Self { Self(error: error, isTooMuch: true) }
}
