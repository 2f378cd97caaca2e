import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("Silences, acknowledgements and reminders")
struct SilenceMessageTests {
    @Test("A breach is told when the silence ends, if it is still open")
    func endsWhileOpen() async throws {
        let stage = Stage()
        stage.script.set(5...8, 2)
        try stage.deploy()
        try stage.silence(from: Stage.start(5), to: Stage.due(7))
        for window in 4...6 { try await stage.check(window) }
        #expect(try stage.told().isEmpty)
        try await stage.check(7)
        #expect(try stage.told() == ["breach 5"])
        #expect(stage.messages(.breach).first?.facts.window?.start == Stage.start(7))
        #expect(try stage.episodes() == ["5 open"])
    }

    @Test("A silence that is ended before its time mutes no longer")
    func lifted() async throws {
        let stage = Stage()
        stage.script.set(5...8, 2)
        try stage.deploy()
        try stage.silence(from: Stage.start(5), to: Stage.due(20))
        try await stage.check(5)
        try stage.scene.ledger.record(.lift(silence: 1, by: "Bob", at: Stage.due(5) + 1))
        try await stage.check(6)
        #expect(try stage.told() == ["breach 5"])
    }

    @Test("It mutes the service and the guardrail that it names, and no other")
    func scope() async throws {
        for (service, guardrail, isMuted) in [
            ("checkout", nil, true), ("checkout", "g", true), (nil, "g", true), (nil, nil, true),
            ("cart", nil, false), ("checkout", "other", false),
        ] as [(String?, String?, Bool)] {
            let stage = Stage()
            stage.script.set(5...8, 2)
            try stage.silence(from: Stage.start(0), to: Stage.due(20), service: service, guardrail: guardrail)
            try stage.deploy()
            try await stage.check(5)
            #expect(try stage.told() == (isMuted ? [] : ["breach 5"]), "\(service ?? "all") \(guardrail ?? "all")")
        }
    }

    @Test("The end of what was told is told, silenced or not")
    func recoveryIsTold() async throws {
        let stage = Stage()
        stage.script.set(5...5, 2)
        try stage.deploy()
        try await stage.check(5)
        try stage.silence(from: Stage.due(5), to: Stage.due(20))
        for window in 6...8 { try await stage.check(window) }
        #expect(try stage.told() == ["breach 5", "recovered 5 <2"])
    }

    @Test("Of what silences covered from its beginning to its end nothing is told, one after the other or at once")
    func coveredWhole() async throws {
        for ends in [[7, 20], [20]] {
            for isInOneGo in [false, true] {
                let stage = Stage()
                stage.script.set(5...5, 2)
                try stage.deploy()
                var start = Stage.start(6)
                for end in ends {
                    try stage.silence(from: start, to: Stage.start(end))
                    start = Stage.start(end)
                }
                for window in isInOneGo ? [4, 30] : Array(4...30) { try await stage.check(window) }
                #expect(try stage.episodes() == ["5 recovered"])
                #expect(try stage.told().filter { $0.hasPrefix("recovered") || $0.hasPrefix("breach") }.isEmpty)
            }
        }
    }

    @Test("What silences did not wholly cover is told when it is over")
    func coveredInPart() async throws {
        for (from, to, next) in [(Stage.start(6) + 1, 12, 12), (Stage.start(6), 7, 8)] {
            for isSilencedNow in [false, true] {
                let stage = Stage()
                stage.script.set(5...6, 2)
                try stage.deploy()
                try stage.silence(from: from, to: Stage.start(to))
                try stage.silence(from: Stage.start(next), to: Stage.start(isSilencedNow ? 25 : 13))
                try await stage.check(4)
                try await stage.check(12)
                // What is over is not told where a silence holds when it would be.
                #expect(try stage.told() == (isSilencedNow ? [] : ["recovered 5"]))
                try await stage.check(26)
                #expect(try !isSilencedNow || stage.told().allSatisfy { !$0.hasPrefix("recovered") })
            }
        }
    }

