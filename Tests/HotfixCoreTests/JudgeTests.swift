import HotfixCore
import HotfixTestSupport
import Testing

private func guardrail(
    _ measure: BuiltInMeasure = .cpu, _ limits: [Limit] = [.relative(0.25)], minimumEvents: Double? = nil,
    minimumSamples: Double? = nil, floor: Double? = nil, severe: Double? = nil, noData: Guardrail.NoData = .unproven,
    quiet: Guardrail.Quiet = .unexpected, coverage: Double = 0.5
) -> Guardrail {
    Guardrail(
        name: "g", source: "s", measure: .builtIn(measure), limits: limits, minimumEvents: minimumEvents,
        minimumSamples: minimumSamples, floor: floor, severe: severe, noData: noData, quiet: quiet,
        baseline: BaselineRule(minimumCoverage: coverage))
}

private func known(_ number: Double?, used: Int = 2016, of possible: Int = 2016, isSilent: Bool = false)
    -> BaselineState
{
    .known(BaselineValue(number: number, windowsUsed: used, windowsPossible: possible, isSilent: isSilent))
}

private func value(_ value: Double?, events: Double? = nil, samples: Double? = nil) -> Observation {
    Observation(value: value, events: events, samples: samples)
}

/// One row: what is answered, by which rule, against which baseline, and what it comes to.
struct JudgeCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var observation: Observation
    var rule: Guardrail
    var baseline: BaselineState
    var expected: String

    fileprivate init(
        _ name: String, _ observation: Observation, _ rule: Guardrail, _ baseline: BaselineState, _ expected: String
    ) {
        testDescription = name
        self.observation = observation
        self.rule = rule
        self.baseline = baseline
        self.expected = expected
    }
}

private func inWords(_ judgement: Judgement?) -> String {
    guard let judgement else { return "missing" }
    let reason = judgement.reason.map { " \($0.rawValue)" } ?? ""
    return judgement.verdict.rawValue + reason + (judgement.isSevere ? " severe" : "")
}

private let share = guardrail(.errorShare)
private let negative = Guardrail(
    name: "g", source: "s", measure: .query(OwnQuery(text: "q")), limits: [.above(-8)])

private let orderCases: [JudgeCase] = [
    .init(
        "idle comes before no value", value(nil, events: 0), guardrail(.errorShare, noData: .breach), known(1),
        "unproven idle"),
    .init(
        "idle comes before the absolute limit", value(9, events: 0), guardrail(.errorShare, [.above(1)]), .notNeeded,
        "unproven idle"),
    .init("no value", value(nil), guardrail(), known(1), "unproven no-data"),
    .init("NaN is no value", value(.nan), guardrail(), known(1), "unproven no-data"),
    .init("infinite is no value", value(.infinity), guardrail(.cpu, [.above(1)]), .notNeeded, "unproven no-data"),
    .init("no value may be a breach", value(nil), guardrail(noData: .breach), known(1), "breach no-data"),
    .init("a share without its count is no value", value(0.1), share, known(1), "unproven no-data"),
    .init("a negative share", value(-0.1, events: 9), share, known(1), "unproven invalid-value"),
    .init("a negative count of events", value(0.1, events: -1), share, known(1), "unproven invalid-value"),
    .init(
        "invalid comes before the limit below", value(-1), guardrail(.requests, [.below(5)]), .notNeeded,
        "unproven invalid-value"),
    .init("a query's value may be negative", value(-9), negative, .notNeeded, "clean"),
    .init(
        "79 % of the samples", value(1, samples: 0.79), guardrail(minimumSamples: 0.8), known(1), "unproven thin-window"
    ),
    .init("80 % of the samples", value(1, samples: 0.8), guardrail(minimumSamples: 0.8), known(1), "clean"),
    .init("no samples at all", value(1), guardrail(minimumSamples: 0.8), known(1), "unproven thin-window"),
    .init(
        "thin comes before the limit", value(9, samples: 0.1), guardrail(.cpu, [.above(1)], minimumSamples: 0.8),
        .notNeeded, "unproven thin-window"),
    .init(
        "19 of 20 events", value(9, events: 19), guardrail(.errorShare, [.above(1)], minimumEvents: 20), .notNeeded,
        "unproven too-few-events"),
    .init(
        "20 of 20 events", value(9, events: 20), guardrail(.errorShare, [.above(1)], minimumEvents: 20), .notNeeded,
        "breach"),
    .init("a count of 0 is a value", value(0), guardrail(.requests, [.relative(-0.2)]), known(10), "breach"),
    .init(
        "an absolute breach needs no look-back", value(9), guardrail(.cpu, [.relative(0.25), .above(5)]), .unasked,
        "breach"),
    .init(
        "under the absolute limit a look-back that was not asked leaves it missing", value(1),
        guardrail(.cpu, [.relative(0.25), .above(5)]), .unasked, "missing"),
    .init(
        "an absolute limit comes before coverage", value(9), guardrail(.cpu, [.relative(0.25), .above(5)]),
        known(nil, used: 0), "breach"),
    .init("no value in the look-back", value(1), guardrail(), known(nil, used: 0), "unproven baseline-coverage"),
    .init(
        "coverage of 0 is none, whatever is asked for", value(1), guardrail(coverage: 0), known(nil, used: 0),
        "unproven baseline-coverage"),
    .init("1007 of 2016", value(1), guardrail(), known(1, used: 1007), "unproven baseline-coverage"),
    .init("1008 of 2016", value(1), guardrail(), known(1, used: 1008), "clean"),
    .init("11 of 20 are 55 %", value(1), guardrail(coverage: 0.55), known(1, used: 11, of: 20), "clean"),
    .init(
        "a breach on thin history proves nothing", value(9), guardrail(), known(1, used: 1007),
        "unproven baseline-coverage"),
    .init("a baseline below 0", value(1), guardrail(), known(-1), "unproven negative-baseline"),
    .init("a baseline of 0 breaches above it", value(0.1), guardrail(), known(0), "breach"),
    .init("a baseline of 0 and a value of 0", value(0), guardrail(), known(0), "clean"),
]

