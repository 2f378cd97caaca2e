import HotfixConfiguration
import HotfixCore
import HotfixHTTP
import HotfixServer
import Synchronization

/// The desk of a running `hotfix serve`.
///
/// Nothing but an answer that is whole, of this API and of now is ever taken for one.
final class RemoteDesk: LedgerDesk {
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

    func readiness(_ query: ReadinessQuery) async throws -> Readiness {
        let parameters =
            query.services.map { ("service", $0) } + optional("at", query.at) + optional("max_age", query.maxAge)
        let readiness = try await ask(.readiness, parameters: parameters, isOfNow: true) {
            value throws(JSONContentError) in
            try Readiness(try JSONReader(value, "readiness"))
        }
        let at = query.at.flatMap { Instant(text: $0) }
        try refuse(readiness, .readiness, of: Set(query.services), at: at, maxAge: query.maxAge)
        return readiness
    }

    func gate(_ query: GateQuery) async throws -> GateAnswer {
        let parameters = [("commit", query.commit)] + optional("max_age", query.maxAge)
        let answer = try await ask(.gate, parameters: parameters, isOfNow: true) { value throws(JSONContentError) in
            try GateAnswer(try JSONReader(value, "gate"))
        }
        guard answer.commit == query.commit else {
            throw notOurs(.gate, "it answers for another commit, '\(oneLine(answer.commit))'")
        }
        try refuse(answer.readiness, .gate, of: [], at: nil, maxAge: query.maxAge)
        return answer
    }

    func explanations(_ query: ExplanationQuery) async throws -> [Explanation] {
        let names = ["service": query.service, "guardrail": query.guardrail ?? ""]
        let parameters = optional("at", query.at)
        guard query.guardrail != nil else {
            return try await ask(.explanations, names, parameters: parameters) { value throws(JSONContentError) in
                try elements(value, "explanations", Explanation.init)
            }
        }
        return [
            try await ask(.explanation, names, parameters: parameters) { value throws(JSONContentError) in
                try Explanation(try JSONReader(value, "explanation"))
            }
        ]
    }

    func deployments() async throws -> [Deployment] {
        try await ask(.deployments) { value throws(JSONContentError) in
            try elements(value, "deployments", Deployment.init)
        }
    }

    func record(_ entry: DeploymentEntry) async throws -> DeploymentReceipt {
        try await ask(.record, content: entry.json) { value throws(JSONContentError) in
            try DeploymentReceipt(try JSONReader(value, "receipt"))
        }
    }

    func closeHotfix() async throws -> Deployment {
        try await ask(.close, content: .object([:])) { value throws(JSONContentError) in
            try Deployment(try JSONReader(value, "deployment"))
        }
    }

    func takeBack(_ entry: TakingBackEntry) async throws -> Deployment {
        let names = ["deployment": String(entry.deployment)]
        return try await ask(.takeBack, names, content: entry.json) { value throws(JSONContentError) in
            try Deployment(try JSONReader(value, "deployment"))
        }
    }

    func lookback() async throws -> LookbackBook {
        try await ask(.baselines) { value throws(JSONContentError) in
            try LookbackBook(try JSONReader(value, "baselines"))
        }
    }

    func exclude(_ entry: ExclusionEntry) async throws -> Exclusion {
        try await ask(.exclude, content: entry.json) { value throws(JSONContentError) in
            try Exclusion(try JSONReader(value, "exclusion"))
        }
    }

    func excuse(_ entry: ExcusalEntry) async throws -> Excusal {
        try await ask(.excuse, ["episode": entry.episode], content: entry.json) { value throws(JSONContentError) in
            try Excusal(try JSONReader(value, "excusal"))
        }
    }

    func accept(_ entry: AcceptanceEntry) async throws -> [Acceptance] {
        try await ask(.accept, content: entry.json) { value throws(JSONContentError) in
            try elements(value, "acceptances", Acceptance.init)
        }
    }

    func export(_ query: ExportQuery, write: @escaping @Sendable (String) throws -> Void) async throws {
        let type = query.format == .csv ? "text/csv" : "application/json"
        let parameters =
            optional("from", query.from) + optional("to", query.to) + [("format", query.format.rawValue)]
        let sheet = ExportSheet(write)
        var call = call(.export, parameters: parameters)
        let nonce = Self.freshNonce()
        call.headers.append((APIMark.nonceHeader, nonce))
        call.headers[0].value = "\(type), \(APIProblem.mediaType)"
        call.deadline = .seconds(3600)
        // What was printed cannot be taken back, so that nothing is asked for again.
        call.retry = .none
        call.sink = HTTPSink(
            wants: {
                $0[APIMark.header] == APIMark.version && $0[APIMark.nonceHeader] == nonce
                    && $0["Content-Type"]?.hasPrefix(type) == true
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

extension RemoteDesk {
    private func ask<Value>(
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

    /// Refuses a readiness that claims more than it shows, or is of another time or of other services.
    private func refuse(
        _ readiness: Readiness, _ route: APIRoute, of services: Set<String>, at: Instant?, maxAge: String?
    ) throws {
        let doubt = readiness.doubt(
            asked: services.isEmpty ? nil : services, at: at ?? clock(), maxAge: maxAge.flatMap(parseDuration),
            slack: Self.clockDifference)
        if let doubt { throw notOurs(route, doubt) }
    }

    /// How far the clocks of a server and of who asks it may be apart, in seconds.
    private static let clockDifference: Seconds = 60

    private static func freshNonce() -> String {
        (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
    }

    private func notOurs(_ route: APIRoute, _ finding: String) -> CommandError {
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
        + "baseline list, hotfix readiness)."
}

private func optional(_ name: String, _ value: String?) -> [(String, String)] { value.map { [(name, $0)] } ?? [] }

private func elements<Value>(
    _ value: JSONValue, _ place: String, _ read: (JSONReader) throws(JSONContentError) -> Value
) throws(JSONContentError) -> [Value] {
    guard case .array(let elements) = value else { throw JSONContentError(description: "\(place) is no list") }
    var values: [Value] = []
    for (index, element) in elements.enumerated() {
        values.append(try read(try JSONReader(element, "\(place)[\(index)]")))
    }
    return values
}

/// What of an export has come, on its way to the output: whole characters only.
private final class ExportSheet: Sendable {
    private struct State {
        var rest: [UInt8] = []
        var failure: (any Error)?
        var hasBegun = false
    }

    private let state = Mutex(State())
    private let write: @Sendable (String) throws -> Void

    init(_ write: @escaping @Sendable (String) throws -> Void) {
        self.write = write
    }

    var failure: (any Error)? { state.withLock { $0.failure } }

    var hasBegun: Bool { state.withLock { $0.hasBegun } }

    func take(_ bytes: [UInt8]) -> Bool {
        let text = state.withLock { state in
            state.hasBegun = true
            state.rest += bytes
            // A line is never broken; what follows the last one waits for its end.
            guard let end = state.rest.lastIndex(of: 0x0A) else { return "" }
            let text = String(decoding: state.rest[...end], as: UTF8.self)
            state.rest.removeSubrange(...end)
            return text
        }
        return put(text)
    }

    func end() throws {
        let text = state.withLock { String(decoding: $0.rest, as: UTF8.self) }
        if !put(text), let failure { throw failure }
    }

    private func put(_ text: String) -> Bool {
        guard !text.isEmpty else { return true }
        do {
            try write(text)
            return true
        } catch {
            state.withLock { $0.failure = error }
            return false
        }
    }
}
