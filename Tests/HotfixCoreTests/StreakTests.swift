import HotfixCore
import Testing

/// One row: windows as letters, the gap in windows, and where the streak counts from and how many windows it has.
///
/// Letters: `c`lean, `B` confirmed breach, `u`nproven, `q`uiet, e`x`cused, `p`ending breach, `-` missing, `o`ld missing.
struct StreakCase: Sendable, CustomTestStringConvertible {
    var windows: String
    var since: Int
    var proven: Int
    var origin: Streak.Origin

    init(_ windows: String, since: Int, proven: Int, _ origin: Streak.Origin = .deployment) {
        self.windows = windows
        self.since = since
        self.proven = proven
        self.origin = origin
    }

    var testDescription: String { windows }
}

private let step = 300
private let rule = Policy.Streak(required: 4 * step, longestGap: 3 * step)

private func kind(_ letter: Character) -> WindowKind {
    switch letter {
    case "c": .clean
    case "B": .breach
    case "u": .unproven(isPending: false)
    case "q": .neutral(isQuiet: true, isPending: false)
    case "x": .neutral(isQuiet: false, isPending: false)
    case "p": .neutral(isQuiet: false, isPending: true)
    default: .missing
    }
}

private func streak(_ windows: String, rule: Policy.Streak = rule, deployedAt: Instant = Instant(0)) -> Streak {
    var streak = Streak(deployedAt: deployedAt, rule: rule, step: step)
    for (index, letter) in windows.enumerated() {
        let start = Instant(index * step)
        let now = start + step + (letter == "o" ? 7 * 86_400 : 7 * 86_400 - 1)
        streak.advance(start, kind(letter), now: now)
    }
    return streak
}

private let rows: [StreakCase] = [
    StreakCase("ccc", since: 0, proven: 3),
    StreakCase("ccBcc", since: 3, proven: 2, .breach),
    StreakCase("cuuuc", since: 0, proven: 2),
    StreakCase("cuuuuc", since: 5, proven: 1, .gap),
    StreakCase("cuuuu", since: 5, proven: 0, .gap),
    StreakCase("cuuuuuu", since: 7, proven: 0, .gap),
    StreakCase("cuucuuc", since: 0, proven: 3),
    // What neither lengthens nor ends a run.
    StreakCase("cuu-uuc", since: 6, proven: 1, .gap),
    StreakCase("cuuquuc", since: 6, proven: 1, .gap),
    StreakCase("cuuxuuc", since: 6, proven: 1, .gap),
    StreakCase("cuupuuc", since: 6, proven: 1, .gap),
    StreakCase("c-------c", since: 0, proven: 2),
    StreakCase("cqqqqqqqc", since: 0, proven: 2),
    StreakCase("cxxxxxxxc", since: 0, proven: 2),
    StreakCase("cpppppppc", since: 0, proven: 2),
    // Missing windows that are a week old count as asked in vain.
    StreakCase("cooooc", since: 5, proven: 1, .gap),
    StreakCase("cooo-c", since: 0, proven: 2),
    StreakCase("cuuoqoc", since: 6, proven: 1, .gap),
    // A breach is an asked window that is not clean.
    StreakCase("cuuBc", since: 4, proven: 1, .breach),
    StreakCase("cuuBuc", since: 5, proven: 1, .gap),
    StreakCase("cuBucuc", since: 3, proven: 2, .breach),
]

@Suite("The streak, window by window")
struct StreakCaseTests {
    @Test("What restarts it, and what only pauses it", arguments: rows)
    func advances(_ row: StreakCase) {
        let streak = streak(row.windows)
        #expect(streak.since == Instant(row.since * step))
        #expect(streak.proven == row.proven * step)
        #expect(streak.origin == row.origin)
    }

    @Test("The instant at which the time was reached stays until a restart takes it")
    func reached() {
        #expect(streak("ccc").reachedAt == nil)
        #expect(streak("cc-cc").reachedAt == Instant(5 * step))
        #expect(streak("ccccccq").reachedAt == Instant(4 * step))
        #expect(streak("ccccB").reachedAt == nil)
        #expect(streak("ccccuuuu").reachedAt == nil)
        #expect(streak("ccccuuu").reachedAt == Instant(4 * step))
    }

    @Test("What is not clean or not there since then is told")
    func tallies() {
        let streak = streak("cuq-xc")
        #expect(streak.unprovenWindows == 3)
        #expect(streak.missingWindows == 1)
    }

    @Test("Windows before the first counted one change nothing")
    func warmUp() {
        let warm = Policy.Streak(required: 4 * step, longestGap: 3 * step, warmUp: 2 * step)
        #expect(streak("Buccc", rule: warm).proven == 3 * step)
        #expect(streak("Buccc", rule: warm).since == Instant(2 * step))
        #expect(streak("ccccc", rule: warm, deployedAt: Instant(1)).since == Instant(3 * step))
        #expect(streak("uuucc", rule: warm).since == Instant(2 * step))
    }

    @Test(
        "What a window comes to by its guardrails",
        arguments: [
            ("", WindowKind.missing), ("c", .clean), ("cc", .clean), ("c-", .missing), ("-", .missing), ("B-", .breach),
            ("p-", .missing), ("Bu", .breach), ("u-", .missing), ("cu", .unproven(isPending: false)),
            ("up", .unproven(isPending: true)), ("uq", .unproven(isPending: false)),
            ("cq", .neutral(isQuiet: true, isPending: false)), ("qq", .neutral(isQuiet: true, isPending: false)),
            ("cx", .neutral(isQuiet: false, isPending: false)), ("qx", .neutral(isQuiet: false, isPending: false)),
            ("cp", .neutral(isQuiet: false, isPending: true)), ("qp", .neutral(isQuiet: false, isPending: true)),
        ])
    func kinds(letters: String, expected: WindowKind) {
        let verdicts = letters.map { letter -> (counted: CountedVerdict?, isConfirmed: Bool) in
            switch letter {
            case "c": (CountedVerdict(verdict: .clean), false)
            case "B": (CountedVerdict(verdict: .breach), true)
            case "p": (CountedVerdict(verdict: .breach), false)
            case "u": (CountedVerdict(verdict: .unproven, reason: .noData), false)
            case "q": (CountedVerdict(verdict: .unproven, reason: .idle), false)
            case "x": (CountedVerdict(verdict: .unproven, reason: .excused), false)
            default: (nil, false)
            }
        }
        #expect(WindowKind(verdicts) == expected)
        #expect(WindowKind(verdicts.reversed()) == expected)
    }

    @Test("Idle and too few events are quiet, and nothing else is", arguments: Reason.allCases)
    func quietReasons(reason: Reason) {
        #expect(reason.isQuiet == [.idle, .tooFewEvents].contains(reason))
    }
}
