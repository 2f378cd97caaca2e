import HotfixCore
import HotfixPage
import Synchronization

/// Answers calls for pages: what a browser has to do with a ledger, without the sockets.
package struct PageHandler: CallHandler {
    /// A page loads what the server itself gives it, runs no script but the one file, and is framed by nobody.
    static let contentPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    let desk: any ServingDesk
    let access: AccessRules
    let threads: DeskThreads
    let problem: @Sendable (any Error) -> APIProblem
    private let banner: String?
    let sessions = PageSessions()
    private let news: PageNews
    private let shelf = PageShelf()

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - desk: Where the ledger is.
    ///   - access: Who may do what.
    ///   - threads: Where it waits for the desk.
    ///   - banner: What stands above every page; nil where nothing does.
    ///   - problem: How an error of the desk is told.
    package init(
        desk: any ServingDesk, access: AccessRules, threads: DeskThreads = DeskThreads(), banner: String? = nil,
        problem: @escaping @Sendable (any Error) -> APIProblem
    ) {
        self.desk = desk
        self.access = access
        self.threads = threads
        self.banner = banner
        self.problem = problem
        news = PageNews { try await Self.mark(of: desk, threads) }
    }

    /// Answers a call; nil where what is called for is no page.
    package func answer(_ call: APICall) async throws -> APIAnswer? {
        let target = try APITarget(call.target)
        guard let route = PageRoute(target) else { return nil }
        if case .sheet(let name) = route, route.methods.contains(call.method) { return sheet(name) }
        let caller = PageCaller(call, access, sessions)
        let frame = frame(caller, call)
        do {
            guard route.methods.contains(call.method) else {
                let allowed = route.methods.joined(separator: ", ")
                throw APIProblem(405, "This address takes \(allowed) alone.", headers: ["Allow": allowed])
            }
            switch route {
            case .signIn where call.method == "POST": return try signedIn(call)
            case .signIn:
                let next = target.query.first { $0.name == "next" }?.value
                return page(SignInPage(.writing, next: Self.local(next), in: frame, now: desk.now).html, 200)
            case .signOut: return try signedOut(caller, call)
            case .acknowledge, .silence: return try await stated(route, caller, call)
            default: break
            }
            guard caller.mayRead else {
                if route == .events { throw APIProblem(401, "Sign in first.") }
                return page(SignInPage(.reading, next: Self.local(call.target), in: frame, now: desk.now).html, 401)
            }
            return try await read(route, target, frame)
        } catch {
            let problem = error as? APIProblem ?? problem(error)
            return page(
                ProblemPage(
                    problem.title, problem.detail, isQuestion: call.method == "GET",
                    isPassing: call.method == "GET" && problem.status >= 500, in: frame,
                    now: desk.now
                ).html, problem.status,
                headers: problem.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        }
    }

    private func read(_ route: PageRoute, _ target: APITarget, _ frame: PageFrame) async throws -> APIAnswer {
        var frame = frame
        switch route {
        case .events: return try events()
        case .verdict(let pair):
            frame.mark = try await Self.mark(of: desk, threads)
            let at = target.query.first { $0.name == "at" }?.value
            let query = ExplanationQuery(service: pair.service, guardrail: pair.guardrail, at: at)
            let html = try await threads.browsing { [frame] in try await verdict(query, frame).html }
            return page(html, 200)
        case .service(let name):
            let (contents, mark) = try await contents(of: name)
            frame.mark = mark
            let span = target.query.first { $0.name == "span" }?.value
            return page(MainPage(contents, in: frame, view: PageView(span: span)).html, 200)
        default:
            let (contents, mark) = try await contents(of: nil)
            frame.mark = mark
            let listing = target.query.first { $0.name == "services" }.flatMap { Int($0.value) }
            return page(MainPage(contents, in: frame, view: PageView(listing: listing ?? 1)).html, 200)
        }
    }

    /// What a page is made from, with the mark that it was read at or after.
    private func contents(of service: String?) async throws -> (PageContents, String) {
        let mark = try await Self.mark(of: desk, threads)
        return try await threads.browsing {
            let now = desk.now
            if let known = shelf.contents(service, mark, at: now) { return (known, mark) }
            let readiness = try await desk.readiness(ReadinessQuery(services: service.map { [$0] } ?? []))
            let shown = PageContents.shown(readiness, service: service)
            // That a service is ready says nothing of the others.
            let whole = service == nil ? readiness.state : try await desk.readiness(ReadinessQuery()).state
            let contents = PageContents(
                readiness: readiness, overview: try await desk.overview(OverviewQuery(services: shown)),
                alerts: try await desk.alerts(AlertsQuery()), now: now, service: service, whole: whole)
            shelf.keep(contents, service, mark)
            return (contents, mark)
        }
    }

    private func verdict(_ query: ExplanationQuery, _ frame: PageFrame) async throws -> VerdictPage {
        let now = desk.now
        guard let explanation = try await desk.explanations(query).first else {
            throw APIProblem(404, "There is no such guardrail.")
        }
        var episode: Episode?
        var acknowledgement: Acknowledgement?
        if let start = explanation.window?.start {
            let from = max(min(start, now), now - OverviewQuery.longest)
            let overview = try await desk.overview(OverviewQuery(from: from.description))
            episode = overview.episodes.last {
                $0.pair == explanation.pair && $0.start <= start && start <= $0.lastBreach
            }
            acknowledgement = episode.flatMap(overview.acknowledgements.newest)
        }
        return VerdictPage(
            explanation, episode: episode, acknowledgement: acknowledgement, in: frame, now: now)
    }

    private func events() throws -> APIAnswer {
        guard let events = news.listen() else {
            throw APIProblem(
                503, "\(PageNews.mostListeners) pages listen already. Load the page again when you want to see it.",
                exitStatus: 3, headers: ["Retry-After": "60"])
        }
        return APIAnswer(
            200, type: "text/event-stream",
            headers: [("Cache-Control", "no-store"), ("X-Accel-Buffering", "no")], body: .events(events))
    }

    private func sheet(_ name: String) -> APIAnswer? {
        for sheet in [PageSheet.style, .script] where sheet.name == name {
            return APIAnswer(
                200, type: sheet.type,
                headers: [("Cache-Control", "public, max-age=31536000, immutable")],
                body: .bytes(Array(sheet.text.utf8)))
        }
        return nil
    }

    /// Whom a page is for.
    private func frame(_ caller: PageCaller, _ call: APICall) -> PageFrame {
        PageFrame(
            formProof: caller.session.flatMap { $0.mayWrite ? $0.proof.value : nil },
            isWritable: access.writeToken != nil, isSignedIn: caller.session != nil, banner: banner,
            path: Self.local(call.method == "GET" ? call.target : "/"))
    }

    func page(_ html: HTML, _ status: Int, headers: [(name: String, value: String)] = []) -> APIAnswer {
        APIAnswer(
            status, type: "text/html; charset=utf-8",
            headers: headers + [
                ("Content-Security-Policy", Self.contentPolicy), ("Referrer-Policy", "same-origin"),
                ("X-Frame-Options", "DENY"), ("Cross-Origin-Opener-Policy", "same-origin"),
                ("Vary", "Cookie, Authorization"),
            ], body: .bytes(html.bytes))
    }

    /// A path of ours to lead to; what would lead elsewhere leads home.
    static func local(_ path: String?) -> String {
        guard let path, path.hasPrefix("/"), !path.hasPrefix("//"), !path.contains("\\"), path.utf8.count <= 4096,
            path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !path.hasPrefix("/sign-"), !path.hasPrefix("/events")
        else { return "/" }
        return path
    }

    /// What is another whenever a page may be another: with each change of the ledger, and every minute, since what was ready is not for ever.
    private static func mark(of desk: any ServingDesk, _ threads: DeskThreads) async throws -> String {
        let mark = try await threads.marking { try await desk.mark() }
        let time = desk.now.seconds / 60
        return "\(mark.opening).\(mark.changes).\(mark.ledger.generation).\(time)"
    }
}

/// Contents that pages were made from a moment ago.
private final class PageShelf: Sendable {
    private static let most = 16
    private static let life: Seconds = 10

    private let kept = Mutex<[String?: (mark: String, contents: PageContents)]>([:])

    func contents(_ service: String?, _ mark: String, at now: Instant) -> PageContents? {
        kept.withLock { kept in
            guard let known = kept[service], known.mark == mark, now - known.contents.now < Self.life,
                now >= known.contents.now
            else { return nil }
            return known.contents
        }
    }

    func keep(_ contents: PageContents, _ service: String?, _ mark: String) {
        kept.withLock { kept in
            if kept.count >= Self.most, kept[service] == nil { kept = [:] }
            kept[service] = (mark, contents)
        }
    }
}
