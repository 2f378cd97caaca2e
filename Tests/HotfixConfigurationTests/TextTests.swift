import HotfixCore
import Testing

@testable import HotfixConfiguration

@Suite struct TextTests {
    @Test(
        arguments: [
            ("0", 0), ("0s", 0), ("5m", 300), ("7d", 604_800), ("90s", 90), ("1h30m", 5400), ("48h", 172_800),
            ("1w", 604_800), ("3650d", 315_360_000), ("1d1s", 86_401),
            ("", nil), ("5", nil), ("-5m", nil), ("5 m", nil), ("5min", nil), ("30m1h", nil), ("1h1h", nil),
            ("1.5h", nil),
            ("m", nil), ("5ms", nil), ("3651d", nil), ("99999999999999999999d", nil), ("٥m", nil), ("5M", nil),
        ] as [(String, Int?)])
    func durationsAreRead(text: String, expected: Int?) {
        #expect(parseDuration(text) == expected)
    }

    @Test(arguments: [
        (0, "0s"), (90, "1m30s"), (300, "5m"), (5400, "1h30m"), (172_800, "48h"), (604_800, "7d"), (259_200, "3d"),
        (86_401, "24h1s"),
    ])
    func durationsAreWrittenAsTheyAreRead(seconds: Int, expected: String) {
        #expect(formatDuration(seconds) == expected)
        #expect(parseDuration(expected) == seconds)
    }

    @Test(
        arguments: [
            ("1.2", 1.2), ("98%", 0.98), ("-3", -3), ("+4", 4), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("1E-3", 0.001),
            ("", nil), ("%", nil), (".", nil), ("1,2", nil), (".inf", nil), ("inf", nil), ("nan", nil), (".nan", nil),
            ("1e400", nil), ("0x10", nil), ("1_000", nil), ("1 %", nil), ("1%%", nil), ("e5", nil), ("1e", nil),
            ("--1", nil),
        ] as [(String, Double?)])
    func numbersAreRead(text: String, expected: Double?) {
        #expect(parseNumber(text) == expected)
    }

    @Test(
        arguments: [
            ("50%", 0.5), ("0.5", 0.5), ("0", 0), ("100%", 1), ("1", 1), ("50", nil), ("101%", nil), ("-1%", nil),
        ] as [(String, Double?)])
    func sharesAreRead(text: String, expected: Double?) {
        #expect(parseShare(text) == expected)
    }

    @Test(
        arguments: [
            ("+25%", .relative(0.25)), ("-20%", .relative(-0.2)), ("+0%", .relative(0)), ("+0.5%", .relative(0.005)),
            ("25%", nil), ("+25", nil), ("1.2", nil), ("-100%", nil), ("-0%", nil), ("-101%", nil), ("+-5%", nil),
            ("+%", nil),
        ] as [(String, Limit?)])
    func relativeLimitsAreRead(text: String, expected: Limit?) {
        #expect(parseLimit(text) == expected)
    }

    @Test(
        arguments: [
            ("otle", "otel"), ("latency_p95", "latency-p95"), ("Mesure", "measure"), ("limits", "limit"),
            ("remind", nil), ("x", nil), ("", nil),
        ] as [(String, String?)])
    func theNearestNameIsSuggested(written: String, expected: String?) {
        #expect(nearest(to: written, in: ["otel", "latency-p95", "measure", "limit", "remind_every"]) == expected)
    }
}
