import Testing

/// A window whose verdict shows a rule at work.
struct ShopCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var pair: String
    var start: Int
    var verdict: String
    var reason: String?
    var isConfirmed: Bool
    /// What the figures of the window have to show besides.
    var shows: @Sendable (ExportedRow) -> Bool

    init(
        _ testDescription: String, _ pair: String, _ start: Int, _ verdict: String, _ reason: String? = nil,
        isConfirmed: Bool? = nil, shows: @escaping @Sendable (ExportedRow) -> Bool = { _ in true }
    ) {
        self.testDescription = testDescription
        self.pair = pair
        self.start = start
        self.verdict = verdict
        self.reason = reason
        self.isConfirmed = isConfirmed ?? (verdict == "breach")
        self.shows = shows
    }

    static let breaches: [ShopCase] = [
        ShopCase("p95 beyond +20 %", "checkout/latency-p95", Shop.hour(10), "breach") { ratio($0) > 1.2 },
        ShopCase("p95 before that", "checkout/latency-p95", Shop.hour(10) - 300, "clean") { ratio($0) < 1.2 },
        ShopCase("CPU beyond +30 %", "cart/cpu", Shop.hour(3), "breach") { ratio($0) > 1.3 },
        ShopCase("memory beyond +30 %", "cart/memory", Shop.hour(5), "breach") { ratio($0) > 1.3 },
        ShopCase("the share of server errors beyond +25 %", "search/error-rate", Shop.hour(6), "breach") {
            ratio($0) > 1.25 && ($0.value ?? 1) < 0.06
        },
        ShopCase("requests under -50 %", "search/requests", Shop.hour(8), "breach") { ratio($0) < 0.5 },
        ShopCase("the newest window breaches", "images/cpu", Shop.end - 300, "breach"),
        ShopCase("one of three windows waits", "batch/cpu", Shop.hour(7), "breach", isConfirmed: false),
        ShopCase("the first of two", "batch/cpu", Shop.hour(9), "breach"),
        ShopCase("the second of two", "batch/cpu", Shop.hour(9) + 300, "breach"),
        ShopCase("jobs under -20 %, by an own query with a label", "worker/jobs", Shop.hour(5), "breach"),
        ShopCase("rolling, without a deployment", "canary/cpu", Shop.hour(20), "breach"),
    ]

    static let limits: [ShopCase] = [
        ShopCase("exactly at a relative limit", "worker/level", Shop.hour(2), "clean") {
            $0.baseline == 0.5 && $0.limit == 0.625 && $0.value == 0.625
        },
        ShopCase("above it by less than counts", "worker/level", Shop.hour(2.5), "clean") { ($0.value ?? 0) > 0.625 },
        ShopCase("above it by more than that", "worker/level", Shop.hour(3), "breach") { $0.limit == 0.625 },
        ShopCase("exactly at an absolute limit", "mailer/level", Shop.hour(2), "clean") {
            $0.limit == 0.75 && $0.value == 0.75
        },
        ShopCase("above an absolute limit, under the relative one", "mailer/level", Shop.hour(3), "breach") {
            $0.limit == 0.75 && $0.baseline == 0.625
        },
    ]

    static let counters: [ShopCase] = [
        ShopCase("a reset inside a window", "payments/cpu", Shop.hour(2), "clean", shows: isUsual),
        ShopCase("a reset before the sample at its end", "payments/cpu", Shop.hour(4) - 300, "clean", shows: isUsual),
        ShopCase("the same, seen from the next window", "payments/cpu", Shop.hour(4), "clean", shows: isUsual),
        ShopCase("a reset after the sample at its start", "payments/cpu", Shop.hour(4.5), "clean", shows: isUsual),
        ShopCase("requests over a reset", "payments/requests", Shop.hour(2), "clean") { ratio($0) > 0.7 },
        ShopCase("a roll-out does not double memory", "inventory/memory", Shop.anchor, "clean", shows: isUsual),
        ShopCase("nor does another", "inventory/memory", Shop.hour(24), "clean", shows: isUsual),
        ShopCase("nor CPU", "inventory/cpu", Shop.hour(24), "clean", shows: isUsual),
        ShopCase("a job without promoted labels", "legacy/latency-p95", Shop.hour(1), "clean", shows: isUsual),
        ShopCase("longer than the last bound is the last bound", "images/latency-p95", Shop.hour(12), "breach") {
            $0.value == 1
        },
    ]

    static let unproven: [ShopCase] = [
        ShopCase("one sample makes no rate", "mail/cpu", Shop.hour(30), "unproven", "no-data"),
        ShopCase("but a level", "mail/memory", Shop.hour(30), "clean", shows: isUsual),
        ShopCase("a target that is down", "mail/latency-p95", Shop.hour(31), "unproven", "no-data", shows: isNothing),
        ShopCase("is not idle", "mail/error-rate", Shop.hour(31), "unproven", "no-data", shows: isNothing),
        ShopCase("and has no requests to breach by", "mail/requests", Shop.hour(31), "unproven", "no-data"),
        ShopCase("a level that was scraped four minutes ago", "worker/level", Shop.hour(40), "clean"),
        ShopCase("and one that is stale", "worker/level", Shop.hour(40) + 300, "unproven", "no-data"),
        ShopCase("no requests, no quantile", "night/latency-p95", Shop.hour(20), "unproven", "idle", shows: isNothing),
        ShopCase("no requests, no share", "night/error-rate", Shop.hour(20), "unproven", "idle", shows: isNothing),
        ShopCase("though it runs", "night/cpu", Shop.hour(20), "clean", shows: isUsual),
        ShopCase("few requests", "night/latency-p95", Shop.hour(22), "unproven", "too-few-events") { $0.value != nil },
        ShopCase("few jobs, by an own query", "worker/retried", Shop.hour(5), "unproven", "too-few-events"),
        ShopCase("NaN of one instance hides no other", "images/memory", Shop.hour(1), "clean", shows: isUsual),
        ShopCase("NaN of all is nothing", "images/memory", Shop.hour(1.5), "unproven", "no-data", shows: isNothing),
    ]

    static let baselines: [ShopCase] = [
        ShopCase("a whole look-back", "checkout/latency-p95", Shop.hour(0), "clean") {
            $0.baselineWindows == 2016 && $0.coverage == 1
        },
        ShopCase("three hours without scrapes", "ledger/cpu", Shop.hour(1), "clean") {
            $0.baselineWindows == 1980 && isNear($0.coverage, 1980.0 / 2016)
        },
        ShopCase("an hour without requests each day", "night/latency-p95", Shop.hour(1), "clean") {
            $0.baselineWindows == 2016 - 7 * 12
        },
        ShopCase("the look-back's first time of day lacks a neighbour", "batch/memory", Shop.hour(24), "clean") {
            $0.baselineWindows == 20 && isNear($0.coverage, 20.0 / 21)
        },
        ShopCase("another time of day", "batch/memory", Shop.hour(24.5), "clean") { $0.baselineWindows == 21 },
        ShopCase("seasonal memory", "batch/memory", Shop.hour(11), "breach"),
        ShopCase("seasonal requests", "batch/requests", Shop.hour(13), "breach"),
        ShopCase("an absolute limit needs none", "mailer/retried", Shop.hour(1), "clean") {
            $0.baseline == nil && $0.limit == 0.5
        },
    ]
}

