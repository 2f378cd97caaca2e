import HotfixAgent
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

@Suite("The running version, once a source has told it,")
struct VersionChangeTests {
    /// How the configuration changes.
    enum Change: CaseIterable {
        /// The service names the source no more.
        case dropped
        /// The service is called otherwise there.
        case rebound
        /// The service runs in another environment.
        case moved

        func make(_ stage: inout VersionStage) {
            switch self {
            case .dropped: stage.stage.scene.watch.entries[0].service.bindings["versions"] = nil
            case .rebound: stage.stage.scene.watch.entries[0].service.bindings["versions"] = ["service": "renamed"]
            case .moved: stage.stage.scene.watch.entries[0].service.environment = "prod"
            }
        }
    }

    private static let long = Policy.Streak(required: 400 * Stage.step, longestGap: 4 * Stage.step)

    private func accept(_ stage: VersionStage, at window: Int) throws {
        let snapshot = try stage.stage.scene.snapshot(at: Stage.due(window))
        let dropped = snapshot.droppedPairs(snapshot.facts.deployments.filter(\.isOpen))
        #expect(dropped == [.runningVersion(of: "checkout")])
        try stage.stage.scene.ledger.record(
            .acceptance(dropped.map { Acceptance(pair: $0, reason: "moved", recordedAt: Stage.due(window)) }))
    }

    @Test("stays what it was seen as, whatever becomes of the configuration", arguments: Change.allCases)
    func otherStaysOther(_ change: Change) async throws {
        var stage = VersionStage(ledger: try SQLiteLedger.inMemory())
        stage.see(0...60, ["1.2.3"])
        try stage.deploy()
        try await stage.checks(0...20)
        change.make(&stage)
        stage.versions.setFinding(.success(.unknown("no such label")))
        try await stage.checks(21...40)
        #expect(try stage.window(5, asOf: 40) == "unproven other-version")
        #expect(try stage.window(30, asOf: 40) == "unproven not-watched")
        let readiness = try stage.stage.readiness(40)
        #expect(readiness.state == .blind && readiness.provenSeconds == 0)
    }

    @Test("is unproven where it is told no more, until that is accepted", arguments: Change.allCases)
    func accepted(_ change: Change) async throws {
        var stage = VersionStage(streak: Self.long)
        stage.see(2...2, ["1.2.3"])
        try stage.deploy()
        try await stage.checks(0...9)
        change.make(&stage)
        stage.versions.setFinding(.success(.unknown("no such label")))
        try await stage.checks(10...14)
        #expect(try stage.window(9, asOf: 14) == "clean")
        #expect(try stage.window(10, asOf: 14) == "unproven not-watched")
        #expect(try stage.stage.readiness(14).notes.contains { $0.contains("until 'hotfix accept'") })
        try accept(stage, at: 14)
        try await stage.checks(15...16)
        #expect(try stage.window(10, asOf: 16) == "clean")
        #expect(try stage.window(2, asOf: 16) == "unproven other-version")
        #expect(try stage.stage.streak(16) == "counting since 0, 16 proven")
        let snapshot = try stage.stage.scene.snapshot(at: Stage.due(16))
        #expect(snapshot.droppedPairs(snapshot.facts.deployments).isEmpty)
    }

    @Test("is unproven again where it is told after that was accepted, and then no more")
    func acceptedOnce() async throws {
        var stage = VersionStage(streak: Self.long)
        try stage.deploy()
        try await stage.checks(0...3)
        let before = stage
        Change.dropped.make(&stage)
        try await stage.checks(4...5)
        try accept(stage, at: 5)
        try await before.checks(6...7)
        #expect(try before.stage.streak(7) == "counting since 0, 8 proven")
        try await stage.checks(8...9)
        #expect(try stage.window(9, asOf: 9) == "unproven not-watched")
    }

    @Test("is missing while it cannot be found out who tells it now, and is taken from history then")
    func unfoundAfterChange() async throws {
        var stage = VersionStage(streak: Self.long)
        stage.see(3...3, ["1.2.3"])
        try stage.deploy()
        try await stage.checks(0...5)
        Change.rebound.make(&stage)
        stage.versions.setFinding(.failure(SourceError(.unreachable, "down")))
        try await stage.stage.check(6)
        #expect(try stage.window(5, asOf: 6) == "missing")
        stage.versions.setFinding(nil)
        stage.see(3...3, ["1.2.4"])
        try await stage.stage.check(7)
        // The worse of both answers counts.
        #expect(try stage.window(3, asOf: 7) == "unproven other-version")
        #expect(try stage.stage.streak(7) == "counting since 0, 7 proven")
    }

