import HotfixCommands
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("hotfix gate")
struct GateCommandTests {
    private let other = String(repeating: "b2", count: 20)

    /// Deploys at noon and checks until the streak has reached its half hour.
    private func makeReady(_ commands: CommandLab, _ deployed: [String] = ["--commit", commit]) async {
        await commands.run(["deployed", "--no-incident"] + deployed)
        await commands.checks(from: noon, to: noon + 1800)
    }

    @Test("opens for the deployed commit of a ready hotfix, however it is spelled")
    func open() async throws {
        try await withSentry(now: noon) { lab in
            await makeReady(lab.commands)
            for spelling in [commit, commit.uppercased()] {
                #expect(
                    await lab.commands.run("gate", "--commit", spelling)
                        == Run(.done, "open: \(spelling) is deployed and has proven 30 min\n"))
            }
        }
    }

    @Test("stays closed before the time is proven")
    func counting() async throws {
        try await withSentry(now: noon) { lab in
            #expect(await lab.commands.run("gate", "--commit", commit).status == .unusable)
            await lab.commands.run("deployed", "--commit", commit)
            #expect(
                await lab.commands.run("gate", "--commit", commit)
                    == Run(.no, "closed: The hotfix is counting.\n"))
            await lab.commands.checks(from: noon, to: noon + 1500)
            #expect(
                await lab.commands.run("gate", "--commit", commit)
                    == Run(.no, "closed: The hotfix is counting.\n"))
        }
    }

    @Test("closes for another commit, a stale ledger, a new deployment, a breach, a closed hotfix")
    func closed() async throws {
        try await withSentry([project { $0 >= noon + 1800 ? 70 : 50 }], now: noon) { lab in
            let commands = lab.commands
            await makeReady(commands)
            #expect(
                await commands.run("gate", "--commit", other)
                    == Run(.no, "closed: \(other) is not what was deployed: 'checkout' runs \(commit).\n"))
            commands.now = noon + 1800 + 1201
            #expect(
                await commands.run("gate", "--commit", commit)
                    == Run(.no, "closed: The hotfix is blind (stale).\n"))
            #expect(await commands.run("gate", "--commit", commit, "--max-age", "21m").status == .done)
            await commands.run("check")
            #expect(
                await commands.run("gate", "--commit", commit)
                    == Run(.no, "closed: The hotfix is breaching.\n"))
            await commands.run("deployed", "--commit", other)
            #expect(
                await commands.run("gate", "--commit", commit)
                    == Run(.no, "closed: \(commit) is not what was deployed: 'checkout' runs \(other).\n"))
            await commands.run("deployed", "--close")
            #expect(
                await commands.run("gate", "--commit", other)
                    == Run(.no, "closed: Service 'checkout' is not deployed.\n"))
        }
    }

    @Test("a deployment without a full commit id opens no gate")
    func short() async throws {
        try await withSentry(now: noon) { lab in
            await makeReady(lab.commands, ["--commit", "a1a1a1a"])
            #expect(await lab.commands.run("readiness").status == .done)
            #expect(
                await lab.commands.run("gate", "--commit", commit)
                    == Run(
                        .no,
                        "closed: Deployment 1 of 'checkout' was recorded without a full commit id, and opens no gate.\n"
                    ))
        }
    }

    @Test("two services of different commits open it for neither")
    func twoCommits() async throws {
        let projects = [project(), project("pay", id: 7)]
        try await withSentry(projects, services: ["checkout", "pay"], now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident", "--service", "checkout")
            await makeReady(commands, ["--commit", other, "--service", "pay"])
            #expect(await commands.run("readiness").status == .done)
            #expect(
                await commands.run("gate", "--commit", commit)
                    == Run(.no, "closed: \(commit) is not what was deployed: 'pay' runs \(other).\n"))
            #expect(
                await commands.run("gate", "--commit", other)
                    == Run(.no, "closed: \(other) is not what was deployed: 'checkout' runs \(commit).\n"))
        }
    }
}
