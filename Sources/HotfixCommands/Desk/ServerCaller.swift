import HotfixCore
import HotfixHTTP
import HotfixServer

/// Asks a running `hotfix serve`, and believes an answer only where it is whole, of this API and to this very question.
struct ServerCaller: Sendable {
    private let address: ServerAddress
    private let token: Secret?
    private let client: HTTPClient
    private let clock: @Sendable () -> Instant

    init(_ address: ServerAddress, token: Secret?, client: HTTPClient, clock: @escaping @Sendable () -> Instant) {
        self.address = address
        self.token = token
        self.client = client
        self.clock = clock
    }

    /// The instant now, by the clock of who asks.
    var now: Instant { clock() }

    /// Asks for an export, and hands it over line by line.
    ///
    /// - Parameters:
    ///   - parameters: The query's parameters.
    ///   - type: The media type that it has to have.
    ///   - write: Takes whole lines.
    /// - Throws: `CommandError` also where it broke off, and what `write` throws.
    func export(
        parameters: [(String, String)], type: String, write: @escaping @Sendable (String) throws -> Void
    ) async throws {
        let sheet = ExportSheet(write)
        var call = call(.export, parameters: parameters)
        let nonce = Self.freshNonce()
        call.headers.append((APIMark.nonceHeader, nonce))
        call.headers[0].value = "\(type), \(APIProblem.mediaType)"
        call.deadline = .seconds(3600)
        // What was printed cannot be taken back, so that nothing is asked for again.
        call.retry = .none
        call.sink = HTTPSink(
            wants: { _, headers in
                headers[APIMark.header] == APIMark.version && headers[APIMark.nonceHeader] == nonce
                    && headers["Content-Type"]?.hasPrefix(type) == true
            },
            take: { sheet.take($0) })
        let answer: HTTPAnswer
        do { answer = try await client.send(call) } catch let error as HTTPError {
            if let failure = sheet.failure { throw failure }
            throw unreachable(error, "The export is not complete.", hasBegun: sheet.hasBegun)
        }
        try refuse(answer, .export)
        guard sheet.hasBegun else { throw notOurs(.export, "it is empty") }
        try sheet.end()
    }
}

extension ServerCaller {
    /// Asks a question or makes a statement.
    ///
    /// - Parameters:
    ///   - route: What is asked or stated.
    ///   - names: What stands for the names in the route's path.
    ///   - parameters: The query's parameters.
    ///   - content: What is stated.
    ///   - isOfNow: Whether an answer of another time is none.
    ///   - read: Reads the answer.
    /// - Returns: The answer as it was read.
    /// - Throws: `CommandError` for a problem that the server told, and for whatever is no answer of a server's.
    func ask<Value>(
        _ route: APIRoute, _ names: [String: String] = [:], parameters: [(String, String)] = [],
        content: JSONValue? = nil, isOfNow: Bool = false, _ read: (JSONValue) throws(JSONContentError) -> Value
    ) async throws -> Value {
        var call = call(route, names, parameters: parameters)
        let nonce = Self.freshNonce()
        call.headers.append((APIMark.nonceHeader, nonce))
        if let content {
            call.headers.append(("Content-Type", "application/json"))
            call.body = Array(content.line.utf8)
        }
        let answer: HTTPAnswer
        do { answer = try await client.send(call) } catch let error as HTTPError {
            throw unreachable(error, "", isWrite: route.isWrite)
        }
        try refuse(answer, route)
        guard answer.contentType?.hasPrefix("application/json") == true else {
            throw notOurs(route, "it is no JSON")
        }
        guard answer.headers[APIMark.nonceHeader] == nonce else {
            throw notOurs(
                route,
                "it does not answer this question (\(APIMark.nonceHeader)): something on the way keeps answers, or drops headers"
            )
        }
        if isOfNow { try refuseOld(answer, route) }
        do {
            return try read(try JSONParser.value(of: answer.body))
        } catch {
            throw notOurs(route, "\(error)")
        }
    }

