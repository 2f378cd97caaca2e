import HotfixCore

/// Answers calls from a desk: what HTTP has to do with a ledger, without the sockets.
package struct APIHandler: Sendable {
    /// The largest body that is taken, in bytes.
    package static let bodyLimit = 1 << 16

    /// Whatever a browser takes an answer for, it loads, runs and frames nothing.
    private static let contentPolicy =
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

    private let desk: any ServingDesk
    private let access: AccessRules
    private let problem: @Sendable (any Error) -> APIProblem
    private let shelf = AnswerShelf()
    private let threads: DeskThreads
    private let pages: PageHandler

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - desk: Where the ledger is.
    ///   - access: Who may do what.
    ///   - banner: What stands above every page; nil where nothing does.
    ///   - problem: How an error of the desk is told.
    package init(
        desk: any ServingDesk, access: AccessRules, banner: String? = nil,
        problem: @escaping @Sendable (any Error) -> APIProblem
    ) {
        self.desk = desk
        self.access = access
        self.problem = problem
        let threads = DeskThreads()
        self.threads = threads
        pages = PageHandler(desk: desk, access: access, threads: threads, banner: banner, problem: problem)
    }

    /// Answers a call.
    package func answer(_ call: APICall) async -> APIAnswer {
        var answer: APIAnswer
        do {
            answer = try await answered(call)
        } catch {
            answer = (error as? APIProblem ?? problem(error)).answer
        }
        if let nonce = call.headers[APIMark.nonceHeader.lowercased()], APIMark.isNonce(nonce) {
            answer.headers.append((APIMark.nonceHeader, nonce))
        }
        answer.headers += [
            (APIMark.header, APIMark.version), (APIMark.clockHeader, desk.now.description),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if !answer.headers.contains(where: { $0.name == "Content-Security-Policy" }) {
            answer.headers.append(("Content-Security-Policy", Self.contentPolicy))
        }
        if !answer.headers.contains(where: { $0.name == "Cache-Control" }) {
            answer.headers.append(("Cache-Control", "no-store"))
        }
        return answer
    }

    private func answered(_ call: APICall) async throws -> APIAnswer {
        try access.checkHost(call.headers)
        let target = try APITarget(call.target)
        let candidates = APIRoute.allCases.compactMap { route in target.match(route).map { (route, $0) } }
        guard let first = candidates.first else {
            if let page = try await pages.answer(call, target) { return page }
            throw APIProblem(404, "There is nothing at this address. What there is: /api/v1/openapi.json")
        }
        guard let (route, names) = candidates.first(where: { $0.0.method == call.method }) else {
            let allowed = candidates.map(\.0.method).joined(separator: ", ")
            throw APIProblem(
                405, "\(first.0.template) takes \(allowed) alone.", headers: ["Allow": allowed])
        }
        try access.check(route, call.headers)
        let values = try APIValues(route, names: names, query: target.query)
        if route.isWrite {
            let content = try content(of: call, route)
            let json = try await threads.writing { try await state(route, values, content) }
            return APIAnswer(route.success, type: "application/json", body: .bytes(json))
        }
        switch route {
        case .health: return APIAnswer(200, type: "application/json", body: .bytes(lines(["status": JSONValue("ok")])))
        case .openAPI: return APIAnswer(200, type: "application/json", body: .bytes(lines(OpenAPI.document)))
        case .export: return try await export(values)
        case .gate:
            let query = GateQuery(commit: values.first("commit") ?? "", maxAge: values.first("max_age"))
            let json = try await threads.reading { try await desk.gate(query).json }
            return APIAnswer(200, type: "application/json", body: .bytes(bytes(json)))
        case .readiness, .explanation, .explanations, .messages, .overview:
            return try await current(route, values, call)
        case .explain: return try await current(route, values, call, type: "text/plain; charset=utf-8")
        default: return try await tagged(route, values, call)
        }
    }

    /// An answer that is the same until the ledger or the configuration changes.
    private func tagged(_ route: APIRoute, _ values: APIValues, _ call: APICall) async throws -> APIAnswer {
        let mark = try await threads.marking { try await desk.mark() }
        let tag = shelf.tag(values.key, mark)
        if isKnown(tag, call) { return unchanged(tag) }
        var body = shelf.body(values.key, mark)
        if body == nil {
            body = try await threads.reading {
                // Whoever waited for another to ask the same finds its answer.
                if let known = shelf.body(values.key, mark) { return known }
                let fresh = try await read(route, values)
                // What was read when the ledger had moved on is right, but belongs to no tag.
                if try await desk.mark() == mark { shelf.keep(fresh, values.key, mark) }
                return fresh
            }
        }
        let page = values.nextLink(body?.next)
        return APIAnswer(
            200, type: "application/json", headers: headers(tag) + page, body: .bytes(body?.bytes ?? []))
    }

    /// An answer that depends on now: it is never kept, and its tag is that of what it says.
    private func current(
        _ route: APIRoute, _ values: APIValues, _ call: APICall, type: String = "application/json"
    ) async throws -> APIAnswer {
        let body = try await threads.reading { try await read(route, values) }
        let tag = shelf.tag(values.key, saying: body.bytes)
        if isKnown(tag, call) { return unchanged(tag) }
        return APIAnswer(200, type: type, headers: headers(tag), body: .bytes(body.bytes))
    }

    private func isKnown(_ tag: String, _ call: APICall) -> Bool {
        call.headers["if-none-match"].map { AnswerShelf.names($0, tag) } ?? false
    }

    private func unchanged(_ tag: String) -> APIAnswer {
        APIAnswer(304, type: nil, headers: headers(tag), body: .bytes([]))
    }

    private func headers(_ tag: String) -> [(name: String, value: String)] {
        [(name: "ETag", value: tag), (name: "Cache-Control", value: "private, no-cache")]
    }

    private func read(_ route: APIRoute, _ values: APIValues) async throws -> AnswerShelf.Body {
        switch route {
        case .readiness:
            let query = ReadinessQuery(
                services: values.all("service"), at: values.first("at"), maxAge: values.first("max_age"))
            return .init(bytes(try await desk.readiness(query).json))
        case .overview:
            let query = OverviewQuery(services: values.all("service"), from: values.first("from"))
            return .init(Array((try await desk.overview(query).json.line + "\n").utf8))
        case .services: return .init(bytes(try await desk.services()))
        case .explanations, .explanation:
            let query = ExplanationQuery(
                service: values["service"], guardrail: route == .explanation ? values["guardrail"] : nil,
                at: values.first("at"))
            let found = try await desk.explanations(query)
            let json = route == .explanation ? found.first?.json ?? .null : .array(found.map(\.json))
            return .init(bytes(json))
        case .verdicts:
            let pair = Pair(values["service"], values["guardrail"])
            return page("verdicts", try await desk.verdicts(of: pair, try values.page()))
        case .episodes:
            return page("episodes", try await desk.episodes(of: values.first("service"), try values.page()))
        case .deployments: return .init(bytes(.array(try await desk.deployments().map(\.json))))
        case .silences: return .init(bytes(.array(try await desk.silences().map(\.json))))
        case .messages: return .init(bytes(try await desk.alerts(try values.alerts()).json))
        case .explain:
            let query = ExplanationQuery(
                service: values.first("service") ?? "", guardrail: values.first("guardrail"), at: values.first("at"))
            return .init(Array(try await desk.explanationText(query).utf8))
        default: return .init(bytes(try await desk.lookback().json))
        }
    }

    private func state(_ route: APIRoute, _ values: APIValues, _ content: JSONReader) async throws -> [UInt8] {
        switch route {
        case .record: return bytes(try await desk.record(try entry { try DeploymentEntry($0) }).json)
        case .close: return bytes(try await desk.closeHotfix().json)
        case .takeBack:
            let number = try numeral("deployment", "hotfix deployed --list")
            return bytes(try await desk.takeBack(try entry { try TakingBackEntry($0, deployment: number) }).json)
        case .exclude: return bytes(try await desk.exclude(try entry { try ExclusionEntry($0) }).json)
        case .excuse:
            let episode = values["episode"]
            return bytes(try await desk.excuse(try entry { try ExcusalEntry($0, episode: episode) }).json)
        case .acknowledge:
            let episode = values["episode"]
            return bytes(
                try await desk.acknowledge(try entry { try AcknowledgementEntry($0, episode: episode) }).json)
        case .silence: return bytes(try await desk.silence(try entry { try SilenceEntry($0) }).json)
        case .lift:
            let number = try numeral("silence", "hotfix silence --list")
            return bytes(try await desk.lift(try entry { try LiftingEntry($0, silence: number) }).json)
        default:
            let accepted = try await desk.accept(try entry { try AcceptanceEntry($0) })
            return bytes(.array(accepted.map(\.json)))
        }
        func numeral(_ name: String, _ list: String) throws -> Int {
            guard let number = Int(values[name]) else {
                throw APIProblem(404, "There is no \(name) of that number. List them: \(list)")
            }
            return number
        }
        func entry<Entry>(_ read: (JSONReader) throws -> Entry) throws -> Entry {
            do { return try read(content) } catch let error as JSONContentError {
                throw APIProblem(400, "\(error.description).")
            }
        }
    }

    private func content(of call: APICall, _ route: APIRoute) throws -> JSONReader {
        let type = call.headers["content-type"].map { $0.prefix { $0 != ";" }.trimmed.lowercased() }
        guard type == "application/json" else {
            throw APIProblem(415, "Statements are sent as application/json.")
        }
        guard let body = call.body else {
            throw APIProblem(413, "A statement is at most \(Self.bodyLimit) bytes.")
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

    private func export(_ values: APIValues) async throws -> APIAnswer {
        guard let format = ExportQuery.Format(rawValue: values.first("format") ?? "csv") else {
            throw APIProblem(400, "The parameter 'format' is csv or json.")
        }
        let query = ExportQuery(from: values.first("from"), to: values.first("to"), format: format)
        let desk = desk
        let channel = try threads.export { write in try await desk.export(query, write: write) }
        let pieces = try await channel.begun()
        let type = format == .csv ? "text/csv; charset=utf-8" : "application/json"
        return APIAnswer(200, type: type, body: .pieces(pieces))
    }

    private func page(_ name: JSONString, _ page: Page) -> AnswerShelf.Body {
        .init(bytes([name: .array(page.entries), "next": JSONValue(page.next)]), next: page.next)
    }

    private func bytes(_ json: JSONValue) -> [UInt8] { Array((json.text + "\n").utf8) }

    private func bytes(_ object: JSONObject) -> [UInt8] { bytes(.object(object)) }

    private func lines(_ object: JSONObject) -> [UInt8] { bytes(.object(object)) }
}

extension APIProblem {
    /// The problem as an answer.
    var answer: APIAnswer {
        let json = JSONValue.object([
            "type": JSONValue("about:blank"), "title": JSONValue(title), "status": JSONValue(status),
            "detail": JSONValue(detail), "exit_status": JSONValue(Int(exitStatus)),
        ])
        return APIAnswer(
            status, type: Self.mediaType, headers: headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            body: .bytes(Array((json.text + "\n").utf8)))
    }
}

extension Substring {
    var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
