import HotfixChannels
import HotfixConfiguration
import HotfixCore
import HotfixDemo
import Synchronization
import Testing

@testable import HotfixCommands

@Suite("A test of the channels")
struct ChannelTestTests {
    private let test = ChannelTest(id: "0a1b2c3d", now: noon + 17, sleep: { _ in })

    private func run(
        _ channels: [(ScriptedChannel, ChannelType)]
    ) async -> ChannelTestReport { await test.run(channels.map { ($0.0, $0.1) }) }

    @Test("says that it is one, in whatever it says", arguments: ChannelType.allCases)
    func words(_ type: ChannelType) {
        for message in test.messages(for: type) {
            let text = MessageText(message)
            #expect(text.sentence.contains("nothing is wrong, and the figures are made up"))
            #expect(text.title.contains("example of hotfix-test"))
            #expect(message.thread == "test/0a1b2c3d")
            #expect(message.facts.severity == .info)
            #expect(message.facts.plot?.points.count == 72)
        }
    }

    @Test("is one message, but where only what begins and is over is known")
    func kinds() {
        for type in [ChannelType.slack, .email, .webhook, .output] {
            #expect(test.messages(for: type).map(\.kind) == [.test])
            #expect(test.messages(for: type).map { MessageText($0).tone } == [.neutral])
        }
        let paged = test.messages(for: .pagerduty)
        #expect(paged.map(\.kind) == [.breach, .recovered])
        #expect(paged.map(\.opening) == [nil, 1])
        #expect(paged[1].facts.episode?.closedAt == noon + 17)
        let alerts = test.messages(for: .alertmanager)
        #expect(alerts.map(\.kind) == [.breach, .recovered])
        #expect(alerts[1].facts.episode?.closedAt == noon + 317)
    }

    @Test("what was opened is closed with what the opening gave back")
    func receipts() async {
        let channel = ScriptedChannel("pagerduty")
        let report = await run([(channel, .pagerduty)])
        #expect(channel.told.map(\.message.kind) == [.breach, .recovered])
        #expect(channel.told.map(\.opening) == [nil, "breach"])
        #expect(report.status == .done)
        #expect(report.text == "pagerduty: opened an alert, and resolved it.")
    }

    @Test("what was not opened is not closed")
    func unopened() async {
        let channel = ScriptedChannel("pagerduty") { _ in .retry(after: 90, reason: "no connection") }
        let report = await run([(channel, .pagerduty)])
        #expect(channel.told.count == 1)
        #expect(report.text == "pagerduty: not reached: no connection\n  → It may be tried again in 1 min 30 s.")
        #expect(report.status == .unfinished)
    }

    @Test("what may have been opened is closed, and that is tried again")
    func perhapsOpened() async {
        let channel = ScriptedChannel("pagerduty") { delivery in
            delivery.message.kind == .breach ? .unknown(reason: "no answer") : .delivered(receipt: nil)
        }
        let report = await run([(channel, .pagerduty)])
        #expect(channel.told.map(\.message.kind) == [.breach, .recovered])
        #expect(report.text == "pagerduty: sent, and whether it arrived is not known: no answer")
        #expect(report.status == .unfinished)

        let tries = Mutex(0)
        let later = ScriptedChannel("pagerduty") { delivery in
            guard delivery.message.kind.isClosing else { return .delivered(receipt: nil) }
            let number = tries.withLock { number in
                number += 1
                return number
            }
            switch number {
            case 1: return .unknown(reason: "no answer")
            case 2: return .retry(after: 5, reason: "busy")
            default: return .delivered(receipt: nil)
            }
        }
        let closed = await run([(later, .pagerduty)])
        #expect(closed.status == .done && closed.text == "pagerduty: opened an alert, and resolved it.")
        #expect(later.told.map(\.mayBeRepeat) == [false, false, true, true])
    }

    @Test("an alert that could not be closed is named with its key", arguments: [true, false])
    func leftOpen(isKnownToBeOpen: Bool) async throws {
        let channel = ScriptedChannel("pagerduty") { delivery in
            if delivery.message.kind.isClosing { return .retry(after: 600, reason: "no connection") }
            return isKnownToBeOpen ? .delivered(receipt: nil) : .unknown(reason: "no answer")
        }
        let report = await run([(channel, .pagerduty)])
        #expect(channel.told.count == 4)
        let key = try #require(channel.told.first?.message.key)
        #expect(report.status == .unfinished)
        #expect(report.text.hasSuffix("resolve it there. Its key is \(key)."), "\(report.text)")
        guard case .array(let lines)? = report.json.object?["channels"] else {
            Issue.record("no list of channels: \(report.json.text)")
            return
        }
        #expect(lines[0].object?["open"] == JSONValue(key))
    }

