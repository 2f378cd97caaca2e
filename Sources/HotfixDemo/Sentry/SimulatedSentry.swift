package import HotfixCore

/// A simulated Sentry with one organization, for demonstrations and tests: it answers as Sentry's API does, its traps included.
///
/// It knows the organization, its projects and their environments, `events-timeseries/`, `events-stats/`, `sessions/`
/// and `stats_v2/`. Numbers of buckets are sums over whole minutes, so intervals are whole minutes too.
package actor SimulatedSentry {
    let organization: String
    let token: String
    let now: @Sendable () -> Instant
    /// The projects.
    package var projects: [Project]
    /// What kind of server it is.
    package var server: Server
    /// What is wrong with it.
    package nonisolated let faults = SimulatedFaults()
    private var fault: @Sendable (LoopbackRequest) -> LoopbackAnswer?
    private var second = Instant(0)
    private var requestsInSecond = 0

    /// Makes a server.
    ///
    /// - Parameters:
    ///   - organization: The organization's slug.
    ///   - token: The only token that it takes.
    ///   - projects: The organization's projects.
    ///   - server: What kind of server it is.
    ///   - now: Its clock.
    ///   - fault: An answer in place of its own, for the requests that have one.
    package init(
        organization: String = "acme", token: String = "stub-token", projects: [Project], server: Server = Server(),
        now: @escaping @Sendable () -> Instant,
        fault: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer? = { _ in nil }
    ) {
        self.organization = organization
        self.token = token
        self.projects = projects
        self.server = server
        self.now = now
        self.fault = fault
    }

    /// Changes the projects and the server, as time or an operator does.
    package func change(_ body: @Sendable (inout [Project], inout Server) -> Void) {
        body(&projects, &server)
    }

    /// Sets which requests fail from now on.
    package func setFault(_ fault: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer?) {
        self.fault = fault
    }

    /// Answers a request.
    package func answer(_ request: LoopbackRequest) async -> LoopbackAnswer {
        if let fault = fault(request) { return fault }
        return faults.apply(to: honestAnswer(request), at: now()) {
            $0.replacing(#""meta":{"valueType""#, with: #""meta":{"dataScanned":"partial","valueType""#)
        }
    }

    private func honestAnswer(_ request: LoopbackRequest) -> LoopbackAnswer {
        do throws(LoopbackRefusal) {
            try limit()
            try authorize(request)
            return try route(request).adding(server.headers + limiterHeaders)
        } catch {
            return error.answer.adding(server.headers + limiterHeaders)
        }
    }

    private func limit() throws(LoopbackRefusal) {
        guard let most = server.requestsPerSecond else { return }
        if now() != second { (second, requestsInSecond) = (now(), 0) }
        requestsInSecond += 1
        guard requestsInSecond > most else { return }
        let text = "You are attempting to use this endpoint too frequently. Limit is \(most) requests in 1 seconds"
        throw LoopbackRefusal(
            .answer(
                status: 429, headers: [("Content-Type", "text/html; charset=utf-8")],
                body: Array("{\"detail\":\(jsonText(text))}".utf8)
            )
        )
    }

    private var limiterHeaders: [(String, String)] {
        guard let most = server.requestsPerSecond else { return [] }
        return [
            ("X-Sentry-Rate-Limit-Limit", "\(most)"),
            ("X-Sentry-Rate-Limit-Remaining", "\(max(0, most - requestsInSecond))"),
            ("X-Sentry-Rate-Limit-Reset", "\(second.seconds + 1)"),
            ("X-Sentry-Rate-Limit-ConcurrentLimit", "15"), ("X-Sentry-Rate-Limit-ConcurrentRemaining", "14"),
        ]
    }

    private func authorize(_ request: LoopbackRequest) throws(LoopbackRefusal) {
        guard let header = request.header("Authorization") else {
            throw .detail(401, "Authentication credentials were not provided.")
        }
        guard header == "Bearer \(token)" else { throw .detail(401, "Invalid token") }
    }

    private func route(_ request: LoopbackRequest) throws(LoopbackRefusal) -> LoopbackAnswer {
        guard request.path.hasSuffix("/") else {
            throw LoopbackRefusal(
                .answer(status: 404, body: Array("Route not found, did you forget a trailing slash?".utf8))
            )
        }
        let path = request.path.split(separator: "/").map(String.init)
        guard path.count > 3, path[0] == "api", path[1] == "0" else { throw .noRoute }
        guard path[3] == organization else { throw .notFound }
        switch (path[2], Array(path[4...])) {
        case ("organizations", []):
            return .json(
                """
                {"slug":\(jsonText(organization)),"links":{"organizationUrl":"https://\(organization).sentry.io",
                "regionUrl":\(jsonText(server.regionURL ?? ""))}}
                """
            )
        case ("organizations", ["projects"]): return try listProjects(request)
        case ("organizations", ["events-timeseries"]):
            guard server.hasTimeseries else { throw .noRoute }
            return try timeseries(request)
        case ("organizations", ["events-stats"]): return try stats(request)
        case ("organizations", ["releases"]) where request.method == "POST": return try makeRelease(request)
        case ("organizations", ["releases"]): return try listReleases(request)
        case ("organizations", let rest) where rest.first == "releases" && rest.count == 2:
            return try release(rest[1])
        case ("organizations", let rest)
        where rest.first == "releases" && rest.count == 3 && rest[2] == "deploys" && request.method == "POST":
            return try makeDeploy(of: rest[1], request)
        case ("organizations", let rest) where rest.first == "releases" && rest.count == 3 && rest[2] == "deploys":
            return try listDeploys(of: rest[1], request)
        case ("organizations", ["sessions"]): return try sessions(request)
        case ("organizations", ["stats_v2"]): return try outcomes(request)
        case ("projects", let rest) where rest.count == 2 && rest[1] == "environments":
            return try listEnvironments(of: rest[0], request)
        default: throw .noRoute
        }
    }

    private func listProjects(_ request: LoopbackRequest) throws(LoopbackRefusal) -> LoopbackAnswer {
        let rows = projects.map { project in
            """
            {"id":"\(project.id)","slug":\(jsonText(project.slug)),"name":\(jsonText(project.slug)),
            "firstEvent":\(project.firstEvent.map(jsonText) ?? "null"),"environments":\(jsonList(project.environments))}
            """
        }
        return try page(rows, request)
    }

    /// A page of a list.
    func page(_ all: [String], _ request: LoopbackRequest) throws(LoopbackRefusal) -> LoopbackAnswer {
        let size = min(request.first("per_page").flatMap { Int($0) } ?? 100, server.pageSize)
        guard size >= 1 else { throw .detail(400, "Invalid per_page value. Must be between 1 and 100.") }
        let page: Int
        if let cursor = request.first("cursor") {
            guard let number = cursor.split(separator: ":").dropFirst().first.flatMap({ Int($0) }), number >= 0 else {
                throw .detail(400, "Invalid cursor parameter.")
            }
            page = number
        } else {
            page = 0
        }
        let rows = all.dropFirst(page * size).prefix(size)
        let more = all.count > (page + 1) * size
        let address = "https://elsewhere.example\(request.path)?per_page=\(size)"
        let link = """
            <\(address)&cursor=\(size):\(page - 1):1>; rel="previous"; results="\(page > 0)"; cursor="\(size):\(page - 1):1", \
            <\(address)&cursor=\(size):\(page + 1):0>; rel="next"; results="\(more)"; cursor="\(size):\(page + 1):0"
            """
        return .json("[\(rows.joined(separator: ","))]", headers: [("Link", link)])
    }

    private func listEnvironments(of slug: String, _ request: LoopbackRequest) throws(LoopbackRefusal) -> LoopbackAnswer
    {
        guard let project = projects.first(where: { $0.slug == slug || "\($0.id)" == slug }) else { throw .notFound }
        let visibility = request.first("visibility") ?? "visible"
        let visible = visibility == "hidden" ? [] : project.environments
        let hidden = visibility == "visible" ? [] : project.hiddenEnvironments
        let rows = visible.map { ($0, false) } + hidden.map { ($0, true) }
        return .json(
            "["
                + rows.enumerated().map { index, row in
                    "{\"id\":\"\(index + 1)\",\"name\":\(jsonText(row.0)),\"isHidden\":\(row.1)}"
                }.joined(separator: ",") + "]"
        )
    }
}
