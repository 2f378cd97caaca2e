import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

@Suite("hotfix announce", .heavy)
struct AnnounceCommandTests {
    private static let template = "Upgrade {branch}\n\n{issue}: {fix}\n{urgency}\n"
    private let call = ["announce", "--template", "note.md", "--fix", "Upgrade <!here>.", "--yes", "--to"]

    /// A hotfix that is assessed, with a webhook, an output, a pager and an Alertmanager.
    private func withReceiver(_ body: (CriticalLab, WebhookStandIn) async throws -> Void) async throws {
        let receiver = WebhookStandIn(secret: nil, now: { noon })
        try await withLoopbackServer({ receiver.answer($0) }) { server in
            let configuration = """
                notify:
                  - {type: webhook, name: hook, url: "\(server.url)/hook", only: [breach]}
                  - {type: output, name: out}
                  - {type: pagerduty, routing_key: "${KEY}"}
                  - {type: alertmanager, url: "\(server.url)"}

                """
            try await withCritical(configuration, secrets: ["KEY": String(repeating: "0", count: 32)]) { lab in
                try lab.commands.write(Self.template, to: "note.md")
                await lab.commands.run(
                    "assess", "--kind", "crash", "--affected", "All shops", "--why-now", "It stops.")
                try await body(lab, receiver)
            }
        }
    }

    @Test("is shown first, told once, and kept with who and when")
    func told() async throws {
        try await withReceiver { lab, receiver in
            let before = try lab.status()
            let shown = await lab.commands.run(call.filter { $0 != "--yes" } + ["hook", "out", "--dry-run"])
            #expect(
                shown
                    == Run(
                        .done,
                        """
                        This is told:
                          | Upgrade hotfix/v1.0.1-hotfix1
                          | \("")
                          | All shops: Upgrade <!here>.
                          | It stops.
                        To:
                          hook
                          out

                        """))
            #expect(await lab.commands.run(call.filter { $0 != "--yes" } + ["hook"]).status == .wrong)
            #expect(receiver.taken.isEmpty)
            #expect(try lab.status() == before)

            let run = await lab.commands.run(call + ["hook", "out"])
            #expect(run.status == .done && run.output.hasSuffix("hook: told.\nout: told.\n"), "\(run)")
            #expect(run.errors == "Upgrade hotfix/v1.0.1-hotfix1\nAll shops: Upgrade <!here>.\nIt stops.\n")
            let data = try #require(receiver.taken.first?.event["data"]?.object)
            #expect(data["text"] == JSONValue("All shops: Upgrade <!here>.\nIt stops."))
            #expect(try lab.status().contains("\"did\": \"Told hook 'Upgrade hotfix/v1.0.1-hotfix1'.\""))
            #expect(try lab.status().contains("\"outcome\": \"delivered\""))
            let status = try lab.status()
            let again = await lab.commands.run(call + ["hook", "out"])
            #expect(again.output.hasSuffix("hook: told already.\nout: told already.\n"))
            #expect(again.status == .done && receiver.taken.count == 1)
            #expect(try lab.status() == status)
            #expect(await lab.commands.run(call + ["hook", "--urgency", "Now."]).status == .done)
            #expect(receiver.taken.count == 2)
        }
    }

    @Test("who could not be reached is told by the next run, nobody else")
    func unreached() async throws {
        try await withReceiver { lab, receiver in
            receiver.answer(next: [.answer(status: 500), .answer(status: 503), .answer(status: 500)])
            let run = await lab.commands.run(call + ["hook", "out"])
            #expect(run.status == .unfinished && run.output.contains("hook: not reached: "), "\(run)")
            #expect(run.output.contains("out: told.") && receiver.taken.isEmpty)
            let again = await lab.commands.run(call + ["hook", "out"])
            #expect(again.status == .done && again.output.contains("hook (could not be told before)"))
            #expect(again.errors.isEmpty && receiver.taken.count == 1)
        }
    }

    @Test("where the answer is lost it is not known, and the next run tells the same again, as what may be a repeat")
    func lost() async throws {
        try await withReceiver { lab, receiver in
            receiver.answer(next: [.reset])
            let run = await lab.commands.run(call + ["hook"])
            #expect(run.status == .unfinished, "\(run)")
            #expect(run.output.contains("hook: sent, and whether it arrived is not known"))
            let status = try lab.status()
            #expect(status.contains("\"outcome\": \"unknown\""))
            lab.commands.now = noon + 200
            let again = await lab.commands.run(call + ["hook"])
            #expect(again.status == .done && again.output.contains("hook (may have been told, 2026-11-20T12:00:00Z)"))
            #expect(receiver.taken.first?.event["time"] == JSONValue(noon))
        }
    }

    @Test(
        "what cannot be told is refused before anybody is told",
        arguments: [
            (["pagerduty"], nil, "pages people, and is told no announcements. Choose another one."),
            (["alertmanager"], nil, "is told no announcements. Choose another one."),
            (["gone"], nil, "Channel 'gone' is not in hotfix.yaml. It knows: hook, out, pagerduty, alertmanager."),
            (["hook"], "T\n{version}", "note.md:2: nothing is known for '{version}'. Give it by 'hotfix release'."),
            (["hook"], "T\n{nothing}", "note.md:2: '{nothing}' is no placeholder."),
            (["hook", "--support", " "], nil, "--support is empty."),
            (["hook", "--template", "gone.md"], nil, "The template 'gone.md' does not exist."),
        ])
    func refused(arguments: [String], template: String?, expected: String) async throws {
        try await withReceiver { lab, receiver in
            if let template { try lab.commands.write(template, to: "note.md") }
            let before = try lab.status()
            let run = await lab.commands.run(call + ["hook"] + ["--to"] + arguments)
            #expect(run.status == .wrong && run.errors.contains(expected), "\(run)")
            #expect(receiver.taken.isEmpty)
            #expect(try lab.status() == before)
        }
    }

    @Test("without a configuration there is nobody to tell")
    func unconfigured() async throws {
        try await withCritical { lab in
            try lab.commands.write(Self.template, to: "note.md")
            let run = await lab.commands.run(call + ["hook"])
            #expect(run.status == .wrong && run.errors.contains("There is no configuration, so no channels."))
        }
    }
}