private let limitCases: [JudgeCase] = [
    .init("equal to the limit above", value(1.25), guardrail(), known(1), "clean"),
    .init("within the tolerance above", value(1.25 * (1 + 0.9e-9)), guardrail(), known(1), "clean"),
    .init("beyond the tolerance above", value(1.25 * (1 + 1.1e-9)), guardrail(), known(1), "breach"),
    .init("0.1 + 0.2 is not above 0.3", value(0.1 + 0.2), guardrail(.cpu, [.above(0.3)]), .notNeeded, "clean"),
    .init("equal to the limit below", value(0.8), guardrail(.requests, [.relative(-0.2)]), known(1), "clean"),
    .init(
        "beyond the tolerance below", value(0.8 * (1 - 1.1e-9)), guardrail(.requests, [.relative(-0.2)]), known(1),
        "breach"),
    .init("equal to a negative limit", value(-8), negative, .notNeeded, "clean"),
    .init("above a negative limit", value(-7.999), negative, .notNeeded, "breach"),
    .init("under a negative limit", value(-8.001), negative, .notNeeded, "clean"),
    .init("equal to a limit of 0", value(0), guardrail(.cpu, [.above(0)]), .notNeeded, "clean"),
    .init(
        "98 % is 0.98", value(0.979, events: 9), guardrail(.sentryCrashFreeSessions, [.below(0.98)]), .notNeeded,
        "breach"),
    .init("either limit", value(0.4), guardrail(.cpu, [.relative(0.25), .relative(-0.5)]), known(1), "breach"),
    .init("at the floor", value(2), guardrail(floor: 2), known(1), "clean"),
    .init("above the floor", value(2.01), guardrail(floor: 2), known(1), "breach"),
    .init("one error in a silent night", value(1), guardrail(floor: 2), known(0), "clean"),
    .init(
        "the floor is nothing to an absolute limit", value(1.5), guardrail(.cpu, [.above(1)], floor: 2), .notNeeded,
        "breach"),
    .init(
        "a baseline at the floor under a limit below", value(0.1), guardrail(.requests, [.relative(-0.2)], floor: 2),
        known(2), "unproven too-few-events"),
    .init(
        "a baseline above the floor", value(0.1), guardrail(.requests, [.relative(-0.2)], floor: 2), known(2.1),
        "breach"),
    .init(
        "a breach above comes before the floor below", value(9),
        guardrail(.cpu, [.relative(-0.2), .relative(0.25)], floor: 2), known(1), "breach"),
    .init("severe is over, not at, its factor", value(2.5), guardrail(severe: 2), known(1), "breach"),
    .init("severe", value(2.51), guardrail(severe: 2), known(1), "breach severe"),
    .init("severe below", value(0.39), guardrail(.requests, [.relative(-0.2)], severe: 2), known(1), "breach severe"),
    .init("not severe below", value(0.4), guardrail(.requests, [.relative(-0.2)], severe: 2), known(1), "breach"),
]

@Suite("Judging one window")
struct JudgeTests {
    @Test("What is not proven, in the order of the questions", arguments: orderCases)
    func order(_ row: JudgeCase) {
        #expect(inWords(judge(row.observation, by: row.rule, baseline: row.baseline, window: 300)) == row.expected)
    }

