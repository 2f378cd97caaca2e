import HotfixCore
import Testing

/// One row: windows as letters (`B`reach, `S`evere, `c`lean, `u`nproven, `-` missing), the rule, and what is confirmed (`X`).
struct FoldCase: Sendable, CustomTestStringConvertible {
    var windows: String
    var breaching: Int
    var of: Int
    var recoverAfter: Int
    var confirmed: String
    var episodes: [String]

    init(_ windows: String, _ breaching: Int, of: Int, recover: Int = 2, _ confirmed: String, _ episodes: [String]) {
        self.windows = windows
        self.breaching = breaching
        self.of = of
        recoverAfter = recover
        self.confirmed = confirmed
        self.episodes = episodes
    }

    var testDescription: String { "\(windows) by \(breaching) of \(of)" }
}

private let gap = 4 * 300

private func fold(_ row: FoldCase) -> BreachFold {
    let guardrail = Guardrail(
        name: "g", source: "s", measure: .builtIn(.cpu), limits: [.above(1)],
        confirm: .init(breaching: row.breaching, of: row.of), recoverAfter: row.recoverAfter)
    var fold = BreachFold(pair: Pair("service", "g"), guardrail: guardrail, step: 300, longestGap: gap)
    for (index, letter) in row.windows.enumerated() {
        let start = Instant(index * 300)
        switch letter {
        case "B": fold.advance(start, CountedVerdict(verdict: .breach, value: 2))
        case "S": fold.advance(start, CountedVerdict(verdict: .breach, isSevere: true, value: 9))
        case "c": fold.advance(start, CountedVerdict(verdict: .clean, value: 1))
        case "u": fold.advance(start, CountedVerdict(verdict: .unproven, reason: .noData))
        default: break
        }
    }
    return fold
}

private func inWords(_ episode: Episode) -> String {
    let end = episode.closedAt.map { "\($0.seconds / 300) \(episode.ending?.rawValue ?? "")" } ?? "open"
    return
        "\(episode.start.seconds / 300) opened \(episode.openedAt.seconds / 300), \(episode.windows), last \(episode.lastBreach.seconds / 300), \(end)"
}

private let rows: [FoldCase] = [
    FoldCase("cBcc", 1, of: 1, ".X..", ["1 opened 2, 1, last 1, 4 recovered"]),
    FoldCase("cBcBcc", 1, of: 1, ".X.X..", ["1 opened 2, 2, last 3, 6 recovered"]),
    FoldCase("Bc", 1, of: 1, "X.", ["0 opened 1, 1, last 0, open"]),
    FoldCase("Bc", 1, of: 1, recover: 1, "X.", ["0 opened 1, 1, last 0, 2 recovered"]),
    FoldCase(
        "BccBcc", 1, of: 1, "X..X..", ["0 opened 1, 1, last 0, 3 recovered", "3 opened 4, 1, last 3, 6 recovered"]),
    FoldCase("Bcuu--uc", 1, of: 1, "X.......", ["0 opened 1, 1, last 0, 8 recovered"]),
    FoldCase("Buu---", 1, of: 1, "X.....", ["0 opened 1, 1, last 0, open"]),
    FoldCase("BcBcc", 2, of: 3, "X.X..", ["0 opened 3, 2, last 2, 5 recovered"]),
    FoldCase("BccB", 2, of: 3, "....", []),
    FoldCase("BuuB", 2, of: 3, "X..X", ["0 opened 4, 2, last 3, open"]),
    FoldCase("B--uB", 2, of: 2, "X...X", ["0 opened 5, 2, last 4, open"]),
    // 2 windows and the gap of 4 reach 6 windows back from the end of the breach.
    FoldCase("B----B", 2, of: 2, "X....X", ["0 opened 6, 2, last 5, open"]),
    FoldCase("B-----B", 2, of: 2, ".......", []),
    FoldCase("BB-c", 3, of: 3, "....", []),
    FoldCase("BBcB", 3, of: 4, "XX.X", ["0 opened 4, 3, last 3, open"]),
    FoldCase("cSc", 2, of: 3, ".X.", ["1 opened 2, 1, last 1, open"]),
    FoldCase("BcScc", 3, of: 4, "..X..", ["2 opened 3, 1, last 2, 5 recovered"]),
    // A pending breach confirms nothing, yet the episode waits for clean windows after it.
    FoldCase("BBccBcc", 2, of: 2, recover: 3, "XX.....", ["0 opened 2, 2, last 4, open"]),
    FoldCase("BBcBccc", 2, of: 2, recover: 3, "XX.....", ["0 opened 2, 2, last 3, 7 recovered"]),
    FoldCase("uuu", 1, of: 1, "...", []),
]

@Suite("Confirmation and episodes")
struct BreachFoldTests {
    @Test("What is confirmed, and which episodes it makes", arguments: rows)
    func confirms(_ row: FoldCase) {
        let fold = fold(row)
        let confirmed = row.windows.indices.enumerated().map { index, _ in
            fold.confirmed.contains(Instant(index * 300)) ? "X" : "."
        }.joined()
        #expect(confirmed == row.confirmed)
        #expect(fold.episodes.map(inWords) == row.episodes)
    }

    @Test("The peak is the confirmed value farthest beyond the limit")
    func peak() {
        #expect(fold(FoldCase("cBSBc", 1, of: 1, "", [])).episodes.map(\.peak) == [9])
        #expect(fold(FoldCase("cccBc", 1, of: 1, "", [])).episodes.map(\.peak) == [2])
    }

    @Test("What an earlier rule confirmed stays so, and what it left pending does too")
    func confirmedEarlier() {
        let guardrail = Guardrail(
            name: "g", source: "s", measure: .builtIn(.cpu), limits: [.above(1)], confirm: .init(breaching: 3, of: 3))
        var fold = BreachFold(
            pair: Pair("service", "g"), guardrail: guardrail, step: 300, longestGap: gap,
            confirmedEarlier: [Instant(300)])
        fold.advance(Instant(0), CountedVerdict(verdict: .breach))
        fold.advance(Instant(300), CountedVerdict(verdict: .breach))
        #expect(fold.confirmed == [Instant(300)])
        fold.advance(Instant(600), CountedVerdict(verdict: .clean))
        fold.advance(Instant(900), CountedVerdict(verdict: .unproven))
        #expect(fold.confirmed == [Instant(300)])
    }
}