    @Test("is told no more only of the deployment of which it was told: a new one begins anew")
    func newDeployment() async throws {
        let stage = VersionStage()
        try stage.deploy()
        try await stage.checks(0...3)
        stage.versions.setFinding(.success(.unknown("no such label")))
        try stage.deploy(5, version: "1.2.5")
        try await stage.checks(5...6)
        #expect(try stage.window(6, asOf: 6) == "clean")
        let notes = try stage.stage.readiness(6).notes
        #expect(notes.contains("The running version of 'checkout' is not watched at 'versions': no such label."))
    }

    @Test("is not said to be unknown by what was found out for an earlier deployment")
    func staleUnknown() async throws {
        let stage = VersionStage()
        stage.versions.setFinding(.success(.unknown("Sentry has no deploy")))
        try stage.deploy()
        try await stage.checks(0...3)
        stage.see(0...60, ["1.2.3"])
        stage.versions.setFinding(.failure(SourceError(.credentials, "The token lacks project:read.")))
        try stage.deploy(5, version: "1.2.5")
        try await stage.checks(5...20)
        #expect(try stage.window(5, asOf: 20) == "missing")
        #expect(try stage.window(10, asOf: 20) == "missing")
        #expect(try stage.stage.readiness(20).provenSeconds == 0)
        stage.versions.setFinding(nil)
        try await stage.stage.check(21)
        #expect(try stage.window(10, asOf: 21) == "unproven other-version")
    }

    @Test(
        "is not said to be unknown for longer than two hours after that was found out, and than 15 minutes at first",
        arguments: [(13, 35), (2, 5)])
    func agedUnknown(_ found: Int, _ until: Int) async throws {
        let stage = VersionStage(streak: Self.long)
        stage.versions.setFinding(.success(.unknown("no such label")))
        try stage.deploy()
        try await stage.checks(0...found)
        stage.versions.setFinding(.failure(SourceError(.unreachable, "down")))
        try await stage.checks(found + 1...40)
        #expect(try stage.window(until, asOf: 40) == "clean")
        #expect(try stage.window(until + 1, asOf: 40) == "missing")
    }

    @Test("is missing until it was looked for everywhere, which goes on with every check")
    func unfinished() async throws {
        let stage = VersionStage(streak: Self.long)
        stage.versions.setFinding(.success(.unfinished(memo: "half")))
        try stage.deploy()
        try await stage.checks(0...1)
        #expect(try stage.window(0, asOf: 1) == "missing")
        stage.versions.setFinding(.success(.unknown("no deploy", memo: "all")))
        try await stage.checks(2...3)
        #expect(stage.versions.wishes.map(\.memo) == [nil, "half", "half", "all"])
        #expect(try stage.window(0, asOf: 3) == "clean")
    }

    @Test("is looked for anew at every deployment, and where none was seen for an hour")
    func foundAnew() async throws {
        let stage = VersionStage(streak: Self.long)
        func rename(_ query: String) {
            stage.versions.setFinding(.success(.known(SeriesDefinition(source: "versions", query: query))))
        }
        try stage.deploy()
        try await stage.checks(0...3)
        #expect(stage.versions.wishes.count == 1)
        rename("of the upgraded collector")
        try stage.deploy(5, version: "1.2.4")
        try await stage.checks(5...5)
        #expect(stage.versions.wishes.count == 2)
        #expect(stage.versions.asks.last?.definition.query == "of the upgraded collector")
        stage.see(6...60, [])
        try await stage.checks(6...16)
        #expect(stage.versions.wishes.count == 2)
        rename("of the label's new name")
        try await stage.checks(17...18)
        #expect(stage.versions.wishes.count == 3)
        #expect(stage.versions.asks.last?.definition.query == "of the label's new name")
        // What the older query was asked of stays as it was answered.
        stage.see(6...60, ["1.2.4"])
        try await stage.checks(19...20)
        #expect(try stage.window(10, asOf: 20) == "unproven other-version")
        #expect(try stage.window(19, asOf: 20) == "clean")
    }

    @Test("of one build is not that of another, though neither was named")
    func builds() async throws {
        let stage = VersionStage(streak: Self.long)
        stage.see(0...3, ["1.2.4+7"])
        stage.see(4...4, ["1.2.4+7", "1.2.4+8"])
        stage.see(5...5, ["1.2.4+8"])
        try stage.deploy()
        try await stage.checks(0...6)
        #expect(
            try (3...6).map { try stage.window($0, asOf: 6) } == [
                "clean", "unproven other-version", "unproven other-version", "clean",
            ])
    }

    @Test("that is named beside the deployed one is expected whenever it is rolled out")
    func besideLater() async throws {
        let stage = VersionStage()
        stage.versions.setNewest(VersionSighting(version: "1.2.3", at: Stage.deployedAt + 4000))
        stage.see(0...20, ["1.2.3", "1.2.4"])
        try stage.deploy(beside: ["1.2.3"])
        try await stage.checks(0...16)
        #expect(try stage.stage.readiness(16).unrecordedDeploys.isEmpty)
    }
}
