import HotfixCore

extension APIHandler {
    /// States something to the ledger.
    ///
    /// - Returns: What was recorded, and whether that was not so before.
    func state(
        _ route: APIRoute, _ values: APIValues, _ content: JSONReader
    ) async throws -> (bytes: [UInt8], isNew: Bool) {
        guard route == .record else { return (bytes(try await stated(route, values, content)), true) }
        let receipt = try await desk.record(try entry { try DeploymentEntry(content) })
        return (bytes(receipt.json), !receipt.wasKnown)
    }

    private func stated(_ route: APIRoute, _ values: APIValues, _ content: JSONReader) async throws -> JSONValue {
        switch route {
        case .close: return try await desk.closeHotfix().json
        case .takeBack:
            let number = try numeral("deployment", values, "hotfix deployed --list")
            return try await desk.takeBack(try entry { try TakingBackEntry(content, deployment: number) }).json
        case .exclude: return try await desk.exclude(try entry { try ExclusionEntry(content) }).json
        case .excuse:
            let episode = values["episode"]
            return try await desk.excuse(try entry { try ExcusalEntry(content, episode: episode) }).json
        case .acknowledge, .ack:
            let episode = values["episode"]
            return try await desk.acknowledge(try entry { try AcknowledgementEntry(content, episode: episode) }).json
        case .silence: return try await desk.silence(try entry { try SilenceEntry(content) }).json
        case .lift:
            let number = try numeral("silence", values, "hotfix silence --list")
            return try await desk.lift(try entry { try LiftingEntry(content, silence: number) }).json
        default:
            return .array(try await desk.accept(try entry { try AcceptanceEntry(content) }).map(\.json))
        }
    }

    private func numeral(_ name: String, _ values: APIValues, _ list: String) throws -> Int {
        guard let number = Int(values[name]) else {
            throw APIProblem(404, "There is no \(name) of that number. List them: \(list)")
        }
        return number
    }

    private func entry<Entry>(_ read: () throws -> Entry) throws -> Entry {
        do { return try read() } catch let error as JSONContentError {
            throw APIProblem(400, "\(error.description).")
        }
    }

    /// What is stated, as JSON.
    func content(of call: APICall, _ route: APIRoute) throws -> JSONReader {
        let type = call.headers["content-type"].map { $0.prefix { $0 != ";" }.trimmed.lowercased() }
        guard type == "application/json" else {
            throw APIProblem(415, "Statements are sent as application/json.")
        }
        guard let body = call.body else {
            throw APIProblem(missingBodyOf: call, limit: APIServer.Limits.statementBytes)
        }
        do {
            let reader = try JSONReader(try JSONParser.value(of: body), "the statement")
            try reader.refuseMembers(besides: route.members?.names ?? [])
            return reader
        } catch let error as JSONSyntaxError {
            throw APIProblem(
                400, "The statement is not JSON: line \(error.line), column \(error.column): \(error.message).")
        } catch let error as JSONContentError {
            throw APIProblem(400, "\(error.description).")
        }
    }
}
