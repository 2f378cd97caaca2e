import HotfixAgent
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Synchronization
import Testing

private let start = Instant(text: "2026-11-10T08:00:00Z") ?? Instant(0)
private let load = Guardrail(
    name: "load", source: "scripted", measure: .query(OwnQuery(text: "load")), limits: [.relative(0.25)])
private let lag = Guardrail(
    name: "lag", source: "scripted", measure: .query(OwnQuery(text: "lag")), limits: [.relative(0.25)])

@Suite("What a check leaves behind")
struct CheckTests {
    @Test("A query that its source refuses leaves the ledger untouched, and is told as a configuration error")
    func refusedQuery() async throws {
        let source = ScriptedSource { _, _ in .fails(SourceError(.refused, "The query 'load' does not parse.")) }
        let scene = Scene(source, guardrails: [load])
        let before = try scene.ledger.facts()
        let report = try await scene.check(at: start + 130)
        #expect(!report.failures.isEmpty && report.failures.allSatisfy(\.error.isConfigurationError))
        var after = try scene.ledger.facts()
        after.lastCheck = nil
        #expect(after == before)
    }

    @Test("A policy by which stored windows were judged again is adopted, though its source refuses every question")
    func refusedAfterChange() async throws {
        let isRefused = Mutex(false)
        let source = ScriptedSource { _, window in
            isRefused.withLock { $0 }
                ? .fails(SourceError(.refused, "There is no such path."))
                : .answers(Observation(value: window < start ? 1 : 1.2))
        }
        var scene = Scene(source, guardrails: [load], ledger: try SQLiteLedger.inMemory())
        try scene.deploy(at: start)
        try await scene.checks(from: start, to: start + 3600)
        isRefused.withLock { $0 = true }
        var tightened = load
        tightened.limits = [.relative(0.1)]
        scene.watch.entries[0].policy.guardrails = [tightened]
        let report = try await scene.check(at: start + 3730)
        #expect(report.hasBreach)
        #expect(try scene.ledger.facts().policies.map(\.policy.guardrails) == [[load], [tightened]])
    }

    @Test("A guardrail that is refused keeps nobody else from being judged")
    func onlyOneRefused() async throws {
        let source = ScriptedSource { ask, _ in
            ask.pair.guardrail == "lag"
                ? .fails(SourceError(.refused, "The query 'lag' does not parse.")) : .answers(Observation(value: 1))
        }
        let scene = Scene(source, guardrails: [load, lag])
        let report = try await scene.check(at: start + 130)
        #expect(report.judged.map(\.pair.guardrail) == ["load"])
        #expect(try scene.ledger.facts().series.map(\.pair.guardrail) == ["load"])
    }

    @Test("What could not be defined is defined at the next check")
    func definedLater() async throws {
        let source = ScriptedSource { _, _ in .answers(Observation(value: 1)) }
        let pair = Pair("checkout", "load")
        let scene = Scene(source, guardrails: [load])
        source.refuse(pair, with: SourceError(.unreachable, "The source is down."))
        #expect(try await scene.check(at: start + 130).failures.map(\.pair) == [pair])
        source.refuse(pair, with: nil)
        #expect(try await scene.check(at: start + 430).windowsJudged == 1)
    }

    @Test("A steady check asks for the new window and those that may still change, and for nothing else")
    func steadyAsks() async throws {
        let source = ScriptedSource { _, _ in .answers(Observation(value: 1)) }
        let scene = Scene(source, guardrails: [load])
        try scene.deploy(at: start)
        try await scene.checks(from: start, to: start + 7200)
        source.forget()
        try await scene.check(at: start + 7200 + 430)
        #expect(source.asks.map(\.span) == [Span(start: start + 7200 - 600, end: start + 7200 + 300, step: 300)])
        #expect(source.asks.map(\.purpose) == [.judging])
    }

    @Test("A window without a value is asked again for a day, and then no more")
    func valuelessWindows() async throws {
        let gap = start + 3600
        let source = ScriptedSource { _, window in .answers(Observation(value: window == gap ? nil : 1)) }
        let scene = Scene(source, guardrails: [load])
        try scene.deploy(at: start)
        for (hours, isAsked) in [(2, true), (20, true), (24, true), (26, false)] {
            try await scene.check(at: start + hours * 3600 + 130)
            source.forget()
            try await scene.check(at: start + hours * 3600 + 140)
            #expect(source.asks.contains { $0.span.contains(gap) } == isAsked, "after \(hours) h")
        }
    }

    @Test("A dry run writes nothing")
    func dryRun() async throws {
        let source = ScriptedSource { _, _ in .answers(Observation(value: 1)) }
        let scene = Scene(source, guardrails: [load])
        let before = try scene.ledger.facts()
        let report = try await scene.check(at: start + 130, isDryRun: true)
        #expect(report.windowsJudged == 1)
        #expect(try scene.ledger.facts() == before)
    }
}
