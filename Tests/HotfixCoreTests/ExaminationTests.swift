import HotfixCore
import Testing

@Suite("Examining the values of a guardrail")
struct ExaminationTests {
    /// Values by the number of their window in the look-back, and what they are to be examined by.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var guardrail: Guardrail
        var found: [FindingCode]
        var acceptedAnything: Bool?
        var highestValue: Double?
        var required: Seconds
        var value: @Sendable (Int) -> Observation

        var testDescription: String { name }

        init(
            _ name: String, _ measure: BuiltInMeasure = .cpu, _ limits: [Limit] = [.relative(0.2)],
            found: FindingCode...,
            acceptedAnything: Bool? = nil, highestValue: Double? = nil, required: Seconds = 48 * 3600,
            change: (inout Guardrail) -> Void = { _ in }, value: @escaping @Sendable (Int) -> Observation
        ) {
            self.name = name
            var guardrail = Guardrail(
                name: "g", source: "s", measure: .builtIn(measure), limits: limits,
                baseline: BaselineRule(lookback: 86_400))
            change(&guardrail)
            self.guardrail = guardrail
            self.found = found
            self.acceptedAnything = acceptedAnything
            self.highestValue = highestValue
            self.required = required
            self.value = value
        }

        var diagnosis: Diagnosis {
            let end = Instant(1_795_176_000)
            let definition = SeriesDefinition(source: "s", query: "q", unit: "s")
            func answer(_ count: Int, _ purpose: Ask.Purpose) -> Answer {
                let span = Span(start: end - count * 300, end: end, step: 300)
                let ask = Ask(
                    pair: Pair("checkout", "g"), definition: definition, over: 300,
                    countsEvents: guardrail.measure.traits.countsEvents, measuresSamples: false, span: span,
                    purpose: purpose)
                let values = span.windows.enumerated().map { ($1.start, value($0 + 288 - count)) }
                return Answer(
                    ask: ask, observations: Dictionary(uniqueKeysWithValues: values), acceptedAnything: acceptedAnything
                )
            }
            return examine(
                PairHistory(
                    pair: Pair("checkout", "g"), guardrail: guardrail,
                    policy: Policy(streak: .init(required: required), guardrails: [guardrail]), unit: "s",
                    lookback: answer(288, .lookback), newest: answer(12, .judging), highestValue: highestValue))
        }
    }

    static let cases: [Case] = [
        Case("steady values") { _ in Observation(value: 1) },
        Case("no value at all", found: .neverHadData) { _ in Observation(value: nil) },
        Case("no event at all", .latencyP95, found: .neverHadData) { _ in Observation(value: nil, events: 0) },
        Case("no value for the newest hour", found: .dataStopped) { Observation(value: $0 < 276 ? 1 : nil) },
        Case("no value for the newest quarter of an hour", found: .dataStopped) {
            Observation(value: $0 < 285 ? 1 : nil)
        },
        Case("a newest quarter without a value as there were before") {
            Observation(value: $0 >= 285 || (100..<103).contains($0) ? nil : 1)
        },
        Case("usual values beyond an absolute limit", .cpu, [.above(1)], found: .noisyLimit) { _ in
            Observation(value: 2)
        },
        Case("no traffic for the newest hour", .latencyP95) {
            Observation(value: $0 < 276 ? 1 : nil, events: $0 < 276 ? 500 : 0)
        },
        Case("half of the look-back, the first half missing", found: .shortHistory) {
            Observation(value: $0 < 140 ? nil : 1)
        },
        Case("less than minimum_coverage, the beginning missing", found: .shortHistory) {
            Observation(value: $0 < 160 ? nil : 1)
        },
        Case("a short history and an absolute limit", .cpu, [.above(2)]) { Observation(value: $0 < 160 ? nil : 1) },
        Case("gaps everywhere", found: .lowCoverage) { Observation(value: $0 % 3 == 0 ? 1 : nil) },
        Case("values below 0 of what cannot be", found: .negativeValues) { Observation(value: $0 == 5 ? -1 : 1) },
        Case("values without a count of events", .latencyP95, found: .eventsMissing) { _ in
            Observation(value: 1, events: nil)
        },
        Case("a baseline of 0", .cpu, found: .zeroBaseline) { _ in Observation(value: 0) },
        Case("a baseline of 0 with a floor", .cpu, change: { $0.floor = 1 }, value: { _ in Observation(value: 0) }),
        Case("two windows in 288 over the limit", found: .noisyLimit) { Observation(value: $0 % 144 == 7 ? 2 : 1) },
        Case(
            "two windows in 288 over the limit, and two of three confirm",
            change: { $0.confirm = .init(breaching: 2, of: 3) }
        ) { Observation(value: $0 % 144 == 7 ? 2 : 1) },
        Case("one window in 288 over the limit, of a short streak", required: 3600) {
            Observation(value: $0 == 7 ? 2 : 1)
        },
        Case("a limit above every bucket", .latencyP95, found: .limitBeyondBuckets, highestValue: 1) { _ in
            Observation(value: 0.9, events: 500)
        },
        Case(
            "an absolute limit at the highest bucket", .latencyP95, [.above(1)], found: .limitBeyondBuckets,
            highestValue: 1
        ) {
            _ in Observation(value: 0.5, events: 500)
        },
        Case("values at the highest bucket", .latencyP95, found: .saturatedHistogram, highestValue: 5, required: 3600) {
            Observation(value: $0 == 9 ? 5 : 1, events: 500)
        },
        Case("a p95 of a dozen requests", .latencyP95, found: .tooFewEvents) { _ in Observation(value: 1, events: 12) },
        Case(
            "a p95 of a dozen requests that are left unproven", .latencyP95, change: { $0.minimumEvents = 20 },
            value: {
                Observation(value: 1, events: $0 % 4 == 0 ? 12 : 500)
            }),
        Case("50 errors a window and +25 %", .sentryErrorRate, [.relative(0.25)], found: .tooFewEvents) { _ in
            Observation(value: 10)
        },
        Case("65 errors a window and +25 %", .sentryErrorRate, [.relative(0.25)]) { _ in Observation(value: 13) },
        Case("50 errors a window, +25 % and a floor", .sentryErrorRate, [.relative(0.25)], change: { $0.floor = 13 }) {
            _ in
            Observation(value: 10)
        },
        Case("a share of 1 % of 100 requests", .errorShare, [.relative(0.5)], found: .tooFewEvents) { _ in
            Observation(value: 0.01, events: 100)
        },
        Case("a share of 1 % of 10,000 requests", .errorShare, [.relative(0.5)]) { _ in
            Observation(value: 0.01, events: 10_000)
        },
        Case("a silent project", .sentryErrorRate, found: .silent, .zeroBaseline, acceptedAnything: false) { _ in
            Observation(value: 0, outcomes: .init(acceptedAny: false, acceptedErrors: 0, droppedErrors: 0))
        },
        Case("a quota that is used up", .sentryErrorRate, found: .droppedEvents) { _ in
            Observation(value: 20, outcomes: .init(acceptedAny: true, acceptedErrors: 100, droppedErrors: 50))
        },
    ]

    @Test("finds what is wrong with them and nothing else, with a remedy", arguments: cases)
    func values(_ one: Case) {
        let diagnosis = one.diagnosis
        #expect(diagnosis.findings.map(\.code) == one.found, "\(diagnosis.findings)")
        #expect(diagnosis.findings.allSatisfy { !$0.remedy.isEmpty && !$0.what.isEmpty })
        #expect(diagnosis.passed.count == (one.found.isEmpty ? 1 : 0))
    }

    @Test("a history too short for minimum_coverage is a problem, a shorter one than the look-back a warning")
    func severity() {
        let severities = Self.cases.filter { $0.found == [.shortHistory] }.flatMap(\.diagnosis.findings).map(\.severity)
        #expect(severities == [.warning, .problem])
    }
}