    @Test("An acknowledgement ends with the episode: one that opens again is told again, and reminded of")
    func acknowledgedBefore() async throws {
        var stage = Stage()
        stage.scene.plan.remindEvery = 300
        stage.script.set(5...5, 2)
        try stage.deploy()
        for window in 4...5 { try await stage.check(window) }
        try stage.acknowledge(5)
        for window in 6...7 { try await stage.check(window) }
        stage.script.set(7...20, 2)
        for window in 8...9 { try await stage.check(window) }
        #expect(try stage.told() == ["breach 5", "recovered 5 <2", "breach 5", "reminder 5 <4"])
        #expect(try stage.scene.ledger.facts().standingAcknowledgements.isEmpty)
        try stage.acknowledge(5, at: 9)
        try await stage.check(10)
        #expect(try stage.told().count == 4)
        #expect(try stage.scene.ledger.facts().standingAcknowledgements.count == 1)
    }

    @Test("An open episode is told again at each interval, and never where that is 0")
    func reminders() async throws {
        for every in [600, 0] {
            var stage = Stage()
            stage.scene.plan.remindEvery = every
            stage.script.set(5...30, 2)
            try stage.deploy()
            #expect(try await stage.checkTwice(4...9) == 0)
            #expect(
                try stage.told() == (every == 0 ? ["breach 5"] : ["breach 5", "reminder 5 <2", "reminder 5 <2"]))
            #expect(stage.messages(.reminder).map(\.createdAt) == (every == 0 ? [] : [Stage.due(7), Stage.due(9)]))
        }
    }

    @Test("After hours without a check there is one reminder, not one for each")
    func oneReminder() async throws {
        var stage = Stage()
        stage.scene.plan.remindEvery = 600
        stage.script.set(5...30, 2)
        try stage.deploy()
        try await stage.check(5)
        try await stage.check(25)
        #expect(try stage.told() == ["breach 5", "reminder 5 <2"])
    }

    @Test("Who has acknowledged an episode is not reminded of it, and told of its end")
    func acknowledged() async throws {
        var stage = Stage()
        stage.scene.plan.remindEvery = 300
        stage.script.set(5...9, 2)
        try stage.deploy()
        for window in 4...6 { try await stage.check(window) }
        try stage.acknowledge(5)
        for window in 7...11 { try await stage.check(window) }
        #expect(try stage.told() == ["breach 5", "reminder 5 <2", "recovered 5 <2"])
        stage.script.set(12...14, 2)
        for window in 12...13 { try await stage.check(window) }
        #expect(try stage.told().suffix(2) == ["breach 12", "reminder 12 <5"])
    }

    @Test("No reminder while silenced")
    func silencedReminder() async throws {
        var stage = Stage()
        stage.scene.plan.remindEvery = 300
        stage.script.set(5...30, 2)
        try stage.deploy()
        try await stage.check(5)
        try stage.silence(from: Stage.due(5) + 1, to: Stage.due(8))
        for window in 6...7 { try await stage.check(window) }
        #expect(try stage.told() == ["breach 5"])
        try await stage.check(8)
        #expect(try stage.told() == ["breach 5", "reminder 5 <2"])
    }

    @Test("Silences and reminders go by when the check runs, not by what it was asked to look at")
    func byTheClock() async throws {
        var stage = Stage()
        stage.scene.plan.remindEvery = 600
        stage.script.set(5...8, 2)
        try stage.deploy()
        try stage.silence(from: Stage.due(5) + 60, to: Stage.due(5) + 120)
        try await stage.scene.check(at: Stage.due(5), clock: Stage.due(5) + 60)
        #expect(try stage.told().isEmpty)
        try await stage.scene.check(at: Stage.due(5), clock: Stage.due(5) + 120)
        try await stage.scene.check(at: Stage.due(5), clock: Stage.due(5) + 719)
        #expect(try stage.told() == ["breach 5"])
        try await stage.scene.check(at: Stage.due(5), clock: Stage.due(5) + 720)
        #expect(try stage.told() == ["breach 5", "reminder 5 <2"])
    }
}
