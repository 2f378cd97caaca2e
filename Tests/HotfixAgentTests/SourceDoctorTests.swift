import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("Examining a source", .heavy)
struct SourceDoctorTests {
    /// A source that says of itself what a test wants.
    private struct Talkative: ExaminableSource {
        let scripted: ScriptedSource
        var isUsable = true

        var name: String { scripted.name }
        var timing: SourceTiming { scripted.timing }

        func define(_ wishes: [SeriesWish]) async -> [Pair: Result<SeriesDefinition, SourceError>] {
            await scripted.define(wishes)
        }

        func answer(_ asks: [Ask]) async -> [Answer] { await scripted.answer(asks) }

        func examine(_ wishes: [SeriesWish], at now: Instant) async -> SourceExamination {
            var examination = SourceExamination()
            examination.isUsable = isUsable
            examination.definitions = await define(wishes).compactMapValues { try? $0.get() }
            return examination
        }
    }

    private static let now = Instant(1_795_176_000)
    private let scripted = ScriptedSource { _, _ in .answers(Observation(value: 1)) }

    private func examine(
        _ source: Talkative, services: Int = 1, pinned: [Pair: SeriesDefinition] = [:], mostRequests: Int = 600
    ) async -> Diagnosis {
        let guardrail = Guardrail(name: "cpu", source: source.name, measure: .builtIn(.cpu), limits: [.relative(0.3)])
        let policy = Policy(guardrails: [guardrail])
        let entries = (0..<services).map {
            Watch.Entry(service: Service(name: "s\($0)", bindings: [source.name: [:]]), policy: policy)
        }
        let watch = Watch(entries: entries, timings: [source.name: source.timing])
        let wishes = entries.map { SeriesWish(service: $0.service, guardrail: guardrail, window: 300, at: Self.now) }
        return await SourceDoctor(source: source, watch: watch, pinned: pinned, mostRequests: mostRequests).examine(
            wishes, at: Self.now)
    }

    @Test("the look-back and the newest hour of every service are asked, and are well")
    func asks() async {
        let diagnosis = await examine(Talkative(scripted: scripted), services: 60)
        #expect(diagnosis.findings.isEmpty)
        #expect(diagnosis.passed.count == 60)
        #expect(scripted.asks.count == 120)
        #expect(Set(scripted.asks.map(\.span.count)) == [2016, 12])
    }

    @Test("a source that cannot be asked is asked nothing more, and what was not looked at is said")
    func unusable() async {
        let diagnosis = await examine(Talkative(scripted: scripted, isUsable: false), services: 7)
        #expect(scripted.asks.isEmpty)
        #expect(diagnosis.findings.map(\.code) == [.notExamined])
        #expect(diagnosis.findings.first?.what.contains("s0/cpu, s1/cpu, s2/cpu, s3/cpu, s4/cpu and 2 more") == true)
        #expect(diagnosis.passed.isEmpty)
    }

    @Test("more requests than are allowed are not made, and what was not looked at is said")
    func budget() async {
        // Every service has a query of its own: 8 requests each.
        let diagnosis = await examine(Talkative(scripted: scripted), services: 60, mostRequests: 400)
        #expect(diagnosis.passed.count == 50)
        #expect(diagnosis.findings.map(\.code) == [.notExamined])
        #expect(diagnosis.findings.first?.remedy.contains("--service") == true)
    }

    @Test("what the ledger pinned is asked, as a check asks it")
    func pinned() async {
        let definition = SeriesDefinition(source: "scripted", query: "pinned")
        _ = await examine(Talkative(scripted: scripted), pinned: [Pair("s0", "cpu"): definition])
        #expect(Set(scripted.asks.map(\.definition)) == [definition])
    }
}
