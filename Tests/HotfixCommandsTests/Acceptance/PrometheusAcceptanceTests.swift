import HotfixCommands
import Testing

@Suite("the main job against a real Prometheus", .judgedShop)
struct PrometheusAcceptanceTests {
    let shop: JudgedShop

    init() throws {
        shop = try JudgedShop.prepared()
    }

    @Test("every verdict, value, baseline and limit is what the law makes of the samples")
    func verdicts() {
        for (outcome, from) in [(shop.atOnce, Shop.end - Shop.window), (shop.inSteps, Shop.anchor)] {
            var left = outcome.byKey()
            #expect(left.count == outcome.rows.count)
            var differences: [String] = []
            var compared = 0
            for pair in shop.pairs {
                // A service without a deployment is judged from the first check on.
                let isDeployed = pair.service != Shop.undeployed.name
                for (start, expected) in pair.verdicts where isDeployed || start >= from {
                    let key = "\(pair.service)/\(pair.rule.name)/\(instantText(start))"
                    let row = left.removeValue(forKey: key)
                    compared += 1
                    if let row, agrees(row, expected, start) { continue }
                    differences.append("\(key): \(row.map { "\($0)" } ?? "no row"), by hand \(expected)")
                }
            }
            #expect(differences.sorted().prefix(5) == [], "\(differences.count) of \(compared)")
            #expect(left.keys.sorted().prefix(5) == [])
            #expect(compared >= 58 * 600)
        }
    }

    private func agrees(_ row: ExportedRow, _ expected: HandVerdict, _ start: Int) -> Bool {
        row.windowEnd == instantText(start + Shop.window) && row.verdict == expected.verdict
            && row.reason == expected.reason && row.confirmed == expected.isConfirmed
            && row.baselineWindows == expected.windowsUsed && isNear(row.coverage, expected.coverage)
            && isNear(row.value, expected.value) && isNear(row.baseline, expected.baseline)
            && (expected.limits.isEmpty ? row.limit == nil : expected.limits.contains { isNear(row.limit, $0) })
    }

    @Test("every check ends well, and says so")
    func statuses() {
        for run in shop.atOnce.checks + shop.inSteps.checks {
            #expect(run.status == .done)
            #expect(run.errors == "")
        }
    }

    @Test("judged in one go or in steps, the newest verdicts are the same, to the last bit")
    func steps() {
        let atOnce = shop.atOnce.rows.filter { $0.service != Shop.undeployed.name }.map(\.lasting)
        let inSteps = shop.inSteps.rows.filter { $0.service != Shop.undeployed.name }.map(\.lasting)
        #expect(atOnce.count == inSteps.count)
        #expect(zip(atOnce, inSteps).filter { $0 != $1 }.map(\.0).prefix(3) == [])
        #expect(shop.atOnce.readiness == shop.inSteps.readiness)
    }

    @Test("a service that was down at the first check is judged from its history once it is back")
    func absentAtFirst() async throws {
        try await Stand.with(shop.url, Shop.deployed.filter { $0.name == "mail" }) { stand in
            let during = Shop.hour(31) + 130
            let commit = String(repeating: "c", count: 40)
            let deployed = "deployed --commit \(commit) --at @\(Shop.deployedAt) --no-incident"
            #expect(await stand.run(deployed, at: during).status == .done)
            let check = await stand.run("check", at: during)
            #expect(check.status == .wrong)
            #expect(check.errors.contains("no cpu of 'mail'"))
            #expect(await stand.run("readiness", at: during).status == .no)
            #expect(await stand.run("check", at: JudgedShop.last).status == .done)
            func lasting(_ rows: [ExportedRow]) -> [ExportedRow] {
                rows.filter { $0.service == "mail" }.map { row in
                    var row = row.lasting
                    row.policy = 0
                    return row
                }
            }
            let rows = try await stand.read([ExportedRow].self, "ledger export", at: JudgedShop.last)
            #expect(lasting(rows) == lasting(shop.atOnce.rows))
        }
    }

    @Test("streaks, states and episodes are what the law makes of the verdicts")
    func readiness() throws {
        let readiness = shop.atOnce.readiness
        #expect(readiness.services.map(\.name) == Shop.deployed.map(\.name))
        #expect(
            readiness.services.map(\.state) == [
                "counting", "counting", "counting", "ready", "ready", "counting", "breaching", "ready", "ready",
                "counting", "counting", "blind", "counting",
            ])
        var episodes: [HandReadiness.Episode] = []
        var all: [HandReadiness] = []
        for service in readiness.services {
            let pairs = shop.pairs.filter { $0.service == service.name }
            let expected = HandReadiness(pairs)
            episodes += expected.episodes
            all.append(expected)
            #expect(service.state == expected.state, "\(service.name)")
            #expect(service.since == instantText(expected.since), "\(service.name)")
            #expect(service.provenSeconds == expected.proven, "\(service.name)")
            #expect(service.unprovenWindows == expected.unprovenWindows, "\(service.name)")
            #expect(service.missingWindows == 0, "\(service.name)")
            #expect(service.earliestReady == instantText(expected.earliestReady), "\(service.name)")
            #expect(service.evaluatedUntil == instantText(Shop.end), "\(service.name)")
            expectNewest(service, pairs)
        }
        #expect(readiness.state == "breaching")
        #expect(!readiness.ready)
        #expect(readiness.provenSeconds == all.map(\.proven).min())
        #expect(readiness.since == all.map(\.since).max().map(instantText))
        #expect(readiness.earliestReady == all.map(\.earliestReady).max().map(instantText))
        #expect(readiness.evaluatedUntil == instantText(Shop.end))

        let found = Dictionary(readiness.episodes.map { ($0.id, $0) }) { first, _ in first }
        #expect(found.keys.sorted() == episodes.map(\.id).sorted())
        for episode in episodes {
            let other = try #require(found[episode.id])
            #expect(other.opened == instantText(episode.opened), "\(episode.id)")
            #expect(other.closed == episode.closed.map(instantText), "\(episode.id)")
            #expect(other.windows == episode.windows, "\(episode.id)")
            #expect(isNear(other.peak, episode.peak), "\(episode.id)")
        }
    }

    private func expectNewest(_ service: ExportedReadiness.Service, _ pairs: [HandPair]) {
        let newest = Shop.end - Shop.window
        for (guardrail, pair) in zip(service.guardrails, pairs) {
            let expected = pair.verdicts[newest]
            #expect(guardrail.name == pair.rule.name)
            #expect(guardrail.verdict == expected?.verdict)
            #expect(guardrail.reason == expected?.reason)
            #expect(guardrail.windowStart == instantText(newest))
            #expect(isNear(guardrail.value, expected?.value))
            #expect(isNear(guardrail.baseline, expected?.baseline))
        }
        let breaches = pairs.flatMap { pair in
            pair.verdicts.filter { $0.value.isConfirmed }.map { (start: $0.key, pair: pair, verdict: $0.value) }
        }
        let last = breaches.max { $0.start < $1.start }
        #expect(service.lastBreach?.guardrail == last?.pair.rule.name, "\(service.name)")
        #expect(service.lastBreach?.windowStart == last.map { instantText($0.start) })
        #expect(isNear(service.lastBreach?.value, last?.verdict.value))
        #expect(isNear(service.lastBreach?.limit, last?.verdict.limits.first))
    }
}