private func ratio(_ row: ExportedRow) -> Double { (row.value ?? .nan) / (row.baseline ?? .nan) }
private func isUsual(_ row: ExportedRow) -> Bool { abs(ratio(row) - 1) < 0.15 }
private func isNothing(_ row: ExportedRow) -> Bool { row.value == nil }

extension PrometheusAcceptanceTests {
    @Test(
        "each rule is seen at work",
        arguments: ShopCase.breaches + ShopCase.limits + ShopCase.counters + ShopCase.unproven + ShopCase.baselines)
    func cases(_ expected: ShopCase) throws {
        let row = try #require(shop.inSteps.rows.first { $0.key == "\(expected.pair)/\(instantText(expected.start))" })
        #expect(row.verdict == expected.verdict)
        #expect(row.reason == expected.reason)
        #expect(row.confirmed == expected.isConfirmed)
        #expect(expected.shows(row), "\(row)")
    }

    @Test("a rolling look-back moves with the windows, an anchored one stays")
    func anchors() {
        func baselines(_ pair: String) -> Int {
            Set(shop.inSteps.rows.filter { $0.key.hasPrefix("\(pair)/") }.map(\.baseline)).count
        }
        #expect(baselines("checkout/latency-p95") == 1)
        #expect(baselines("batch/latency-p95") > 500)
        #expect(baselines("canary/cpu") > 500)
        #expect((200...288).contains(baselines("batch/memory")))
    }
}
