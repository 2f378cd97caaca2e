import HotfixCore

/// Answers the calls of the API from a desk: what HTTP has to do with a ledger, without the sockets.
package struct APIHandler: CallHandler {
    let desk: any ServingDesk
    private let access: AccessRules
    private let problem: @Sendable (any Error) -> APIProblem
    private let shelf = AnswerShelf()
    private let threads: DeskThreads

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - desk: Where the ledger is.
    ///   - access: Who may do what.
    ///   - threads: Where it waits for the desk.
    ///   - problem: How an error is told that is no ``APIProblem``.
    package init(
        desk: any ServingDesk, access: AccessRules, threads: DeskThreads = DeskThreads(),
        problem: @escaping @Sendable (any Error) -> APIProblem
    ) {
        self.threads = threads
        self.desk = desk
        self.access = access
        self.problem = { error in error as? APIProblem ?? problem(error) }
    }

    /// Answers a call; nil where no route of the API is at its address.
    package func answer(_ call: APICall) async throws -> APIAnswer? {
        let target = try APITarget(call.target)
        let candidates = APIRoute.allCases.compactMap { route in target.match(route).map { (route, $0) } }
        guard let first = candidates.first else { return nil }
        guard let (route, names) = candidates.first(where: { $0.0.method == call.method }) else {
            let allowed = candidates.flatMap { $0.0.isWrite ? ["POST"] : ["GET", "HEAD"] }.joined(separator: ", ")
            throw APIProblem(
                405, "\(first.0.template) takes \(allowed) alone.", headers: ["Allow": allowed])
        }
        if route.isWrite {
            try access.checkWriting(call.headers)
        } else if !route.isOpen {
            try access.checkReading(call.headers)
        }
        let values = try APIValues(route, names: names, query: target.query)
        if route.isWrite {
            let content = try content(of: call, route)
            let stated = try await threads.writing { try await state(route, values, content) }
            // What was recorded before makes nothing.
            return APIAnswer(
                stated.isNew ? route.success : 200, type: "application/json", body: .bytes(stated.bytes))
        }
        switch route {
        case .health: return APIAnswer(200, type: "application/json", body: .bytes(lines(["status": JSONValue("ok")])))
        case .openAPI:
            let body = lines(OpenAPI.document)
            let tag = shelf.tag(values.key, saying: body)
            if isKnown(tag, call) { return unchanged(tag) }
            return APIAnswer(200, type: "application/json", headers: headers(tag), body: .bytes(body))
        case .export: return try await export(values)
        case .ready: return try await ready(call)
        case .badge: return try await badge(values, call)
        case .metrics:
            let text = try await threads.reading { try await desk.metrics() }
            return APIAnswer(200, type: "text/plain; version=0.0.4; charset=utf-8", body: .bytes(Array(text.utf8)))
        case .gate:
            let query = GateQuery(commit: values.first("commit") ?? "", maxAge: values.first("max_age"))
            let json = try await threads.reading { try await desk.gate(query).json }
            return APIAnswer(200, type: "application/json", body: .bytes(bytes(json)))
        case .readiness where values.first("at") == nil: return try await standing(values, call)
        case .readiness, .explanation, .explanations, .messages, .overview:
            return try await current(route, values, call)
        case .explain: return try await current(route, values, call, type: "text/plain; charset=utf-8")
        default: return try await tagged(route, values, call)
        }
    }

    /// Refuses a statement of somebody who may make none.
    package func refuse(_ head: APICall) throws {
        let target = try APITarget(head.target)
        let isWrite = APIRoute.allCases.contains { $0.isWrite && $0.method == head.method && target.match($0) != nil }
        if isWrite { try access.checkWriting(head.headers) }
    }

    /// An answer that is the same until the ledger or the configuration changes.
    private func tagged(_ route: APIRoute, _ values: APIValues, _ call: APICall) async throws -> APIAnswer {
        let mark = try await threads.marking { try await desk.mark() }
        let tag = shelf.tag(values.key, mark)
        if isKnown(tag, call) { return unchanged(tag) }
        var body = shelf.body(values.key, mark)
        if body == nil {
            body = try await threads.browsing {
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

    /// Whether checks are made: what who restarts or replaces a server asks, and so without a token.
    private func ready(_ call: APICall) async throws -> APIAnswer {
        let newest: NewestCheck
        do { newest = try await threads.reading { try await desk.newestCheck() } } catch {
            // What is wrong in detail is for those who may read.
            let mayRead = (try? access.checkReading(call.headers)) != nil
            var told = problem(error)
            told.status = 503
            if !mayRead { told.detail = "The ledger or the configuration cannot be read." }
            throw told
        }
        if let objection = newest.objection(at: desk.now) {
            throw APIProblem(503, objection, exitStatus: 3, headers: ["Retry-After": "60"])
        }
        return APIAnswer(
            200, type: "application/json",
            body: .bytes(lines(["status": JSONValue("ok"), "last_check": JSONValue(newest.at)])))
    }

    /// The state as a picture; whoever shows it shows no older one for long.
    private func badge(_ values: APIValues, _ call: APICall) async throws -> APIAnswer {
        let query = ReadinessQuery(services: values.all("service"))
        let standing: Standing?
        do {
            standing = try await threads.reading { try await desk.standing(query) }
        } catch {
            // Somebody looks at a picture, and is told that nothing is known rather than shown none.
            standing = nil
            if !values.all("service").isEmpty { throw error }
        }
        let picture = Array(Badge(standing?.readiness.state).svg.utf8)
        let tag = shelf.tag(values.key, saying: picture)
        let age = standing.map { min(Badge.shownFor, $0.until - desk.now) } ?? 0
        let headers = [
            (name: "ETag", value: tag), (name: "Cache-Control", value: "private, max-age=\(max(0, age))"),
            // It is made to be shown on pages of others, and says no more than a word.
            (name: "Cross-Origin-Resource-Policy", value: "cross-origin"),
        ]
        if isKnown(tag, call) { return APIAnswer(304, type: nil, headers: headers, body: .bytes([])) }
        return APIAnswer(200, type: "image/svg+xml", headers: headers, body: .bytes(picture))
    }

    /// The readiness of now: the one of before for as long as it stands.
    private func standing(_ values: APIValues, _ call: APICall) async throws -> APIAnswer {
        let mark = try await threads.marking { try await desk.mark() }
        let (tag, bytes) = try await said(values, mark)
        if isKnown(tag, call) { return unchanged(tag) }
        return APIAnswer(200, type: "application/json", headers: headers(tag), body: .bytes(bytes))
    }

    private func said(_ values: APIValues, _ mark: DeskMark) async throws -> (tag: String, bytes: [UInt8]) {
        if let known = shelf.saying(values.key, mark, at: desk.now) { return known }
        return try await threads.reading {
            // Whoever waited for another to ask the same finds its answer.
            if let known = shelf.saying(values.key, mark, at: desk.now) { return known }
            let query = ReadinessQuery(services: values.all("service"), maxAge: values.first("max_age"))
            let found = try await desk.standing(query)
            let said = bytes(found.readiness.json)
            // What was read when the ledger had moved on is right, but nobody knows for how long.
            let isOfMark = try await desk.mark().isOfSameState(as: mark)
            let term = AnswerShelf.Term(mark: mark, from: found.from, until: found.until)
            return (shelf.tag(values.key, saying: said, for: isOfMark ? term : nil), said)
        }
    }

    /// An answer that depends on now: it is never kept, and its tag is that of what it says.
    private func current(
        _ route: APIRoute, _ values: APIValues, _ call: APICall, type: String = "application/json"
    ) async throws -> APIAnswer {
        let body = try await threads.browsing { try await read(route, values) }
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
        case .services: return try list(try await desk.services(), values)
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
        case .deployments: return try list(try await desk.deployments().map(\.json), values)
        case .silences: return try list(try await desk.silences().map(\.json), values)
        case .messages: return .init(bytes(try await desk.alerts(try values.alerts()).json))
        case .explain:
            let query = ExplanationQuery(
                service: values.first("service") ?? "", guardrail: values.first("guardrail"), at: values.first("at"))
            return .init(Array(try await desk.explanationText(query).utf8))
        default: return .init(bytes(try await desk.lookback().json))
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

    private func list(_ all: [JSONValue], _ values: APIValues) throws -> AnswerShelf.Body {
        let part = try values.part(of: all.count)
        let next = part.upperBound < all.count ? String(part.upperBound) : nil
        return .init(bytes(.array(Array(all[part]))), next: next)
    }

    private func page(_ name: JSONString, _ page: Page) -> AnswerShelf.Body {
        .init(
            bytes([
                name: .array(page.entries), "next": JSONValue(page.next), "changed": .boolean(page.isChanged),
            ]), next: page.next)
    }

    func bytes(_ json: JSONValue) -> [UInt8] { Array((json.text + "\n").utf8) }

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
