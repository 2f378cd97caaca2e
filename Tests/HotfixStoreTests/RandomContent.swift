import HotfixCore

/// Makes content of every shape; the same seed gives the same content.
struct RandomContent: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    mutating func flag() -> Bool { Bool.random(using: &self) }

    mutating func maybe<Value>(_ value: (inout RandomContent) -> Value) -> Value? { flag() ? value(&self) : nil }

    mutating func many<Value>(_ most: Int, _ value: (inout RandomContent) -> Value) -> [Value] {
        (0..<below(most + 1)).map { _ in value(&self) }
    }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

    /// A finite double: an extreme, a whole number, or any bits.
    mutating func double() -> Double {
        switch below(4) {
        case 0:
            return pick([
                0, -0.0, 1, -1, 0.1, .pi, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
                .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1.0.nextUp, 9_007_199_254_740_991,
                140_737_488_355_328, -9_223_372_036_854_775_808, 9_223_372_036_854_775_808, 1e-300,
            ])
        case 1: return Double(below(5000))
        case 2: return Double.random(in: 0..<1, using: &self)
        default:
            let number = Double(bitPattern: next())
            return number.isFinite ? number : 1 / 3
        }
    }

    mutating func int() -> Int { flag() ? below(300) : pick([0, 1, -1, 127, 128, 1 << 40, Int.max, Int.min]) }

    mutating func text() -> String {
        pick(["", "checkout", "it's \"quoted\"", "naïve ✓", "a/b\\c", "line\nbreak", "[]", "null", "{\"a\": 1}", "0"])
    }

    mutating func instant() -> Instant { Instant(1_795_161_600 + below(900_000)) }

    mutating func interval() -> Interval { Interval(start: instant(), end: maybe { $0.instant() }) }

    mutating func baselineValue() -> BaselineValue {
        BaselineValue(
            number: maybe { $0.double() }, windowsUsed: int(), windowsPossible: int(), isSilent: flag())
    }

    mutating func basis(policies: Int, baselines: Int) -> Basis {
        let reference: BaselineReference =
            switch below(baselines > 0 ? 3 : 2) {
            case 0: .none
            case 1: .inline(baselineValue(), isProvisional: flag())
            default: .stored(1 + below(baselines))
            }
        return Basis(policy: 1 + below(policies), baseline: reference)
    }

    mutating func record(policies: Int, baselines: Int) -> WindowRecord {
        let outcomes = maybe {
            Observation.Outcomes(acceptedAny: $0.flag(), acceptedErrors: $0.int(), droppedErrors: $0.int())
        }
        let observation = Observation(
            value: maybe { $0.double() }, events: maybe { $0.double() }, samples: maybe { $0.flag() ? 1 : $0.double() },
            outcomes: outcomes)
        let verdict = maybe { random in
            RecordedVerdict(
                verdict: random.pick(Verdict.allCases), reason: random.maybe { $0.pick(Reason.allCases) },
                isSevere: random.flag(), isConfirmed: random.flag(),
                basis: random.basis(policies: policies, baselines: baselines),
                outvoted: random.maybe { $0.basis(policies: policies, baselines: baselines) },
                revision: random.flag() ? 0 : random.below(400), evaluatedAt: random.instant())
        }
        return WindowRecord(observation: observation, verdict: verdict)
    }

    mutating func guardrail() -> Guardrail {
        let measure: Measure =
            flag()
            ? .builtIn(pick(BuiltInMeasure.allCases))
            : .query(OwnQuery(text: text(), by: maybe { $0.text() }, events: maybe { $0.text() }))
        let limits = many(3) { random in
            random.pick([.relative(random.double()), .above(random.double()), .below(random.double())] as [Limit])
        }
        return Guardrail(
            name: text(), source: text(), measure: measure, limits: limits, over: maybe { $0.below(9000) },
            minimumEvents: maybe { $0.double() }, minimumSamples: maybe { $0.double() }, floor: maybe { $0.double() },
            confirm: .init(breaching: below(3), of: below(5)), severe: maybe { $0.double() },
            noData: pick(Guardrail.NoData.allCases), quiet: pick(Guardrail.Quiet.allCases), recoverAfter: below(9),
            baseline: rule(), severity: pick(Guardrail.Severity.allCases), unit: maybe { $0.text() },
            link: maybe { $0.text() })
    }

    mutating func rule() -> BaselineRule {
        BaselineRule(
            lookback: below(700_000), statistic: pick(BaselineRule.Statistic.allCases),
            anchor: pick(BaselineRule.Anchor.allCases), minimumCoverage: double(),
            exclude: many(2) { $0.pick(BaselineRule.Exclusion.allCases) })
    }

    mutating func series(_ id: Int) -> SeriesState {
        let service = Service(
            name: text(), environment: maybe { $0.text() }, bindings: ["otel": ["service": text()]])
        let guardrail = guardrail()
        let definition = SeriesDefinition(
            source: text(), query: text(), details: [text(): text()], variant: maybe { $0.text() },
            unit: maybe { $0.text() })
        return SeriesState(
            id: id, pair: Pair(service.name, guardrail.name), definition: definition,
            wish: ValueWish(guardrail, of: service, window: 300), window: pick([60, 300, 3600, 86_400]),
            judgedFrom: instant(), activity: many(3) { Span(start: $0.instant(), end: $0.instant(), step: 300) },
            createdAt: instant())
    }

    mutating func baseline(_ id: Int, series: Int, deployment: Int) -> StoredBaseline {
        StoredBaseline(
            id: id, series: series, deployment: deployment, from: instant(), to: instant(), rule: rule(),
            excluded: many(3) { .init(interval: $0.interval(), reason: $0.text()) }, windowsExcluded: below(2000),
            values: many(288) { $0.baselineValue() }, windowsOverMedianLimit: maybe { $0.below(2000) },
            storedAt: instant())
    }

    mutating func deployment(hotfix: Int) -> Deployment {
        Deployment(
            id: 0, hotfix: hotfix, branch: maybe { $0.text() }, commit: text(), version: maybe { $0.text() },
            beside: many(3) { $0.text() }, at: instant(), recordedAt: instant(), services: many(3) { $0.text() },
            pairs: many(3) { Pair($0.text(), $0.text()) }, incident: pick([.unstated, .named, .none]),
            newBaselineReason: maybe { $0.text() })
    }

    mutating func exclusion() -> Exclusion {
        Exclusion(
            id: 0, service: maybe { $0.text() }, interval: interval(), reason: text(), by: maybe { $0.text() },
            recordedAt: instant())
    }

    mutating func excusal() -> Excusal {
        Excusal(
            episode: text(), pair: Pair(text(), text()), interval: interval(), reason: text(), by: text(),
            recordedAt: instant())
    }

    mutating func acceptance() -> Acceptance {
        Acceptance(pair: Pair(text(), text()), reason: text(), by: maybe { $0.text() }, recordedAt: instant())
    }

    mutating func episode() -> Episode {
        let endings: [Episode.Ending] = [.recovered, .corrected, .withdrawn, .excused]
        return Episode(
            pair: Pair(text(), text()), start: instant(), openedAt: instant(), lastBreach: instant(),
            windows: below(99), peak: maybe { $0.double() }, closedAt: maybe { $0.instant() },
            ending: maybe { $0.pick(endings) })
    }

    mutating func confirmation(deployment: Int) -> Confirmation {
        Confirmation(pair: Pair(text(), text()), deployment: deployment, since: instant(), at: instant())
    }

    mutating func check() -> CheckRecord {
        CheckRecord(at: instant(), windowsJudged: below(9000), failures: many(2) { $0.text() })
    }
}
