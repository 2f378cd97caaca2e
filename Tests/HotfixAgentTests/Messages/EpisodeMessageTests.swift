import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Synchronization
import Testing

@Suite("Messages about episodes")
struct EpisodeMessageTests {
    @Test("One is told when it opens and when it closes, and neither again")
    func openedAndClosed() async throws {
        let stage = Stage()
        stage.script.set(5...6, 2)
        try stage.deploy()
        let added = try await stage.checkTwice(4...9)
        #expect(added == 0)
        #expect(try stage.told() == ["breach 5", "recovered 5 <2"])
        #expect(stage.messages(.breach).map(\.at) == [Stage.start(6)])
        #expect(stage.messages(.recovered).map(\.at) == [Stage.start(9)])
        #expect(stage.messages(.breach).map(\.createdAt) == [Stage.due(5)])
    }

    @Test("One that opened and closed between two checks is told once, by its end")
    func past() async throws {
        let stage = Stage()
        stage.script.set(5...5, 2)
        try stage.deploy()
        try await stage.check(4)
        try await stage.check(9)
        try await stage.check(10)
        #expect(try stage.told() == ["recovered 5"])
    }

    @Test("A check says what it made, and one that commits nothing what it would have")
    func report() async throws {
        let stage = Stage()
        stage.script.set(5...5, 2)
        try stage.deploy()
        try await stage.check(4)
        #expect(try await stage.scene.check(at: Stage.due(5), isDryRun: true).messages.map(\.kind) == [.breach])
        #expect(try stage.told().isEmpty)
        #expect(try await stage.check(5).messages.map(\.kind) == [.breach])
    }

    @Test("One that is corrected is told where it was told before, and not where nobody was")
    func corrected() async throws {
        for isSilent in [false, true] {
            let stage = Stage()
            stage.script.set(5...5, 2)
            try stage.deploy()
            if isSilent { try stage.silence(from: Stage.due(5) - 10, to: Stage.due(5) + 1) }
            try await stage.check(5)
            stage.script.set(5...5, 1)
            try await stage.check(6)
            #expect(try stage.episodes() == ["5 corrected"])
            #expect(try stage.told() == (isSilent ? [] : ["breach 5", "corrected 5 <2"]))
        }
    }

    @Test("One whose guardrail is dropped is told where it was told before, and not where nobody was")
    func withdrawn() async throws {
        for isSilent in [false, true] {
            var stage = Stage([Stage.guardrail("other"), Stage.guardrail()])
            stage.script.set(5...5, 2)
            if isSilent { try stage.silence(from: Stage.due(5) - 10, to: Stage.due(5) + 1) }
            try await stage.check(5)
            stage.adopt([Stage.guardrail("other")])
            try await stage.check(6)
            #expect(try stage.episodes() == ["5 withdrawn"])
            #expect(try stage.told() == (isSilent ? [] : ["breach 5", "withdrawn 5 <1"]))
        }
    }

    @Test("One that is excused between two checks is told at the next, also where its beginning was not")
    func excused() async throws {
        for isSilent in [false, true] {
            let stage = Stage()
            stage.script.set(5...5, 2)
            try stage.deploy()
            if isSilent { try stage.silence(from: Stage.due(5) - 10, to: Stage.due(5) + 1) }
            try await stage.check(5)
            try stage.excuse(5, until: 6, at: 5)
            try await stage.checkTwice(6...7)
            #expect(try stage.told() == (isSilent ? ["excused 5"] : ["breach 5", "excused 5 <2"]))
            #expect(stage.messages(.excused).map(\.facts.reason) == ["Ada said why: a load test"])
        }
    }

    @Test("One that revisions open again is told again, in the same thread")
    func reopened() async throws {
        let stage = Stage()
        stage.script.set(5...5, 2)
        try stage.deploy()
        for window in 4...7 { try await stage.check(window) }
        stage.script.set(7...7, 2)
        try await stage.check(8)
        #expect(try stage.told() == ["breach 5", "recovered 5 <2", "breach 5"])
        try await stage.check(9)
        #expect(try stage.told().last == "recovered 5 <4")
    }

