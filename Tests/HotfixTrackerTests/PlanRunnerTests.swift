import Glibc
import HotfixCore
import HotfixTestSupport
import Synchronization
import Testing

@testable import HotfixTracker

private struct Lost: Error {}

/// Something that is done once, and what asking for it and doing it come to.
private final class Deed: Sendable {
    let isDone = Mutex(false)
    let isKnown = Mutex(true)
    let isAnswered = Mutex(true)
    let isRefused = Mutex(false)
    let attempts = Mutex(0)

    func plan(changesWorkTree: Bool = false, did: String = "Merged.") -> Plan {
        Plan(
            "complete",
            [
                Plan.Step(
                    title: "Merge.", did: did, identity: "Merge x.",
                    isDone: {
                        guard self.isKnown.withLock({ $0 }) else { throw Lost() }
                        return self.isDone.withLock { $0 }
                    },
                    perform: {
                        self.attempts.withLock { $0 += 1 }
                        if self.isRefused.withLock({ $0 }) { throw Lost() }
                        self.isDone.withLock { $0 = true }
                        if !self.isAnswered.withLock({ $0 }) {
                            self.isKnown.withLock { $0 = false }
                            throw Lost()
                        }
                    }, changesWorkTree: changesWorkTree,
                    note: { $0.set("decommission", "mergedToMain", to: .boolean(true)) })
            ])
    }
}

private func runner(_ path: String, by: String = "Ada", reason: String? = nil, at: Int = 0) -> PlanRunner {
    PlanRunner(statusFile: path, by: by, reason: reason, now: { Instant(1_795_176_000 + at) })
}

@Suite("Carrying out a plan")
struct PlanRunnerTests {
    @Test("what a run that broke off did is recorded by the next one, as whose it was and with its reason")
    func brokenOff() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            let deed = Deed()
            deed.isAnswered.withLock { $0 = false }
            await #expect(throws: Lost.self) {
                try await runner(path, reason: "It loses orders").carryOut(deed.plan()) { _, _ in }
            }
            let between = try StatusFile.read(path: path)
            #expect(between.history.isEmpty && between.text.contains(#""intents": ["#))
            deed.isKnown.withLock { $0 = true }
            try await runner(path, by: "Bob", at: 60).carryOut(deed.plan(did: "Merged as well.")) { _, wasDone in
                #expect(wasDone)
            }
            let status = try StatusFile.read(path: path)
            let entry = try #require(status.history.first)
            #expect(status.history.count == 1 && entry.by == "Ada" && entry.reason == "It loses orders")
            #expect(entry.did == "Merged. (Begun at 2026-11-20T12:00:00Z; found done.)")
            #expect(status["decommission", "mergedToMain"] == .boolean(true))
            #expect(status.root["intents"] == nil)
            try await runner(path, at: 120).carryOut(deed.plan()) { _, _ in }
            #expect(try StatusFile.read(path: path) == status)
            #expect(deed.attempts.withLock { $0 } == 1)
        }
    }

    @Test("the last plan of a hotfix leaves nothing begun: what no run takes up any more is told by the history")
    func settled() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            let deed = Deed()
            deed.isAnswered.withLock { $0 = false }
            await #expect(throws: Lost.self) {
                try await runner(path, reason: "It is in the way").carryOut(deed.plan()) { _, _ in }
            }
            try await runner(path, at: 60).carryOut(Plan("init", [])) { _, _ in }
            #expect(try StatusFile.read(path: path).text.contains(#""intents": ["#))
            try await runner(path, at: 60).carryOut(Plan("complete", [], endsHotfix: true)) { _, _ in }
            let status = try StatusFile.read(path: path)
            #expect(status.root["intents"] == nil)
            #expect(status.history.map(\.did) == ["Began, and did not see the end of: Merged."])
            #expect(status.history.map(\.reason) == ["It is in the way"] && status.history.map(\.by) == ["Ada"])
        }
    }

    @Test("what failed after it was done is recorded at once; what was not done leaves nothing behind")
    func failed() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            let deed = Deed()
            deed.isRefused.withLock { $0 = true }
            await #expect(throws: Lost.self) {
                try await runner(path, reason: "r").carryOut(deed.plan()) { _, _ in }
            }
            let status = try StatusFile.read(path: path)
            #expect(status.history.isEmpty && status.root["intents"] == nil)
            deed.isRefused.withLock { $0 = false }
            let step = Plan.Step(
                title: "Merge.", did: "Merged.", isDone: { deed.isDone.withLock { $0 } },
                perform: {
                    deed.isDone.withLock { $0 = true }
                    throw Lost()
                })
            await #expect(throws: Lost.self) {
                try await runner(path, reason: "r").carryOut(Plan("complete", [step])) { _, _ in }
            }
            #expect(try StatusFile.read(path: path).history.map(\.reason) == ["r"])
            #expect(try StatusFile.read(path: path).root["intents"] == nil)
        }
    }

    @Test("what somebody else did is recorded once the file learns of it, with the reason that was given")
    func foundDone() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            let deed = Deed()
            deed.isDone.withLock { $0 = true }
            for _ in 0..<2 { try await runner(path, reason: "gave up").carryOut(deed.plan()) { _, _ in } }
            let history = try StatusFile.read(path: path).history
            #expect(history.map(\.did) == ["Merged. (Found done.)"] && history[0].reason == "gave up")
        }
    }

    @Test("nothing is done where the status file could not say so", arguments: [true, false])
    func readOnly(changesWorkTree: Bool) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try StatusFile.update(path: path, at: Instant(0)) { $0.set("uat", "scheduled", to: .boolean(true)) }
            #expect(chmod(path, 0o444) == 0)
            let deed = Deed()
            await #expect(throws: StatusFileError.self) {
                try await runner(path).carryOut(deed.plan(changesWorkTree: changesWorkTree)) { _, _ in }
            }
            #expect(deed.attempts.withLock { $0 } == 0)
        }
    }

    @Test("a step that changes the work tree finds the status file as it was")
    func untouched() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            let step = Plan.Step(
                title: "Switch.", did: "Switched.", isDone: { false },
                perform: { #expect(access(path, F_OK) != 0) }, changesWorkTree: true)
            await #expect(throws: GitError.self) {
                try await runner(path).carryOut(Plan("init", [step])) { _, _ in }
            }
        }
    }
}
