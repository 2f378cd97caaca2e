import HotfixAgent
import HotfixConfiguration
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

@testable import HotfixCommands

@Suite("What a check hands to those who tell people")
struct CheckDeliveryTests {
    private func settings(_ serve: ServeSettings = ServeSettings()) -> Settings {
        Settings(
            state: .sqlite(path: ""),
            sources: ["scripted", "versions"].map {
                SourceSettings(
                    name: $0, url: "http://\($0).test", kind: .prometheus,
                    timing: SourceTiming(settle: 120, recheck: 900))
            }, services: [], serve: serve)
    }

    @Test("The server's page comes first, but where it asks for a token; of a whole service it is of no instant")
    func links() throws {
        let pair = Pair("checkout", "cpu")
        let definition = SeriesDefinition(source: "scripted", query: "cpu")
        let seen = Interval(start: noon - 3600, end: noon)
        func urls(_ token: Secret?, _ pair: Pair?) -> [String] {
            settings(ServeSettings(readToken: token, url: "https://hotfix.test")).links(
                pair, definition, seen: seen, among: [PagedSource()]
            ).map(\.url)
        }
        let open = urls(nil, pair)
        #expect(open.count == 2 && open.last == "https://source.test/cpu")
        #expect(open.first?.hasPrefix("https://hotfix.test/") == true && open.first?.contains("at=") == true)
        #expect(urls(Secret("0123456789abcdef"), pair) == open.reversed())
        let whole = urls(nil, Pair("checkout", ""))
        #expect(whole.first == "https://hotfix.test/services/checkout")
        #expect(urls(nil, nil) == ["https://source.test/cpu"])
    }

    @Test("A source that does not answer what runs is one that fails, for whoever waits for a sign of life")
    func versions() async throws {
        let versions = ScriptedVersions { _, _ in .fails(SourceError(.unreachable, "The source is down.")) }
        let source = ScriptedSource { _, _ in .answers(Observation(value: 1)) }
        var scene = Scene(
            source,
            guardrails: [Guardrail(name: "cpu", source: "scripted", measure: .builtIn(.cpu), limits: [.above(2)])])
        scene.watchVersions(at: versions)
        try scene.deploy(at: noon - 3600, version: "1.2.4")
        let report = try await scene.check(at: noon)
        #expect(report.unfoundVersions.isEmpty)
        let findings = settings().heartbeatFindings(report, .init())
        #expect(findings.failed == ["versions": "The source is down."])
    }

    @Test("What is open is read by number: breaches and blindness, and nothing where there is none")
    func openMessages() throws {
        let ledger = try SQLiteLedger.inMemory()
        func tell(_ id: Int, _ kind: MessageKind, _ thread: String, opening: Int? = nil) throws {
            var outcome = Outcome(at: noon)
            outcome.messages = [
                Message(
                    id: id, kind: kind, thread: thread, opening: opening, at: noon, createdAt: noon,
                    facts: MessageFacts(ledgerID: "ledger", severity: .error))
            ]
            #expect(try ledger.commit(outcome, generation: ledger.facts().generation))
        }
        try tell(1, .ready, "ready/1")
        try tell(2, .breach, "a")
        try tell(3, .recovered, "a", opening: 2)
        let steady = CountingOutbox(outbox: ledger)
        #expect(try HotfixCommands.openMessages(ledger.facts(), in: steady).isEmpty)
        try tell(4, .breach, "b")
        try tell(5, .blind, "blind/checkout")
        try tell(6, .reminder, "b", opening: 4)
        #expect(try HotfixCommands.openMessages(ledger.facts(), in: ledger).map(\.id) == [5, 6])
    }
}

/// A source with a page for each query.
private struct PagedSource: LinkedSource {
    let name = "scripted"
    let timing = SourceTiming(settle: 120, recheck: 900)

    func define(_ wishes: [SeriesWish]) async -> [Pair: Result<SeriesDefinition, SourceError>] { [:] }
    func answer(_ asks: [Ask]) async -> [Answer] { [] }
    func link(to definition: SeriesDefinition, seen: Interval) -> MessageLink? {
        MessageLink(label: "Source", url: "https://source.test/\(definition.query)")
    }
}

/// An outbox of which nothing is read but no messages.
private struct CountingOutbox: Outbox {
    struct Read: Error {}

    var outbox: any Outbox

    func messages(_ numbers: Set<Int>) throws -> [Message] {
        guard numbers.isEmpty else { throw Read() }
        return []
    }
    func waiting() throws -> [QueuedDelivery] { throw Read() }
    func begin(_ delivery: Int, at now: Instant) throws { throw Read() }
    func settle(_ delivery: Int, as state: DeliveryState, at now: Instant) throws { throw Read() }
    func add(_ messages: [Message], for rules: [ChannelRule]) throws { throw Read() }
    func receipts(of display: String) throws -> [String: DisplayReceipt] { throw Read() }
    func keep(_ receipt: DisplayReceipt?, of subject: String, for display: String) throws { throw Read() }
    func told(limit: Int) throws -> [ToldMessage] { throw Read() }
}