    @Test("One whose start moves back by a revision stays one thread")
    func oneThread() async throws {
        let stage = Stage()
        stage.script.set(5...6, 2)
        try stage.deploy()
        try await stage.check(6)
        stage.script.set(4...4, 2)
        stage.script.set(5...5, 1)
        for window in 6...8 { try await stage.check(window) }
        #expect(try stage.told() == ["breach 5", "recovered 5 <2"])
    }

    @Test("A pending breach is told by nobody until it is confirmed")
    func pending() async throws {
        let stage = Stage([Stage.guardrail { $0.confirm = .init(breaching: 2, of: 3) }])
        stage.script.set(5...5, 2)
        stage.script.set(7...7, 2)
        try stage.deploy()
        for window in 4...6 { try await stage.check(window) }
        #expect(try stage.told().isEmpty)
        try await stage.check(7)
        #expect(try stage.told() == ["breach 5"])
        #expect(stage.messages(.breach).first?.facts.window?.start == Stage.start(7))
    }

    @Test("Of a ledger from before messages, what is open is told, and what was over is not")
    func olderLedger() async throws {
        let ledger = MemoryLedger()
        let stage = Stage(ledger: ledger)
        stage.script.set(3...3, 2)
        stage.script.set(8...8, 2)
        try stage.deploy()
        for window in 0...8 { try await stage.check(window) }
        ledger.tamper { $0.messages = [] }
        #expect(try stage.episodes() == ["3 recovered", "8 open"])
        try await stage.check(9)
        #expect(try ledger.facts().messages.map(\.kind) == [.breach])
        #expect(try stage.told() == ["breach 8"])
        try await stage.check(10)
        #expect(try stage.told() == ["breach 8", "recovered 8 <1"])
    }

    @Test("One that was told and closes without a check is told to be over at the next")
    func closedElsewhere() async throws {
        let ledger = MemoryLedger()
        let stage = Stage(ledger: ledger)
        stage.script.set(5...5, 2)
        try stage.deploy()
        try await stage.check(5)
        stage.script.set(5...5, 1)
        let facts = try ledger.facts()
        var outcome = Outcome(at: Stage.due(5))
        outcome.episodes = facts.episodes.map { episode in
            var episode = episode
            episode.closedAt = Stage.due(5)
            episode.ending = .corrected
            return episode
        }
        #expect(try ledger.commit(outcome, generation: facts.generation))
        try await stage.checkTwice(6...7)
        #expect(try stage.told() == ["breach 5", "corrected 5 <2"])
    }

    @Test("What is recorded while a check asks is taken into account, and told once")
    func changedMeanwhile() async throws {
        let ledger = MemoryLedger()
        let isFirst = Mutex(true)
        let source = ScriptedSource { _, start in
            if start == Stage.start(5), isFirst.withLock({ $0 }) {
                isFirst.withLock { $0 = false }
                let silence = Silence(
                    start: Stage.due(5) - 1, end: Stage.due(6) - 1, reason: "known", by: "Ada",
                    recordedAt: Stage.due(5))
                #expect(throws: Never.self) { try ledger.record(.silence(silence)) }
            }
            return .answers(Observation(value: start >= Stage.start(5) ? 2 : 1))
        }
        let scene = Scene(source, guardrails: [Stage.guardrail()], streak: Stage.streak, ledger: ledger)
        try scene.deploy(at: Stage.deployedAt)
        try await scene.check(at: Stage.due(4))
        let report = try await scene.check(at: Stage.due(5))
        #expect(try ledger.facts().silences.count == 1)
        #expect(report.messages.isEmpty)
        #expect(try await scene.check(at: Stage.due(6)).messages.map(\.kind) == [.breach])
        #expect(try ledger.facts().messages.map(\.kind) == [.deployed, .breach])
    }
}
