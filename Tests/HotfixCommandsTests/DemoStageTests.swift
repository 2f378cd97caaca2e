import HotfixCommands
import HotfixDemo
import HotfixTestSupport
import Synchronization
import Testing

@Suite("The stage of the demonstration")
struct DemoStageTests {
    @Test(
        "shows a command line with what it says and how it ends, and throws where that is not the story",
        arguments: [
            (ExitStatus.wrong, "none.yaml", nil), (.done, "none.yaml", "ended with 2, not 0"),
            (.wrong, "READY", "did not say 'READY'"),
        ] as [(HotfixCommands.ExitStatus, String, String?)])
    func show(_ status: HotfixCommands.ExitStatus, _ fact: String, _ objection: String?) async throws {
        try await withTemporaryDirectory { directory in
            let shown = Mutex("")
            let audience = Surroundings(
                clock: { 0 }, environment: [:], directory: "/", write: { text in shown.withLock { $0 += text } },
                writeError: { text in shown.withLock { $0 += text } })
            var thrown: CommandError?
            do {
                try await Surroundings.$current.withValue(audience) {
                    let stage = DemoStage(directory: directory, clock: SimulatedClock(noon))
                    try await stage.show(["check", "--config", "none.yaml"], ends: status, saying: [fact])
                }
            } catch let error as CommandError {
                thrown = error
            }
            let text = shown.withLock { $0 }
            #expect(text.hasPrefix("\n$ hotfix check --config none.yaml\nhotfix: "), "\(text)")
            #expect(text.hasSuffix("\n(ends with exit status 2)\n"), "\(text)")
            #expect((thrown == nil) == (objection == nil))
            #expect(thrown.map(\.status) ?? .no == .no)
            if let objection {
                #expect(thrown?.description.contains(objection) == true, "\(String(describing: thrown))")
            }
        }
    }
}
