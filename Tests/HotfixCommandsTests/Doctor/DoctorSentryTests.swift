import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

@Suite("hotfix doctor of Sentry", .serialized)
struct DoctorSentryTests {

    @Test("each fault is found, named, and told with its remedy; nothing else is", arguments: DoctorSentryFault.all)
    func faults(_ fault: DoctorSentryFault) async throws {
        try await withSentry([fault.project], now: noon, token: fault.token) { lab in
            await lab.sentry.setFault(fault.answer)
            let (run, report) = try await lab.commands.doctor()
            #expect(report.codes == fault.codes, "\(run.output)")
            #expect(run.status == fault.status)
            #expect(run.output.contains(fault.says), "\(run.output)")
            #expect(!run.output.contains("canary-7f3a"))
        }
    }

    @Test("a set-up that is well has nothing found, for a dozen requests")
    func healthy() async throws {
        try await withSentry([DoctorSentryFault.busy], now: noon) { lab in
            await lab.commands.run("check")
            let count = lab.server.requests().count
            let (run, report) = try await lab.commands.doctor("--verbose")
            #expect(report.findings.isEmpty, "\(run.output)")
            #expect(run.status == .done)
            #expect(lab.server.requests().count - count <= 12)
            #expect(
                run.output.contains("The token may ask 'events-timeseries', 'stats_v2', 'environments', 'releases'."))
        }
    }

    @Test("a clock ten minutes off is told, and nothing is asked of it", arguments: [-600.0, 600.0])
    func clock(_ offset: Double) async throws {
        try await withSentry([DoctorSentryFault.busy], now: noon, date: { .at($0 + offset) }) { lab in
            let (run, report) = try await lab.commands.doctor()
            #expect(report.codes == ["clock-difference", "not-examined"], "\(run.output)")
            #expect(run.status == .unfinished)
        }
    }
}
