import Foundation
package import HotfixCore

/// What came over HTTP.
package struct OTLPCall: Sendable {
    /// The method.
    package var method: String
    /// Path and query, as they came.
    package var target: String
    /// The headers, by their names in lower case.
    package var headers: [String: String]
    /// The whole body, as it came; nil where it was larger than is taken.
    package var body: [UInt8]?
    /// Whether the body did not come to its end in time.
    package var isLate: Bool

    /// Makes a call.
    package init(
        method: String, target: String, headers: [String: String], body: [UInt8]?, isLate: Bool = false
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.isLate = isLate
    }
}

/// What goes back.
package struct OTLPAnswer: Sendable {
    /// The status.
    package var status: Int
    /// The headers.
    package var headers: [(name: String, value: String)]
    /// The body.
    package var body: [UInt8]
}

/// Answers what OpenTelemetry's exporters send by HTTP.
///
/// Every answer is one after which an exporter does the right thing: 503 where it has to send again, 400 only for what will never be
/// readable, and never 500.
package struct OTLPReceiver: Sendable {
    private let intake: PointIntake
    private let limits: OTLPLimits
    private let token: Secret?
    private let clock: @Sendable () -> Instant
    private let gate: NoticeGate
    private let desk: ReadingDesk

    /// Makes a receiver.
    ///
    /// - Parameters:
    ///   - intake: Where the points go.
    ///   - limits: How much is taken.
    ///   - token: What senders have to prove themselves with; nil where nobody is asked.
    ///   - clock: The clock.
    ///   - notice: Called with what whoever runs the receiver should know.
    package init(
        intake: PointIntake, limits: OTLPLimits = .init(), token: Secret?, clock: @escaping @Sendable () -> Instant,
        notice: @escaping @Sendable (String) -> Void
    ) {
        self.intake = intake
        self.limits = limits
        self.token = token
        self.clock = clock
        gate = NoticeGate(notice)
        desk = ReadingDesk(places: limits.bodiesAtOnce)
    }

    /// Answers a call.
    package func answer(_ call: OTLPCall) async -> OTLPAnswer {
        let format = call.headers["content-type"].flatMap { OTLPFormat(contentType: $0) }
        do {
            return try await answered(call, format)
        } catch {
            return failure(error, format ?? .json)
        }
    }

    private func answered(_ call: OTLPCall, _ format: OTLPFormat?) async throws(OTLPProblem) -> OTLPAnswer {
        let path = call.target.prefix { $0 != "?" }
        guard ["/v1/metrics", "/v1/traces", "/v1/logs"].contains(path) else {
            throw OTLPProblem(404, "There is nothing at this address. Metrics go to /v1/metrics.")
        }
        guard call.method == "POST" else {
            throw OTLPProblem(405, "\(path) takes POST alone.", headers: [("Allow", "POST")])
        }
        try checkToken(call.headers["authorization"])
        guard let format else {
            throw OTLPProblem(
                415, "The content type is neither application/x-protobuf nor application/json. Set one of them.")
        }
        if call.isLate { throw OTLPProblem(503, "The body did not come in time. Send it again.", headers: Self.soon) }
        guard let body = call.body else { throw tooLarge }
        // Nobody here asks for traces and logs; a refusal would fill the sender's log.
        guard path == "/v1/metrics" else { return success(Intake(), format) }
        let content = try content(body, call.headers["content-encoding"])
        guard desk.take(content.count) else {
            throw OTLPProblem(503, "Too much came at once. Send it again.", headers: Self.soon)
        }
        defer { desk.giveBack(content.count) }
        return try await taken(content, format)
    }

    private static let soon = [(name: "Retry-After", value: "1")]

    private func taken(_ content: [UInt8], _ format: OTLPFormat) async throws(OTLPProblem) -> OTLPAnswer {
        guard !MessageCount.exceeds(limits.messages, in: content, format) else { throw tooMany }
        let metrics: [IncomingMetric]
        do { metrics = try decodedExport(content, format).incoming(limits) } catch {
            throw OTLPProblem(400, "The body is not an export of metrics as \(format.contentType).")
        }
        let now = clock()
        do throws(PointIntake.Unavailable) {
            let intake = try await intake.take(metrics, at: now)
            if let message = intake.message { gate.tell("rejected", "OTLP: not taken were \(message)", at: now) }
            return success(intake, format)
        } catch {
            gate.tell("unstored", "OTLP: points could not be stored. \(error.message)", at: now)
            // A ledger's path is nobody's business who only sends.
            throw OTLPProblem(
                503, "The points could not be stored. Send them again later.",
                headers: [("Retry-After", "\(error.retryAfter)")])
        }
    }

    private func content(_ body: [UInt8], _ encoding: String?) throws(OTLPProblem) -> [UInt8] {
        var body = body
        switch encoding?.trimmingCharacters(in: .whitespaces).lowercased() ?? "" {
        case "", "identity": break
        case "gzip":
            do throws(GunzipError) { body = try gunzipped(body, limit: limits.body) } catch {
                throw error == .tooLarge ? tooLarge : OTLPProblem(400, "The body is not gzip, or not all of it.")
            }
        default: throw OTLPProblem(415, "The content encoding is neither gzip nor none. Set compression: gzip.")
        }
        guard body.count <= limits.body else { throw tooLarge }
        return body
    }

    private func checkToken(_ header: String?) throws(OTLPProblem) {
        guard let token else { return }
        let parts = (header ?? "").split(separator: " ", maxSplits: 1)
        if parts.count == 2, parts[0].lowercased() == "bearer", isEqual(Array(parts[1].utf8), token) { return }
        throw OTLPProblem(
            401, "The receiver asks for a token: send the header Authorization with Bearer and serve.otlp_token.",
            headers: [("WWW-Authenticate", "Bearer")])
    }

    private var tooLarge: OTLPProblem {
        OTLPProblem(413, "The body is larger than \(limits.body >> 20) MiB. Send smaller batches.")
    }

    private var tooMany: OTLPProblem {
        OTLPProblem(413, "The body has more than \(limits.messages) points and attributes. Send smaller batches.")
    }

    private func success(_ intake: Intake, _ format: OTLPFormat) -> OTLPAnswer {
        var response = Opentelemetry_Proto_Collector_Metrics_V1_ExportMetricsServiceResponse()
        if intake.rejected > 0 {
            response.partialSuccess.rejectedDataPoints = Int64(intake.rejected)
            response.partialSuccess.errorMessage = intake.message ?? ""
        }
        return OTLPAnswer(
            status: 200, headers: [("Content-Type", format.contentType)], body: encoded(response, format))
    }

    private func failure(_ problem: OTLPProblem, _ format: OTLPFormat) -> OTLPAnswer {
        var status = Google_Rpc_Status()
        status.code = problem.code
        status.message = problem.message
        return OTLPAnswer(
            status: problem.status, headers: [("Content-Type", format.contentType)] + problem.headers,
            body: encoded(status, format))
    }
}

/// An error as it is told to an exporter.
private struct OTLPProblem: Error {
    var status: Int
    var message: String
    var headers: [(name: String, value: String)]

    init(_ status: Int, _ message: String, headers: [(name: String, value: String)] = []) {
        self.status = status
        self.message = message
        self.headers = headers
    }

    /// The code of gRPC that means the same.
    var code: Int32 {
        switch status {
        case 401: 16
        case 404, 405: 12
        case 413: 8
        case 503: 14
        default: 3
        }
    }
}
