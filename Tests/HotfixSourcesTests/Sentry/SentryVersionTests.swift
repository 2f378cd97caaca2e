import HotfixCore
import HotfixDemo
import HotfixSources
import HotfixTestSupport
import Testing

private typealias Release = SimulatedSentry.Release

private let span = Span(start: noon - 1500, end: noon + 300, step: 300)

extension SentryLab {
    fileprivate func wish(environment: String? = "production") -> VersionWish {
        let service = Service(
            name: "checkout", environment: environment, bindings: ["sentry": ["project": "checkout-api"]])
        return VersionWish(service: service, window: 300, at: noon + 300)
    }

    fileprivate func finding(environment: String? = "production") async throws -> VersionFinding {
        try #require(await source.findVersions([wish(environment: environment)])["checkout"]).get()
    }

    fileprivate func ask(_ memo: String? = nil, isThorough: Bool = false, _ span: Span = span) async throws
        -> VersionAsk
    {
        guard case .known(let definition) = try await finding() else { throw SourceError(.failed, "not found") }
        return VersionAsk(
            service: "checkout", definition: definition, span: span, memo: memo, isThorough: isThorough)
    }

    fileprivate func change(_ releases: [Release]) async { await sentry.change { $1.releases = releases } }

    fileprivate func answer(_ ask: VersionAsk) async throws -> VersionAnswer {
        let answer = try #require(await source.versions([ask]).first)
        #expect(answer.failures.map(\.error.message) == [])
        return answer
    }

    fileprivate func seen(_ memo: String? = nil, isThorough: Bool = false) async throws -> [String] {
        let ask = try await ask(memo, isThorough: isThorough)
        let answer = try await answer(ask)
        return ask.span.windows.map { answer.seen[$0.start]?.sorted().joined(separator: "+") ?? "-" }
    }
}

private func server(_ releases: [Release], pageSize: Int = 100) -> SimulatedSentry.Server {
    var server = SimulatedSentry.Server()
    server.releases = releases
    server.pageSize = pageSize
    return server
}

private func release(_ version: String, _ deploys: Release.Deploy..., day: Int = 10, projects: [Int] = [101]) -> Release
{
    Release(version, projects: projects, created: "2026-11-\(day)T08:00:00.123456Z", deploys: deploys)
}

@Suite("Versions at Sentry")
struct SentryVersionTests {
    @Test("follow from the deploys into the environment: each runs from the second it was finished until the next")
    func windows() async throws {
        let releases = [
            release("a@1", .init(at: noon - 86_400), .init(at: noon - 700)),
            release("a@2", .init("staging", at: noon - 90_000), .init(at: noon - 1200), day: 11),
            release("other@7", .init(at: noon - 600), projects: [999]),
            release("a@3", .init("staging", at: noon - 300), day: 12),
            release("a@4", .init("production", finished: "2026-11-20T12:00:00.000001Z"), day: 13),
        ]
        try await withSentry([checkout(), .init(id: 999, slug: "other")], server: server(releases)) { lab in
            // 11:35, 11:40 (a@2 from there), 11:45 (a@1 again at 11:48:20), 11:50, 11:55, 12:00 (a@4 a moment later)
            #expect(try await lab.seen() == ["a@1", "a@2", "a@1+a@2", "a@1", "a@1", "a@1+a@4"])
            let answer = try await lab.answer(lab.ask())
            #expect(answer.newest == VersionSighting(version: "a@4", at: noon + 1))
            #expect(answer.sourceNow == noon + 400)
        }
    }

    @Test("are known where a deploy into the environment is; elsewhere the reason is told")
    func finding() async throws {
        try await withSentry([checkout()], server: server([release("a@1", .init("staging", at: noon))])) { lab in
            func reason() async throws -> String? {
                if case .unknown(let reason, _) = try await lab.finding() { reason } else { nil }
            }
            let unknown = "Sentry has no deploy of project 'checkout-api' in environment 'production'"
            #expect(try await reason() == unknown)
            // Deployed to staging last, and to production before that.
            await lab.change([release("a@1", .init(at: noon), .init("staging", at: noon + 60))])
            guard case .known = try await lab.finding() else {
                Issue.record("the deploy into production is not found")
                return
            }
            await lab.change([])
            #expect(try await reason() == unknown)
        }
    }

