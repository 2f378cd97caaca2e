import HotfixConfiguration
import HotfixCore
import HotfixHTTP
import HotfixServer

/// The desk of a running `hotfix serve`.
///
/// Nothing but an answer that is whole, of this API and of now is ever taken for one.
final class RemoteDesk: LedgerDesk {
    private let server: ServerCaller

    init(_ address: ServerAddress, token: Secret?, client: HTTPClient, clock: @escaping @Sendable () -> Instant) {
        server = ServerCaller(address, token: token, client: client, clock: clock)
    }

    func readiness(_ query: ReadinessQuery) async throws -> Readiness {
        let parameters =
            query.services.map { ("service", $0) } + optional("at", query.at) + optional("max_age", query.maxAge)
        let readiness = try await server.ask(.readiness, parameters: parameters, isOfNow: true) {
            value throws(JSONContentError) in
            try Readiness(try JSONReader(value, "readiness"))
        }
        let at = query.at.flatMap { Instant(text: $0) }
        try refuse(readiness, .readiness, of: Set(query.services), at: at, maxAge: query.maxAge)
        return readiness
    }

    func gate(_ query: GateQuery) async throws -> GateAnswer {
        let parameters = [("commit", query.commit)] + optional("max_age", query.maxAge)
        let answer = try await server.ask(.gate, parameters: parameters, isOfNow: true) {
            value throws(JSONContentError) in
            try GateAnswer(try JSONReader(value, "gate"))
        }
        guard answer.commit == query.commit else {
            throw server.notOurs(.gate, "it answers for another commit, '\(oneLine(answer.commit))'")
        }
        try refuse(answer.readiness, .gate, of: [], at: nil, maxAge: query.maxAge)
        return answer
    }

    func explanations(_ query: ExplanationQuery) async throws -> [Explanation] {
        let names = ["service": query.service, "guardrail": query.guardrail ?? ""]
        let parameters = optional("at", query.at)
        guard query.guardrail != nil else {
            return try await server.ask(.explanations, names, parameters: parameters) {
                value throws(JSONContentError) in
                try elements(value, "explanations", Explanation.init)
            }
        }
        return [
            try await server.ask(.explanation, names, parameters: parameters) { value throws(JSONContentError) in
                try Explanation(try JSONReader(value, "explanation"))
            }
        ]
    }

    func overview(_ query: OverviewQuery) async throws -> Overview {
        let parameters = query.services.map { ("service", $0) } + optional("from", query.from)
        let overview = try await server.ask(.overview, parameters: parameters) { value throws(JSONContentError) in
            try Overview(try JSONReader(value, "overview"))
        }
        // Services that its configuration no longer has are left out.
        let names = Set(overview.services.map(\.name))
        guard overview.services.map(\.name) == query.services.filter(names.contains) else {
            throw server.notOurs(.overview, "it answers for other services")
        }
        return overview
    }

    func deployments() async throws -> [Deployment] {
        try await server.ask(.deployments) { value throws(JSONContentError) in
            try elements(value, "deployments", Deployment.init)
        }
    }

    func record(_ entry: DeploymentEntry) async throws -> DeploymentReceipt {
        try await server.ask(.record, content: entry.json) { value throws(JSONContentError) in
            try DeploymentReceipt(try JSONReader(value, "receipt"))
        }
    }

    func closeHotfix() async throws -> Deployment {
        try await server.ask(.close, content: .object([:])) { value throws(JSONContentError) in
            try Deployment(try JSONReader(value, "deployment"))
        }
    }

    func takeBack(_ entry: TakingBackEntry) async throws -> Deployment {
        let names = ["deployment": String(entry.deployment)]
        return try await server.ask(.takeBack, names, content: entry.json) { value throws(JSONContentError) in
            try Deployment(try JSONReader(value, "deployment"))
        }
    }

    func lookback() async throws -> LookbackBook {
        try await server.ask(.baselines) { value throws(JSONContentError) in
            try LookbackBook(try JSONReader(value, "baselines"))
        }
    }

    func exclude(_ entry: ExclusionEntry) async throws -> Exclusion {
        try await server.ask(.exclude, content: entry.json) { value throws(JSONContentError) in
            try Exclusion(try JSONReader(value, "exclusion"))
        }
    }

    func excuse(_ entry: ExcusalEntry) async throws -> Excusal {
        try await server.ask(.excuse, ["episode": entry.episode], content: entry.json) {
            value throws(JSONContentError) in
            try Excusal(try JSONReader(value, "excusal"))
        }
    }

    func accept(_ entry: AcceptanceEntry) async throws -> [Acceptance] {
        try await server.ask(.accept, content: entry.json) { value throws(JSONContentError) in
            try elements(value, "acceptances", Acceptance.init)
        }
    }

    func export(_ query: ExportQuery, write: @escaping @Sendable (String) throws -> Void) async throws {
        let parameters =
            optional("from", query.from) + optional("to", query.to) + [("format", query.format.rawValue)]
        try await server.export(
            parameters: parameters, type: query.format == .csv ? "text/csv" : "application/json", write: write)
    }

    func silences() async throws -> [Silence] {
        try await server.ask(.silences) { value throws(JSONContentError) in
            try elements(value, "silences", Silence.init)
        }
    }

    func silence(_ entry: SilenceEntry) async throws -> Silence {
        try await server.ask(.silence, content: entry.json) { value throws(JSONContentError) in
            try Silence(try JSONReader(value, "silence"))
        }
    }

    func lift(_ entry: LiftingEntry) async throws -> Silence {
        let names = ["silence": String(entry.silence)]
        return try await server.ask(.lift, names, content: entry.json) { value throws(JSONContentError) in
            try Silence(try JSONReader(value, "silence"))
        }
    }

    func acknowledge(_ entry: AcknowledgementEntry) async throws -> Acknowledgement {
        try await server.ask(.acknowledge, ["episode": entry.episode], content: entry.json) {
            value throws(JSONContentError) in
            try Acknowledgement(try JSONReader(value, "acknowledgement"))
        }
    }

    func alerts(_ query: AlertsQuery) async throws -> AlertsBook {
        try await server.ask(.messages, parameters: [("limit", String(query.limit))], isOfNow: true) {
            value throws(JSONContentError) in
            try AlertsBook(try JSONReader(value, "messages"))
        }
    }

    /// Refuses a readiness that claims more than it shows, or is of another time or of other services.
    private func refuse(
        _ readiness: Readiness, _ route: APIRoute, of services: Set<String>, at: Instant?, maxAge: String?
    ) throws {
        let doubt = readiness.doubt(
            asked: services.isEmpty ? nil : services, at: at ?? server.now, maxAge: maxAge.flatMap(parseDuration),
            slack: ServerCaller.clockDifference)
        if let doubt { throw server.notOurs(route, doubt) }
    }
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
