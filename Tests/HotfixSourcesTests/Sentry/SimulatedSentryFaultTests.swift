import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixSources
import HotfixTestSupport
import Testing

@Suite("Faults of the simulated Sentry")
struct SimulatedSentryFaultTests {
    private static let faults: [(SimulatedFault, SourceError.Code)] = [
        (.down, .unreachable), (.failing(status: 503), .failed), (.rateLimited(retryAfter: 9), .rateLimited),
        (.slow(.seconds(30)), .timedOut), (.partial, .partial), (.garbage, .malformed), (.clockOff(90), .clock),
        (.clockOff(-90), .clock),
    ]

    @Test("make no value, and go when they are mended", arguments: faults)
    func fault(_ fault: SimulatedFault, _ code: SourceError.Code) async throws {
        try await withSentry([checkout()]) { lab in
            let asked = lab.ask(try await lab.definition(lab.wish()))
            lab.sentry.faults.set(fault)
            let client = HTTPClient(wallClock: { Double((noon + 400).seconds) })
            // Only where the answer comes late by far is there no patience.
            let source = SentrySource(
                name: "sentry", url: lab.server.url, organization: "acme", token: Secret("stub-token"), client: client,
                timeout: code == .timedOut ? .milliseconds(200) : .seconds(20), retry: .none, onNotice: { _ in })
            let failed = Came(try #require(await source.answer([asked]).first))
            await client.shutDown()
            #expect(failed.observations.isEmpty)
            #expect(failed.failures.map(\.code) == [code])
            lab.sentry.faults.set(nil)
            let mended = try await lab.answer(asked)
            #expect(mended.failures.isEmpty && mended.observations.count == 1)
        }
    }
}