    @Test("are looked for in thirty releases at a check, and in none again that has no further deploy")
    func findingCost() async throws {
        var releases = (0..<70).map { index in
            var found = release(
                "a@\(index)", .init("staging", at: noon - 9000 + index), .init("staging", at: noon - 8000 + index))
            found.seenIn = ["production"]
            return found
        }
        try await withSentry([checkout()], server: server(releases)) { lab in
            var memo: String?
            var costs: [Int] = []
            func find() async throws -> VersionFinding {
                var wish = lab.wish()
                wish.memo = memo
                let before = lab.server.requests().count { isFor("deploys", $0) }
                let found = try #require(await lab.source.findVersions([wish])["checkout"]).get()
                costs.append(lab.server.requests().count { isFor("deploys", $0) } - before)
                switch found {
                case .known: memo = nil
                case .unknown(_, let text): memo = text
                case .unfinished(let text): memo = text
                }
                return found
            }
            for _ in 0..<2 {
                guard case .unfinished = try await find() else {
                    Issue.record("finished too early")
                    return
                }
            }
            for _ in 0..<2 {
                guard case .unknown = try await find() else {
                    Issue.record("not finished")
                    return
                }
            }
            releases[3].deploys.insert(.init(at: noon - 8500), at: 1)
            await lab.change(releases)
            guard case .known = try await find() else {
                Issue.record("not found")
                return
            }
            #expect(costs == [30, 30, 10, 0, 1])
        }
    }

    @Test("of a steady check cost one request for all services; a further deploy of a release costs one more")
    func steady() async throws {
        var releases = (1...5).map {
            release("a@\($0)", .init("staging", at: noon - 9000 + $0), .init(at: noon - 8000 + $0))
        }
        try await withSentry([checkout()], server: server(releases)) { lab in
            let first = try await lab.answer(lab.ask())
            var ask = try await lab.ask(first.memo)
            func cost(_ ask: VersionAsk) async throws -> Int {
                let before = lab.server.requests().count
                _ = await lab.source.versions([ask, ask, ask])
                return lab.server.requests().count - before
            }
            #expect(try await cost(ask) == 1)
            releases[1].deploys.append(.init(at: noon - 300))
            await lab.change(releases)
            #expect(try await cost(ask) == 2)
            let second = try await lab.answer(ask)
            #expect(second.seen[noon - 600] == ["a@5"] && second.seen[noon] == ["a@2"])
            ask.memo = second.memo
            #expect(try await cost(ask) == 1)
            #expect(try await lab.answer(ask).seen == second.seen)
            // What is remembered does not reach back to earlier windows, which are read afresh.
            ask.span = Span(start: noon - 9000, end: noon, step: 300)
            #expect(try await lab.answer(ask).seen[noon - 8100] == Set((1...5).map { "a@\($0)" }))
        }
    }

    @Test(
        "of an old release that was rolled out again are found at once where there are few, else within half an hour",
        arguments: [290, 301])
    func rolledBack(_ count: Int) async throws {
        var releases = [release("a@1", .init(at: noon - 90_000)), release("a@2", .init(at: noon - 80_000), day: 11)]
        releases += (0..<count - 2).map {
            release("b@\($0)", .init(at: noon - 70_000 + $0), day: 12 + $0 / 40, projects: [102])
        }
        try await withSentry([checkout(), .init(id: 102, slug: "billing")], server: server(releases)) { lab in
            var billing = try await lab.ask()
            billing.service = "billing"
            billing.definition.details["project"] = "102"
            let first = await lab.source.versions([try await lab.ask(), billing])
            #expect(first.map(\.isUnsettled) == [false, false])
            releases[0].deploys.append(.init(at: noon - 1000))
            await lab.change(releases)
            func asked(_ memos: [String?], later: Seconds, isThorough: Bool = false) async throws -> [VersionAnswer] {
                let ahead = Span(start: span.start, end: span.end + later, step: 300)
                var asks = [try await lab.ask(memos[0], isThorough: isThorough, ahead), billing]
                asks[1].memo = memos[1]
                asks[1].span = ahead
                asks[1].isThorough = isThorough
                return await lab.source.versions(asks)
            }
            let isCut = count > 300
            let steady = try await asked(first.map(\.memo), later: 300)
            #expect(steady.map(\.isUnsettled) == [isCut, isCut])
            #expect(steady[0].seen[noon] == [isCut ? "a@2" : "a@1"])
            let half = try await asked(steady.map(\.memo), later: 1800)
            #expect(half.map(\.isUnsettled) == [false, false])
            #expect(half[0].seen[noon] == ["a@1"] && half[0].newest?.version == "a@1")
            #expect(try await asked(steady.map(\.memo), later: 300, isThorough: true)[0].seen[noon] == ["a@1"])
        }
    }

