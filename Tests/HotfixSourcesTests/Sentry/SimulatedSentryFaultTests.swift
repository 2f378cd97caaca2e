import HotfixCore
import HotfixDemo
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
        let isSlow = fault == .slow(.seconds(30))
        try await withSentry([checkout()], timeout: isSlow ? .milliseconds(300) : .seconds(20)) { lab in
            let definition = try await lab.definition(lab.wish())
            lab.sentry.faults.set(fault)
            let failed = try await lab.answer(lab.ask(definition))
            #expect(failed.observations.isEmpty)
            #expect(failed.failures.map(\.code) == [code])
            lab.sentry.faults.set(nil)
            let mended = try await lab.answer(lab.ask(definition))
            #expect(mended.failures.isEmpty && mended.observations.count == 1)
        }
    }
}
