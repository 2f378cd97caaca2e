import HotfixAgent
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

extension World {
    /// What people say while the agent runs, by the window in which they say it.
    enum Saying: Sendable {
        case exclusion(Interval)
        case void
        case close
        case policy(Policy)
    }

    func sayings(_ random: inout SeededGenerator) -> [Int: Saying] {
        var sayings: [Int: Saying] = [:]
        for window in 5..<windows where random.happens(0.12) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2: sayings[window] = .exclusion(interval(before: window, &random))
            case 3: sayings[window] = .void
            case 4: sayings[window] = .close
            case 5: sayings[window] = .policy(otherConfirmation(&random))
            default: sayings[window] = .policy(changedPolicy(&random))
            }
        }
        return sayings
    }

    func interval(before window: Int, _ random: inout SeededGenerator) -> Interval {
        let from = Int.random(in: -40..<window, using: &random)
        return Interval(
            start: World.start + from * World.step + random.pick([0, 7]),
            end: World.start + (from + Int.random(in: 1...20, using: &random)) * World.step)
    }

    /// The policy with one thing changed, for better or for worse.
    func changedPolicy(_ random: inout SeededGenerator) -> Policy {
        var policy = Policy(window: World.step, streak: streak, guardrails: guardrails)
        let index = Int.random(in: guardrails.indices, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0: policy.streak.longestGap = random.pick([1, 2, 4, 8]) * World.step
        case 1: policy.streak.required = random.pick([4, 12, 30]) * World.step
        case 2: policy.guardrails.remove(at: index)
        case 3:
            policy.guardrails[index].limits = random.pick([
                [.relative(1)], [.above(9)], [.relative(0.05)], [.below(0.1)],
            ])
        case 4: policy.guardrails[index].severe = random.pick([nil, 1.2, 9])
        case 5: policy.guardrails[index].noData = random.pick([.breach, .unproven])
        case 6: policy.guardrails[index].floor = random.pick([nil, 2, 0.1])
        case 7: policy.guardrails[index].baseline.statistic = random.pick(BaselineRule.Statistic.allCases)
        case 8: policy.guardrails[index].baseline.minimumCoverage = random.pick([0, 1])
        case 9: policy.guardrails[index].baseline.anchor = random.pick([.rolling, .deployment])
        case 10: policy.guardrails[index].measure = .builtIn(random.pick([.memory, .latencyP95]))
        default:
            policy.guardrails[index].quiet = .expected
            policy.guardrails[index].minimumEvents =
                policy.guardrails[index].measure == .builtIn(.latencyP95) ? 99 : nil
        }
        return policy
    }

    /// The policy with another rule of confirmation.
    func otherConfirmation(_ random: inout SeededGenerator) -> Policy {
        var policy = Policy(window: World.step, streak: streak, guardrails: guardrails)
        let index = Int.random(in: guardrails.indices, using: &random)
        policy.guardrails[index].confirm = random.pick([.init(breaching: 2, of: 3), .init(breaching: 4, of: 4)])
        return policy
    }

    /// Says it, in the middle of a window.
    func say(_ saying: Saying, in window: Int, _ scene: inout Scene) throws {
        let now = World.start + window * World.step + 900
        switch saying {
        case .exclusion(let interval):
            try scene.ledger.record(
                .exclusion(Exclusion(id: 0, interval: interval, reason: "said \(window)", recordedAt: now)))
        case .void:
            guard let last = try scene.ledger.facts().deployments.last(where: \.isOpen) else { return }
            try scene.ledger.record(.void(deployment: last.id, reason: "said \(window)", at: now))
        case .close:
            guard let last = try scene.ledger.facts().deployments.last(where: \.isOpen) else { return }
            try scene.ledger.record(.close(hotfix: last.hotfix, at: now))
        case .policy(let policy): scene.watch.entries[0].policy = policy
        }
    }
}

@Suite("What people say while the agent runs", .heavy)
struct StatementProperties {
    /// Checks after every window, the given number of times each; `reopen` makes the ledger anew, as a restart does.
    private func run(
        _ world: World, _ sayings: [Int: World.Saying], times: Int, _ scene: inout Scene,
        reopen: (() throws -> any Ledger)? = nil
    ) async throws {
        for window in 0..<world.windows {
            for deployment in world.deployments where deployment.window == window {
                try scene.deploy(
                    at: World.start + window * World.step + 700, newBaseline: deployment.newBaseline ? "anew" : nil)
            }
            if let saying = sayings[window] { try world.say(saying, in: window, &scene) }
            if let reopen { scene.ledger = try reopen() }
            for _ in 0..<times { try await scene.check(at: World.due(window)) }
        }
    }

    @Test(
        "A ledger that is opened anew and checked twice each time holds what one in memory does", arguments: 500..<504)
    func restarts(seed: Int) async throws {
        let world = World(seed: UInt64(seed))
        var random = SeededGenerator(seed: UInt64(seed) &+ 3000)
        let sayings = world.sayings(&random)
        let now = World.due(world.windows - 1)
        var inMemory = try world.scene(world.source())
        try await run(world, sayings, times: 1, &inMemory)
        let expected = try LedgerContent(inMemory, at: now)
        try await withTemporaryDirectory { directory in
            let open = { try SQLiteLedger.open(path: "\(directory)/ledger.db", createIfMissing: true) as any Ledger }
            var scene = try world.scene(world.source(), ledger: try open())
            try await run(world, sayings, times: 2, &scene, reopen: open)
            let difference = try LedgerContent(scene, at: now).difference(from: expected)
            #expect(difference == nil)
        }
    }

    @Test("Neither a policy nor an exclusion ever adds proven time or takes back a restart", arguments: 600..<720)
    func noChangeProves(seed: Int) async throws {
        // A breach that is pending neither lengthens nor ends a gap, so it is better than unproven, and is left out here.
        let world = World(seed: UInt64(seed), confirmsAtOnce: true, isDeployed: true)
        var random = SeededGenerator(seed: UInt64(seed) &+ 4000)
        let first = try #require(world.deployments.first?.window)
        var window = Int.random(in: first..<world.windows - 3, using: &random)
        // Until it is stored, a baseline is provisional, and what was judged by it is not settled.
        while world.deployments.contains(where: { (0..<3).contains(window - $0.window) }) { window += 1 }
        var scene = try world.scene(world.source())
        let checks = Set([0, first + 1, (first + window) / 2, window].filter { $0 <= window })
        for at in 0...window {
            for deployment in world.deployments where deployment.window == at {
                try scene.deploy(
                    at: World.start + at * World.step + 700, newBaseline: deployment.newBaseline ? "anew" : nil)
            }
            if checks.contains(at) { try await scene.check(at: World.due(at)) }
        }
        var before = try scene.readiness(at: World.due(window))
        for turn in 0..<4 {
            let saying: World.Saying =
                if turn == 3 {
                    .policy(world.otherConfirmation(&random))
                } else if random.happens(0.25) {
                    .exclusion(world.interval(before: window, &random))
                } else {
                    .policy(world.changedPolicy(&random))
                }
            try world.say(saying, in: window, &scene)
            try await scene.check(at: World.due(window))
            let after = try scene.readiness(at: World.due(window))
            let since = try #require(after.since)
            #expect(since >= before.since ?? since, "\(saying)")
            #expect(after.provenSeconds <= before.provenSeconds, "\(saying)")
            before = after
        }
    }
}