    @Test("of one project are told though Sentry refuses another, or one release of it")
    func refusedProject() async throws {
        let releases = [
            release("a@1", .init(at: noon - 9000)),
            release("b/1", .init("staging", at: noon - 8000), .init(at: noon - 7000), projects: [102]),
        ]
        try await withSentry([checkout(), .init(id: 102, slug: "billing")], server: server(releases)) { lab in
            let good = try await lab.ask()
            var gone = good
            gone.service = "gone"
            gone.definition.details["project"] = "999"
            gone.definition.details["slug"] = "gone-api"
            let answers = await lab.source.versions([good, gone]).sorted { $0.ask.service < $1.ask.service }
            #expect(answers[0].failures.isEmpty && answers[0].seen[noon] == ["a@1"])
            #expect(answers[1].seen.isEmpty && answers[1].failures.map(\.span) == [span])
            #expect(answers[1].failures.allSatisfy { !$0.error.message.contains("checkout-api") })
            var billing = good
            billing.service = "billing"
            billing.definition.details["project"] = "102"
            await lab.sentry.setFault { request in
                isFor("deploys", request) ? .json("{\"detail\":\"No.\"}", status: 404) : nil
            }
            let both = await lab.source.versions([billing, good])
            #expect(both.map(\.failures.count) == [1, 0])
        }
    }

    @Test("of more new releases than a page holds are all found")
    func manyNew() async throws {
        let releases = [release("a@1", .init(at: noon - 90_000))]
        try await withSentry([checkout()], server: server(releases, pageSize: 3)) { lab in
            let memo = try await lab.answer(lab.ask()).memo
            await lab.change(
                releases + (12...20).map { release("a@\($0)", .init(at: noon - 900 + $0), day: $0) })
            let seen = try await lab.answer(lab.ask(memo)).seen
            #expect(seen[noon - 900] == Set((12...20).map { "a@\($0)" } + ["a@1"]))
        }
    }

    @Test("of releases with odd names are asked by the name as one part of the path")
    func names() async throws {
        let version = "@acme/a b@1.2.3+45#é"
        let twice = release(version, .init("staging", at: noon - 7000), .init(at: noon - 6000))
        try await withSentry([checkout()], server: server([twice])) { lab in
            let seen = try await lab.seen()
            #expect(seen.last == version)
        }
    }

    @Test(
        "that cannot be asked fail every window",
        arguments: [(403, SourceError.Code.credentials), (500, .failed), (429, .rateLimited)])
    func failures(_ status: Int, _ code: SourceError.Code) async throws {
        let twice = release("a@1", .init("staging", at: noon - 7000), .init(at: noon - 6000))
        for resource in ["releases", "deploys"] {
            try await withSentry([checkout()], server: server([twice])) { lab in
                let ask = try await lab.ask()
                await lab.sentry.setFault { request in
                    isFor(resource, request) ? .json("{\"detail\":\"No.\"}", status: status) : nil
                }
                let answer = try #require(await lab.source.versions([ask]).first)
                #expect(answer.seen.isEmpty && answer.memo == nil)
                #expect(answer.failures.map(\.span) == [span])
                #expect(answer.failures.map(\.error.code) == [code])
                guard resource == "releases" else { return }
                let found = await lab.source.findVersions([lab.wish()])
                #expect(throws: SourceError.self) { try found["checkout"]?.get() }
            }
        }
    }

    @Test("of a deployment: the newest deploy, its commit, or a release by its name")
    func deployment() async throws {
        let full = String(repeating: "a1", count: 20)
        var releases = [
            release("a@1.2.3", .init(at: noon - 9000), .init("staging", at: noon)),
            release("a@1.2.4+7", .init("production", finished: "2026-11-20T11:50:00.5Z"), day: 11),
            release("a@1.3.0", day: 12), release("a@1.3.0+1", day: 13),
        ]
        releases[1].commit = full.uppercased()
        releases[2].released = "2026-11-12T09:00:00Z"
        try await withSentry([checkout()], server: server(releases)) { lab in
            func found(_ version: String?) async throws -> SentryDeployment {
                let service = lab.wish().service
                return try #require(await lab.source.deployments(of: [service], version: version)["checkout"]).get()
            }
            let newest = try await found(nil)
            #expect(newest.version == "a@1.2.4+7" && newest.at == noon - 599)
            #expect(newest.commit == full && newest.note == nil)
            #expect(try await found("v1.2.4") == newest)
            let older = try await found("1.2.3")
            #expect(older.at == noon - 9000 && older.commit == nil)
            let made = try await found("a@1.3.0")
            #expect(made.at == Instant(text: "2026-11-12T09:00:00Z"))
            #expect(made.note?.hasSuffix("the time is when it was finalized.") == true)
            let ambiguous = await #expect(throws: SourceError.self) { _ = try await found("1.3.0") }
            #expect(ambiguous?.message.contains("'a@1.3.0+1', 'a@1.3.0'") == true)
            let unknown = await #expect(throws: SourceError.self) { _ = try await found("7") }
            #expect(unknown?.code == .unknownSubject)
        }
    }
}
