import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

@Suite("hotfix check while Sentry fails", .heavy, .serialized)
struct SentryFaultTests {
    @Test("no fault turns into clean; when it is over, its windows are judged", arguments: SentryFault.all)
    func faults(_ fault: SentryFault) async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 300)
            try await lab.begin(fault, of: fault.resource)

            commands.now = noon + 1030
            let run = await commands.run("check", "--fail-on-breach")
            #expect(run.status == fault.status)
            for text in fault.says { #expect(run.errors.contains(text), "\(run.errors)") }
            #expect(run.errors.isEmpty == (fault.status == .done))
            #expect(!(run.output + run.errors).contains(canary))
            let faulty = fault.verdict.map { verdict in ["12:05 \(verdict)", "12:10 \(verdict)"] } ?? []
            #expect(await commands.verdicts() == ["12:00 clean"] + faulty)
            let json = await commands.run("readiness", "--format", "json")
            #expect(json.output.contains(#""proven_seconds": 300,"#))

            try await lab.end()
            let healed = await commands.run(at: noon + 1050, "check")
            #expect(healed.status == .done)
            #expect(healed.errors == "")
            #expect(await commands.verdicts() == ["12:00 clean", "12:05 clean", "12:10 clean"])
        }
    }

    @Test(
        "nothing is judged, nor pinned, while the project cannot be found",
        arguments: SentryFault.all.filter { $0.resource == "stats_v2" && !$0.isImpatient })
    func define(_ fault: SentryFault) async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            try await lab.begin(fault, of: "projects")
            commands.now = noon + 430
            let run = await commands.run("check")
            #expect(run.status == fault.status)
            #expect(run.errors.hasPrefix("hotfix: checkout/error-rate: sentry: "), "\(run.errors)")
            #expect(await commands.rows() == [])
            try await lab.end()
            #expect(await commands.run("check").status == .done)
            #expect(await commands.verdicts() == ["12:00 clean"])
        }
    }

    @Test("Sentry down for an hour and back: the ledger is as if it had never been away")
    func outage() async throws {
        func ledger(isDown: Bool) async throws -> [[String: String]] {
            var rows: [[String: String]] = []
            let bad = project { $0 == noon + 1500 ? 70 : 50 + Int($0.seconds / 300 % 7) }
            try await withSentry([bad], now: noon) { lab in
                let commands = lab.commands
                await commands.run("deployed", "--commit", commit, "--no-incident")
                await commands.checks(from: noon, to: noon + 300)
                if isDown {
                    await lab.sentry.setFault { _ in .answer(status: 503) }
                    let down = await commands.checks(from: noon + 300, to: noon + 3900)
                    #expect(down.status == .unfinished)
                    #expect(await commands.verdicts() == ["12:00 clean"])
                    await lab.sentry.setFault { _ in nil }
                } else {
                    await commands.checks(from: noon + 300, to: noon + 3900)
                }
                await commands.checks(from: noon + 3900, to: noon + 4200)
                rows = await commands.rows().map { row in
                    row.filter { !["evaluated_at", "revision"].contains($0.key) }
                }
            }
            return rows
        }
        let steady = try await ledger(isDown: false)
        #expect(steady.count == 14)
        #expect(steady.map { $0["verdict"] }.count { $0 == "breach" } == 1)
        #expect(try await ledger(isDown: true) == steady)
    }

    @Test("a clock ten minutes off is told, and nothing is judged by it", arguments: [-600.0, 600.0])
    func clock(_ offset: Double) async throws {
        try await withSentry(now: noon, date: { .at($0 + offset) }) { lab in
            let run = await lab.commands.run("check")
            #expect(run.status == .unfinished)
            #expect(run.errors.contains("600 s \(offset < 0 ? "behind" : "ahead of") the clock here"), "\(run.errors)")
            #expect(await lab.commands.rows() == [])
        }
    }
}

extension SentryLab {
    /// Lets a resource fail.
    fileprivate func begin(_ fault: SentryFault, of resource: String) async throws {
        await sentry.setFault { isFor(resource, $0) ? fault.answer($0) : nil }
        guard fault.isImpatient else { return }
        try commands.write(
            sentryConfiguration(url: server.url).replacing("recheck: 10m", with: "recheck: 10m, timeout: 1s"),
            to: "hotfix.yaml")
    }

    /// Lets nothing fail any more.
    fileprivate func end() async throws {
        await sentry.setFault { _ in nil }
        try commands.write(sentryConfiguration(url: server.url), to: "hotfix.yaml")
    }
}