    @Test("names for each channel what came of it, in their order, whatever answers first; the gravest is the status")
    func report() async {
        let report = await run([
            (ScriptedChannel("slack"), .slack),
            (ScriptedChannel("captain") { _ in .misconfigured(reason: "wrong\nkey", remedy: "Mend it.") }, .slack),
            (ScriptedChannel("email/a@b") { _ in .unknown(reason: "no answer") }, .email),
            (ScriptedChannel("webhook") { _ in .refused(reason: "400") }, .webhook),
            (ScriptedChannel("output") { _ in .retry(after: nil, reason: "full") }, .output),
            (ScriptedChannel("alertmanager"), .alertmanager),
        ])
        #expect(
            report.text == """
                slack: told.
                captain: set up wrongly: wrong\u{FFFD}key
                  → Mend it.
                email/a@b: sent, and whether it arrived is not known: no answer
                webhook: refused: 400
                output: not reached: full
                alertmanager: took an alert that ends in 5 minutes.
                """)
        #expect(report.status == .wrong)
        guard case .array(let lines)? = report.json.object?["channels"] else {
            Issue.record("no list of channels: \(report.json.text)")
            return
        }
        #expect(
            lines.compactMap { $0.object?["outcome"] }.map(\.text) == [
                "\"delivered\"", "\"misconfigured\"", "\"unknown\"", "\"refused\"", "\"not-reached\"", "\"delivered\"",
            ])
        #expect(lines[1].object?["remedy"]?.text == "\"Mend it.\"")
    }

    @Test(
        "the status is that of the gravest outcome",
        arguments: [
            ([.delivered(receipt: nil)], .done), ([.unknown(reason: "")], .unfinished),
            ([.delivered(receipt: nil), .retry(after: nil, reason: "")], .unfinished),
            ([.retry(after: nil, reason: ""), .refused(reason: "")], .wrong),
            ([.misconfigured(reason: "", remedy: ""), .delivered(receipt: nil)], .wrong),
        ] as [([DeliveryOutcome], HotfixCommands.ExitStatus)])
    func status(outcomes: [DeliveryOutcome], expected: HotfixCommands.ExitStatus) {
        let lines = outcomes.map { ChannelTestReport.Line(name: "x", type: .slack, outcome: $0) }
        #expect(ChannelTestReport(id: "", lines: lines).status == expected)
    }

    @Test("only what is asked for is told, and an entry of the configuration that nothing was made of is an error")
    func entries() async {
        let entries = ["b", "a"].map { ChannelSettings(rule: ChannelRule(name: $0, kinds: []), kind: .output(.auto)) }
        let made = ["a", "c"].map { ScriptedChannel($0) }
        let report = await test.run(made, for: entries)
        #expect(made.map(\.told.count) == [1, 0])
        #expect(report.lines.map(\.name) == ["a", "b"])
        #expect(report.text.hasPrefix("a: told.\nb: set up wrongly: "))
        #expect(report.status == .wrong)
        #expect(await test.run(made, for: [entries[1]]).status == .done)
    }

    @Test("an address of several belongs to the entry that names it")
    func addresses() {
        let settings = ChannelSettings(rule: ChannelRule(name: "email", kinds: []), kind: .output(.auto))
        #expect(ScriptedChannel("email").isOne(of: settings))
        #expect(ScriptedChannel("email/a@b", of: "email").isOne(of: settings))
        #expect(!ScriptedChannel("email-2").isOne(of: settings))
    }
}

@Suite("hotfix alerts test")
struct AlertsTestCommandTests {
    private static let settings = """
        policy: policy.yaml
        sources: {sentry: {type: sentry, organization: acme, token: "${UNSET}"}}
        services: [{name: checkout, sentry: {project: checkout-api}}]

        """
    private static let policy = "guardrails: {errors: {source: sentry, measure: error-rate, limit: +25%}}"

    private func run(_ lines: String, _ arguments: String...) async throws -> Run {
        var run = Run(.done)
        let files = ["hotfix.yaml": Self.settings + lines, "policy.yaml": Self.policy]
        try await withCommands(files, environment: ["TOKEN": canary]) { lab in
            run = await lab.run(["alerts", "test"] + arguments)
            // It reads no ledger, makes none, and needs no secret of a source.
            let names = try lab.files().keys.sorted()
            #expect(names == ["hotfix.yaml", "policy.yaml"])
        }
        return run
    }

    @Test("without a channel there is nothing to test, which is no success")
    func none() async throws {
        #expect(
            try await run("notify: []")
                == Run(.wrong, errors: "hotfix: hotfix.yaml names no channel. Add one under `notify`.\n"))
    }

    @Test("a channel that the configuration does not know is told from those that it knows")
    func unknown() async throws {
        let found = try await run("notify: [{type: output}, {type: output, name: x}]", "--channel", "slack")
        #expect(
            found == Run(.wrong, errors: "hotfix: Channel 'slack' is not in hotfix.yaml. It knows: output, x.\n"))
    }

    @Test("whoever is asked is told who asks, in a test and in an examination", arguments: ["alerts", "doctor"])
    func agent(_ command: String) async throws {
        try await withLoopbackServer({ _ in .answer(status: 204) }) { server in
            let files = [
                "hotfix.yaml": Self.settings + "notify: [{type: webhook, url: \"\(server.url)\"}]",
                "policy.yaml": Self.policy,
            ]
            try await withCommands(files, environment: ["UNSET": "x"]) { lab in
                _ = await lab.run(command == "alerts" ? ["alerts", "test"] : ["doctor"])
            }
            let agents = Set(server.requests().map { $0.header("User-Agent") })
            #expect(agents == ["hotfix/\(Version.text)"])
        }
    }

    @Test("a secret that is not there is an error that names its key")
    func secrets() async throws {
        let found = try await run(#"notify: [{type: slack, webhook: "${GONE}"}]"#)
        #expect(found.status == .wrong)
        #expect(
            found.errors.contains("hotfix.yaml:4: notify[0].webhook: the environment variable 'GONE' is not set."))
    }
}
