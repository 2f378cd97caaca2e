import HotfixChannels
import Testing

@testable import HotfixCore

@Suite("What the gate shows beside a commit")
struct GateStatusTests {
    @Test(
        "Success needs the head, the deployed commit and a ready streak, all three", arguments: [true, false],
        [true, false])
    func success(isHead: Bool, isDeployed: Bool) {
        for state in Readiness.State.allCases {
            let commit = isDeployed ? GateScene.deployed : GateScene.pushedLater
            let shown = readiness(state).gateStatus(of: commit, isHead: isHead)
            #expect((shown.state == .success) == (isHead && isDeployed && state == .ready))
        }
    }

    @Test("A deployment without a full commit id opens nothing")
    func shortCommit() {
        let shown = readiness(.ready, commit: "a1a1a1a").gateStatus(of: GateScene.deployed, isHead: true)
        #expect(shown.state == .pending)
        #expect(shown.description.contains("no full commit id"))
    }

    @Test("Its words fit into 140 UTF-16 units on one line, whatever names they hold")
    func length() {
        let name = String(repeating: "👩‍👩‍👧‍👦\r\n", count: 1000)
        let shown = readiness(.breaching, service: name, episodes: [openEpisode(name)]).gateStatus(
            of: GateScene.deployed, isHead: true)
        #expect(shown.description.utf16.count <= 140)
        #expect(!shown.description.contains { $0.isNewline })
    }
}
