import Testing

@testable import HotfixCore

private let head = String(repeating: "0123456789abcdef", count: 3).prefix(40).description
private let pushedLater = String(repeating: "f", count: 40)

private func readiness(_ commits: [String?], state: Readiness.State = .ready, reason: Readiness.StateReason? = nil)
    -> Readiness
{
    let services = commits.enumerated().map { index, commit in
        ServiceReadiness(
            name: "service-\(index)", state: state,
            deployment: commit.map {
                Deployment(
                    id: 7, hotfix: 1, commit: $0, at: Instant(0), recordedAt: Instant(0), services: ["service-\(index)"]
                )
            }, requiredSeconds: 0, provenSeconds: 0, unprovenWindows: 0, missingWindows: 0, guardrails: [],
            notWatched: [])
    }
    return Readiness(
        state: services.isEmpty ? .notDeployed : state, stateReason: reason, requiredSeconds: 0, provenSeconds: 0,
        services: services, episodes: [], notes: [])
}

@Suite("The gate")
struct ObjectionTests {
    @Test("Ready, and every service runs the head: no objection")
    func open() {
        #expect(readiness([head]).objection(toMerging: head) == nil)
        #expect(readiness([head, head.uppercased()]).objection(toMerging: head) == nil)
    }

    @Test("A commit pushed after the deployment is not the one that was proven")
    func pushedAfterDeployment() {
        let objection = readiness([head]).objection(toMerging: pushedLater)
        #expect(objection == "\(pushedLater) is not what was deployed: 'service-0' runs \(head).")
        #expect(readiness([head, pushedLater]).objection(toMerging: head)?.contains("service-1") == true)
    }

    @Test("A short commit id opens no gate, neither asked for nor deployed", arguments: [7, 12, 39])
    func shortCommits(length: Int) {
        let short = String(head.prefix(length))
        #expect(readiness([head]).objection(toMerging: short)?.contains("not a full commit id") == true)
        #expect(readiness([short]).objection(toMerging: head)?.contains("without a full commit id") == true)
        #expect(readiness([short]).objection(toMerging: short) != nil)
    }

    @Test("A service that is not deployed objects")
    func notDeployed() {
        #expect(readiness([head, nil]).objection(toMerging: head) == "Service 'service-1' is not deployed.")
        #expect(readiness([]).objection(toMerging: head) == "The hotfix is not-deployed.")
    }

    @Test("Whatever is not ready objects", arguments: Readiness.State.allCases)
    func notReady(state: Readiness.State) {
        #expect((readiness([head], state: state).objection(toMerging: head) == nil) == (state == .ready))
        #expect(
            readiness([head], state: .counting, reason: .confirming).objection(toMerging: head)
                == "The hotfix is counting (confirming).")
    }

    @Test(
        "A full commit id has 40 or 64 hexadecimal digits",
        arguments: [
            (String(repeating: "a", count: 40), true), (String(repeating: "A", count: 64), true),
            (String(repeating: "a", count: 41), false), (String(repeating: "g", count: 40), false), ("", false),
            (String(repeating: "é", count: 20), false),
        ])
    func fullCommits(text: String, isFull: Bool) {
        #expect(isFullCommit(text) == isFull)
    }
}
