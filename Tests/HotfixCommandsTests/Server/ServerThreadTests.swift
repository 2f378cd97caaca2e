import Dispatch
import HotfixCore
import Testing

@testable import HotfixCommands
@testable import HotfixServer

/// Somebody who holds up a thread until they are let go.
private final class Holder: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let begun = AsyncStream.makeStream(of: Void.self)

    func hold() {
        begun.continuation.finish()
        gate.wait()
    }

    func hasBegun() async { for await _ in begun.stream {} }

    func letGo() { gate.signal() }
}

@Suite("Who asks a server for the state")
struct ServerThreadTests {
    @Test("waits for nobody who looks at pages and overviews", .timeLimit(.minutes(2)))
    func state() async throws {
        try await withServer("") { lab in
            let surroundings = Surroundings(
                clock: { lab.here.clock }, environment: lab.here.environment, directory: lab.here.directory,
                write: { _ in }, writeError: { _ in })
            let desk = try Surroundings.$current.withValue(surroundings) { try ServedDesk(config: nil) }
            let threads = DeskThreads()
            let handler = APIHandler(
                desk: desk, access: AccessRules(readToken: nil, writeToken: nil, isLoopback: true), threads: threads,
                problem: ServeCommand.problem)
            let holder = Holder()
            async let held: Void = threads.browsing { holder.hold() }
            await holder.hasBegun()
            for target in [
                "/healthz", "/readyz", "/metrics", "/badge.svg", "/api/v1/readiness", "/api/v1/gate?commit=\(commit)",
            ] {
                let answer = try await handler.answer(APICall(method: "GET", target: target))
                #expect(answer?.status == 200, "\(target)")
            }
            holder.letGo()
            try await held
            let overview = try await handler.answer(APICall(method: "GET", target: "/api/v1/overview"))
            #expect(overview?.status == 200)
        }
    }
}