    private func call(
        _ route: APIRoute, _ names: [String: String] = [:], parameters: [(String, String)] = []
    ) -> HTTPCall {
        let query = parameters.map { "\($0)=\(percentEncoded($1))" }.joined(separator: "&")
        return HTTPCall(
            route.isWrite ? .post : .get, address.base + route.path(names) + (query.isEmpty ? "" : "?" + query),
            headers: [("Accept", "application/json, \(APIProblem.mediaType)"), ("Cache-Control", "no-cache")],
            credentials: token.map { .bearer($0.value) } ?? .none, deadline: .seconds(60),
            bodyLimit: 256 << 20, retry: route.isWrite ? .none : .standard)
    }

    /// Refuses an answer that is a problem, or none of a server's.
    private func refuse(_ answer: HTTPAnswer, _ route: APIRoute) throws {
        let isOurs = answer.headers[APIMark.header] == APIMark.version
        if (200...299).contains(answer.status), isOurs { return }
        if isOurs, answer.contentType?.hasPrefix(APIProblem.mediaType) == true,
            let value = try? JSONParser.value(of: answer.body), let reader = try? JSONReader(value, "problem"),
            let detail = try? reader.text("detail"), let code = try? reader.whole("exit_status"),
            let status = ExitStatus(rawValue: Int32(clamping: code)), status != .done
        {
            throw CommandError(status, detail)
        }
        switch answer.status {
        case 401, 403:
            throw CommandError(
                .wrong,
                "\(route.isWrite ? "The statement" : "The question") was refused by what answers at \(address.base) (HTTP "
                    + "\(answer.status)). Set $HOTFIX_TOKEN, or give --token-file, and ask whoever runs the proxy before the "
                    + "server.")
        default:
            guard !route.isWrite || answer.status < 500 else {
                throw CommandError(
                    .unfinished, "\(address.base) answered with HTTP \(answer.status). \(Self.unknownOutcome)")
            }
            throw notOurs(route, "it has status \(answer.status)\(isOurs ? "" : " and is no page of the API")")
        }
    }

    /// Refuses an answer that was given at another time than now: kept by somebody on the way, or of a clock that is wrong.
    private func refuseOld(_ answer: HTTPAnswer, _ route: APIRoute) throws {
        let now = clock()
        guard let then = answer.headers[APIMark.clockHeader].flatMap({ Instant(text: $0) }) else {
            throw notOurs(route, "it does not say of when it is")
        }
        guard abs(now - then) <= Self.clockDifference else {
            throw CommandError(
                .unfinished,
                "The answer of \(address.base) is of \(then), and here it is \(now): either a clock is wrong, or something "
                    + "on the way answered from its memory. Set the clocks, and let nothing keep answers of /api.")
        }
    }

    /// How far the clocks of a server and of who asks it may be apart, in seconds.
    static let clockDifference: Seconds = 60

    private static func freshNonce() -> String {
        (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
    }

    /// The error for an answer that is none of a server's.
    func notOurs(_ route: APIRoute, _ finding: String) -> CommandError {
        let outcome = route.isWrite ? " \(Self.unknownOutcome)" : ""
        return CommandError(
            .unfinished,
            "What answers at \(address.base) is no hotfix server of this version: \(oneLine(finding)). Check the address, and "
                + "what stands before the server.\(outcome)")
    }

    private func unreachable(
        _ error: HTTPError, _ consequence: String, isWrite: Bool = false, hasBegun: Bool = false
    ) -> CommandError {
        let outcome = isWrite && !error.isUnsent ? Self.unknownOutcome : hasBegun ? consequence : ""
        return CommandError(
            .unfinished,
            "The server \(address.base) gave no answer: \(error) Is `hotfix serve` running there?"
                + (outcome.isEmpty ? "" : " \(outcome)"))
    }

    private static let unknownOutcome =
        "Whether the statement was recorded is not known: look before it is made again (hotfix deployed --list, hotfix "
        + "baseline list, hotfix silence --list, hotfix readiness)."
}
