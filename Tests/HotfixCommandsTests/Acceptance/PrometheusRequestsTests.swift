import HotfixCommands
import HotfixDemo
import HotfixTestSupport
import Testing

/// A request for the values of some services over some windows.
private struct AskedRange: Hashable {
    var question: String
    var services: Set<String>
    /// The instants that the query is evaluated at.
    var ends: Set<Int>

    init(_ request: LoopbackRequest) throws {
        func field(_ name: String) throws -> String { try #require(request.form.first { $0.0 == name }?.1) }
        let query = try field("query")
        let questions = [
            ("histogram_quantile", "latency-p95"), ("5..", "error-rate"), ("_seconds_count", "requests"),
            ("process_cpu", "cpu"), ("process_memory", "memory"), ("queue_level", "level"),
            ("retries_total", "retried"), ("sum by (service_name) (increase(jobs", "events of jobs"), ("jobs", "jobs"),
        ]
        question = try #require(questions.first { query.contains($0.0) }?.1)
        let named = query.firstMatch(of: /(?:service_name|job)(?:=~|=)"(?<names>[^"]*)"/)?.names ?? "all"
        services = Set(named.split(separator: "|").map { String($0.replacing("shop/", with: "")) })
        let start = try #require(Int(try field("start")))
        let end = try #require(Int(try field("end")))
        let step = try #require(Int(try field("step")))
        ends = Set(stride(from: start, through: end, by: step))
        #expect(request.path == "/api/v1/query_range")
    }
}

extension PrometheusAcceptanceTests {
    /// The window that is new, and those that are younger than a quarter of an hour.
    private var young: Set<Int> { [Shop.end, Shop.end - 300, Shop.end - 600] }

    private func steady() throws -> [AskedRange] {
        try #require(shop.inSteps.requests.last).map { try AskedRange($0) }
    }

    @Test("a steady check is one request a guardrail, however many services, and one for events")
    func requestsOfSteadyCheck() throws {
        let asked = try steady().filter { $0.ends == young }
        func count(_ question: String, _ isMeant: (Set<String>) -> Bool) -> Int {
            asked.filter { $0.question == question && isMeant($0.services) }.count
        }
        // The events of p95 and error rate are the requests, which a guardrail asks for anyway.
        for question in ["latency-p95", "error-rate", "requests", "cpu", "memory"] {
            #expect(count(question) { $0.count >= 8 } == 1, "\(question) of services by service_name")
            #expect(count(question) { $0 == ["legacy"] } == 1, "\(question) of the service by job")
        }
        for question in ["jobs", "retried", "events of jobs"] { #expect(count(question) { _ in true } == 1) }
        // An own query that names the service is of one service.
        #expect(count("level") { $0 == ["mailer"] } == 1)
        #expect(asked.count == 14)
    }

    @Test("however scattered the windows without a value are, the requests are few")
    func scatteredWindows() throws {
        let valueless = shop.pairs.first { $0.service == "night" && $0.rule.name == "latency-p95" }?.verdicts.filter {
            $0.value.value == nil && $0.key >= Shop.hour(27)
        }
        #expect(valueless?.count == 60)
        let asked = try steady().filter { $0.ends != young }
        let scattered = asked.filter { $0.services == ["mail", "night", "search"] }
        #expect(scattered.map(\.question).sorted() == ["error-rate", "latency-p95", "requests"])
        // Two services had an outage each, and the gauge has ended.
        #expect(asked.count == scattered.count + 2 * 2 + 1)
    }

    @Test("a steady check asks new windows, young ones, and those of the last day that had no value")
    func windowsOfSteadyCheck() throws {
        var expected: [String: Set<Int>] = [:]
        for pair in shop.pairs {
            let valueless = pair.verdicts.filter { start, verdict in
                verdict.value == nil && JudgedShop.last - (start + Shop.window) < 86_400
            }
            let ends = young.union(valueless.keys.map { $0 + Shop.window })
            let isShared = ["jobs", "retried"].contains(pair.rule.name)
            let service = isShared ? "all" : pair.service
            expected["\(pair.rule.name) of \(service)", default: []].formUnion(ends)
            if pair.rule.name == "retried" { expected["events of jobs of all", default: []].formUnion(ends) }
            if ["latency-p95", "error-rate"].contains(pair.rule.name), pair.rule.measure.countsEvents {
                expected["requests of \(pair.service)", default: []].formUnion(ends)
            }
        }
        var asked: [String: Set<Int>] = [:]
        for range in try steady() {
            for service in range.services {
                #expect(asked["\(range.question) of \(service)", default: []].isDisjoint(with: range.ends))
                asked["\(range.question) of \(service)", default: []].formUnion(range.ends)
            }
        }
        #expect(Set(asked.keys) == Set(expected.keys))
        for (key, ends) in expected where asked[key] != ends {
            // What is scattered is asked together with what lies between.
            #expect(["mail", "night", "search"].contains { key.hasSuffix("of \($0)") }, "\(key)")
            #expect(["latency-p95", "error-rate", "requests"].contains { key.hasPrefix($0) }, "\(key)")
            #expect(asked[key]?.isSuperset(of: ends) == true, "\(key)")
        }
        #expect(expected["cpu of mail"]?.count == 3 + 27)
    }

    @Test("a second check at the same instant changes nothing")
    func secondCheck() async throws {
        let services = Shop.deployed.filter { ["checkout", "worker"].contains($0.name) }
        try await Stand.with(shop.url, services) { stand in
            let now = Shop.hour(6) + 130
            let commit = String(repeating: "b", count: 40)
            let deployed = "deployed --commit \(commit) --at @\(Shop.deployedAt) --no-incident"
            #expect(await stand.run(deployed, at: now).status == .done)
            #expect(await stand.run("check", at: now).status == .done)
            let facts = try stand.facts()
            let export = await stand.run("ledger export", at: now).output
            let readiness = await stand.run("readiness --format json", at: now).output
            #expect(export.split(separator: "\n").count == 1 + 8 * 72)

            let asked = stand.requests().count
            #expect(await stand.run("check", at: now).status == .done)
            #expect(stand.requests().count > asked)
            #expect(try stand.facts() == facts)
            #expect(await stand.run("ledger export", at: now).output == export)
            #expect(await stand.run("readiness --format json", at: now).output == readiness)
        }
    }
}