    @Test("What crosses a limit, and what only touches it", arguments: limitCases)
    func limits(_ row: JudgeCase) {
        #expect(inWords(judge(row.observation, by: row.rule, baseline: row.baseline, window: 300)) == row.expected)
    }

    @Test("A value at its limit is clean whatever the numbers are")
    func equality() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            let baseline = Double.random(in: 1e-9...1e9, using: &random)
            let change = Double(Int.random(in: 1...400, using: &random)) / 100
            let upper = judge(
                value(baseline + baseline * change), by: guardrail(.cpu, [.relative(change)]),
                baseline: known(baseline),
                window: 300)
            #expect(upper?.verdict == .clean, "\(baseline) \(change)")
            let lower = judge(
                value(baseline - baseline * change / 5), by: guardrail(.cpu, [.relative(-change / 5)]),
                baseline: known(baseline), window: 300)
            #expect(lower?.verdict == .clean, "\(baseline) \(change)")
        }
    }
}

private func errors(_ perMinute: Double?, accepting: Bool? = nil, errors: Int = 100, dropped: Int = 0) -> Observation {
    Observation(
        value: perMinute,
        outcomes: accepting.map { .init(acceptedAny: $0, acceptedErrors: errors, droppedErrors: dropped) })
}

private let relative = guardrail(.sentryErrorRate)
private let absolute = guardrail(.sentryErrorRate, [.above(50)])
private let expectedQuiet = guardrail(.sentryErrorRate, quiet: .expected)

private let silences: [JudgeCase] = [
    .init(
        "10 errors expected, none came, nothing accepted", errors(0, accepting: false), relative, known(2),
        "unproven silent"),
    .init("outcomes not answered show nothing", errors(0), relative, known(2), "unproven silent"),
    .init("9.99 errors expected", errors(0, accepting: false), relative, known(1.998), "clean"),
    .init("the project accepted something in the hour", errors(0, accepting: true), relative, known(2), "clean"),
    .init("quiet is expected", errors(0, accepting: false), expectedQuiet, known(2), "clean"),
    .init("silence under an absolute limit", errors(0, accepting: false), absolute, known(2), "unproven silent"),
    .init(
        "silence comes before the limit below", errors(0, accepting: false), guardrail(.sentryErrorRate, [.below(1)]),
        known(2), "unproven silent"),
    .init("silence on thin history", errors(0, accepting: false), relative, known(2, used: 3), "unproven silent"),
    .init(
        "an absolute limit needs the look-back for silence", errors(0, accepting: false), absolute, .unasked, "missing"),
    .init(
        "a silent look-back", errors(0, accepting: true), relative, known(0, isSilent: true), "unproven silent-baseline"
    ),
    .init(
        "a silent look-back under an absolute limit", errors(0, accepting: false), absolute, known(0, isSilent: true),
        "unproven silent-baseline"),
    .init(
        "a silent look-back under an absolute limit, broken by a sign of life", errors(0, accepting: true), absolute,
        known(0, isSilent: true), "clean"),
    .init(
        "a silent look-back where quiet is expected", errors(0, accepting: false), expectedQuiet,
        known(0, isSilent: true), "clean"),
    .init("a share is never silent", value(0, events: 9), guardrail(.sentryFailureRate), known(9), "clean"),
    .init("9 dropped of 90", errors(1, accepting: true, errors: 81, dropped: 9), relative, known(2), "clean"),
    .init(
        "10 dropped of 200 are 5 %", errors(1, accepting: true, errors: 190, dropped: 10), relative, known(2), "clean"),
    .init(
        "10 dropped of 199", errors(1, accepting: true, errors: 189, dropped: 10), relative, known(2),
        "unproven dropped-events"),
    .init(
        "an exhausted quota", errors(0, accepting: true, errors: 0, dropped: 500), relative, known(1),
        "unproven dropped-events"),
    .init(
        "a quota exhausted under an absolute limit", errors(0, accepting: true, errors: 0, dropped: 500), absolute,
        known(1), "unproven dropped-events"),
    .init(
        "quiet excuses no dropped events", errors(0, accepting: true, errors: 0, dropped: 500), expectedQuiet, known(1),
        "unproven dropped-events"),
    .init(
        "a breach is one though events were dropped", errors(9, accepting: true, errors: 45, dropped: 500), relative,
        known(1), "breach"),
]

@Suite("Sentry's zero")
struct SentryZeroTests {
    @Test("Only a zero of which something shows that the project reports is a value", arguments: silences)
    func zero(_ row: JudgeCase) {
        #expect(inWords(judge(row.observation, by: row.rule, baseline: row.baseline, window: 300)) == row.expected)
    }
}
