import HotfixCore
import HotfixTestSupport
import Testing

private let day = 86_400

private func lookback(_ values: [Double?], step: Seconds = 300) -> Lookback {
    Lookback(span: Span(start: Instant(0), end: Instant(values.count * step), step: step)) { values[$0.seconds / step] }
}

/// Whether a mean differs from the exact one by less than 1e-12 of it.
private func isExactMean(_ mean: Double, of values: [Double]) -> Bool {
    let sum = values.reduce(BigInteger(0)) { $0 + BigInteger(units: $1) }
    let error = (BigInteger(units: mean).times(UInt32(values.count)) - sum).magnitude
    return error.times(1_000_000).times(1_000_000) < sum.magnitude || error == BigInteger(0)
}

private func randomValues(_ count: Int, _ kind: Int, _ random: inout SeededGenerator) -> [Double] {
    (0..<count).map { index in
        switch kind {
        case 0: Double.random(in: 0...1, using: &random)
        case 1:
            Double.random(in: -1...1, using: &random)
                * Double(sign: .plus, exponent: Int.random(in: -300...300, using: &random), significand: 1)
        // A large part that cancels out, and a small rest.
        case 2: (index.isMultiple(of: 2) ? 1e16 : -1e16) + Double.random(in: 0...8, using: &random)
        case 3: Double.greatestFiniteMagnitude * random.share()
        case 4: Double.leastNormalMagnitude * (1 + random.share())
        default: index == 0 ? 1e15 : 0.1
        }
    }
}

@Suite("Baselines", .heavy)
struct LookbackTests {
    @Test("The arithmetic without rounding is right itself")
    func bigIntegers() {
        let three = BigInteger(units: 0.1) + BigInteger(units: 0.2)
        #expect(three != BigInteger(units: 0.3))
        #expect(BigInteger(units: 0.25) + BigInteger(units: 0.5) == BigInteger(units: 0.75))
        #expect(BigInteger(units: 1e300) - BigInteger(units: 1e300) == BigInteger(0))
        #expect(BigInteger(units: -3) < BigInteger(units: -2))
        #expect(BigInteger(units: -3) + BigInteger(units: 5) == BigInteger(units: 2))
        #expect(BigInteger(units: .leastNonzeroMagnitude) == BigInteger(1))
        #expect(!isExactMean(0.3, of: [0.1, 0.2]))
    }

    @Test("The mean is exact to 1e-12, whatever the order", arguments: 0..<6)
    func exactMean(kind: Int) throws {
        var random = SeededGenerator(seed: UInt64(kind))
        for count in [1, 2, 3, 10, 301] {
            let values = randomValues(count, kind, &random)
            let mean = try #require(lookback(values).mean().number)
            #expect(isExactMean(mean, of: values), "\(count) values of kind \(kind)")
            for _ in 0..<3 {
                #expect(lookback(values.shuffled(using: &random)).mean().number?.bitPattern == mean.bitPattern)
            }
        }
    }

    @Test(
        "The median of an even number is the mean of the middle two",
        arguments: [
            ([3], 3), ([1, 3], 2), ([9, 1, 3], 3), ([4, 1, 3, 100], 3.5),
            ([Double.greatestFiniteMagnitude, Double.greatestFiniteMagnitude], Double.greatestFiniteMagnitude),
        ] as [([Double], Double)])
    func median(values: [Double], expected: Double) {
        #expect(lookback(values).median().number == expected)
    }

    @Test("Windows without a value count for coverage, not for the statistic")
    func coverage() {
        let values: [Double?] = [2, nil, 4, .nan, nil, nil, nil, .infinity]
        #expect(lookback(values).mean() == BaselineValue(number: 3, windowsUsed: 2, windowsPossible: 8))
        #expect(lookback(values).median() == BaselineValue(number: 3, windowsUsed: 2, windowsPossible: 8))
        #expect(lookback(values).mean().coverage == 0.25)
        #expect(lookback([nil, nil]).mean() == BaselineValue(number: nil, windowsUsed: 0, windowsPossible: 2))
        #expect(!lookback([nil, nil]).isAllZero)
        #expect(lookback([0, nil, -0.0]).isAllZero)
        #expect(!lookback([0, 1e-300]).isAllZero)
    }

    @Test("Seasonal: the same time of day and one neighbour either side, but none outside the look-back")
    func seasonal() {
        // The number of the window's day in the tens, and of its place in the ones: 0 for 12:00, 1 and 9 beside it.
        let values = (0..<7 * 288).map { index -> Double? in
            let place = index % 288
            return abs(place - 144) <= 1 ? Double(index / 288 * 10 + place - 144) : 1e6
        }
        let noon = lookback(values).seasonal(at: Instant(7 * day + day / 2))
        #expect(noon == BaselineValue(number: 30, windowsUsed: 21, windowsPossible: 21))
        #expect(lookback(values).seasonal(at: Instant(9 * day + day / 2)) == noon)
        let first = lookback(values).seasonal(at: Instant(7 * day))
        #expect(first.windowsUsed == 20)
        let last = lookback(values).seasonal(at: Instant(8 * day - 300))
        #expect(last.windowsUsed == 20)
        let holes = lookback(values.enumerated().map { $0 < 288 ? nil : $1 }).seasonal(at: Instant(7 * day + day / 2))
        #expect(holes == BaselineValue(number: 35, windowsUsed: 18, windowsPossible: 21))
    }

    @Test("A seasonal baseline is stored for each window of the day, the first for the end of the look-back")
    func storedSeasonal() {
        let to = Instant(7 * day + 8 * 3600)
        let values = (0..<288).map { BaselineValue(number: Double($0), windowsUsed: 21, windowsPossible: 21) }
        let stored = StoredBaseline(
            id: 1, series: 1, deployment: 1, from: to - 7 * day, to: to, rule: BaselineRule(statistic: .seasonal),
            excluded: [], windowsExcluded: 0, values: values, windowsOverMedianLimit: nil, storedAt: to)
        #expect(stored.value(at: to)?.number == 0)
        #expect(stored.value(at: to + 300)?.number == 1)
        #expect(stored.value(at: to + 3 * day + 600)?.number == 2)
        #expect(stored.value(at: to - 300)?.number == 287)
    }

    @Test("Windows that look like an incident are held against the look-back's own median")
    func windowsBreaching() {
        let values = lookback([1, 1, 1, 1.25, 1.26, 9, 0.7])
        #expect(values.windowsBreaching(.relative(0.25)) == 2)
        #expect(values.windowsBreaching(.relative(-0.2)) == 1)
        #expect(lookback([nil]).windowsBreaching(.relative(0.25)) == 0)
    }
}
