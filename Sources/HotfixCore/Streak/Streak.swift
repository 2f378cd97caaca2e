/// What a window of a service comes to for its streak.
package enum WindowKind: Sendable, Hashable {
    /// Every guardrail is clean.
    case clean
    /// A guardrail has a confirmed breach.
    case breach
    /// A guardrail has no verdict, and none breaches.
    case missing
    /// Every guardrail is clean, quiet, excused or a pending breach, and at least one is not clean.
    case neutral(isQuiet: Bool, isPending: Bool)
    /// Asked, and at least one guardrail unproven for another reason.
    case unproven(isPending: Bool)

    /// Classifies a window by its guardrails' verdicts; nil stands for a missing one, and no verdict at all proves nothing.
    package init(_ verdicts: some Sequence<(counted: CountedVerdict?, isConfirmed: Bool)>) {
        var isMissing = false
        var isBreach = false
        var isPending = false
        var isQuiet = true
        var isClean = true
        var isNeutral = true
        var isEmpty = true
        for (counted, isConfirmed) in verdicts {
            isEmpty = false
            guard let counted else {
                isMissing = true
                continue
            }
            switch counted.verdict {
            case .clean: continue
            case .breach where isConfirmed: isBreach = true
            case .breach:
                isPending = true
                isQuiet = false
            case .unproven:
                let quiet = counted.reason?.isQuiet ?? false
                if !quiet { isQuiet = false }
                if !quiet && counted.reason != .excused { isNeutral = false }
            }
            isClean = false
        }
        if isBreach {
            self = .breach
        } else if isMissing || isEmpty {
            self = .missing
        } else if isClean {
            self = .clean
        } else if isNeutral {
            self = .neutral(isQuiet: isQuiet, isPending: isPending)
        } else {
            self = .unproven(isPending: isPending)
        }
    }
}

/// The proven clean time of one service since its deployment, window by window.
package struct Streak: Sendable, Hashable {
    /// Why the streak counts from `since`.
    package enum Origin: String, Sendable, Hashable, Codable {
        case deployment, breach, gap
    }

    /// From when on clean windows count.
    package private(set) var since: Instant
    /// Why from then.
    package private(set) var origin: Origin = .deployment
    /// How many windows at or after `since` are clean.
    package private(set) var provenWindows = 0
    /// How many windows at or after `since` were asked and are not clean.
    package private(set) var unprovenWindows = 0
    /// How many windows at or after `since` are missing.
    package private(set) var missingWindows = 0
    /// The end of the window with which the required time was reached; nil before that.
    package private(set) var reachedAt: Instant?

    /// How old a missing window is when it counts as asked, in seconds.
    static let missingCountsAfter: Seconds = 7 * 86_400

    private let step: Seconds
    private let required: Seconds
    private let longestGap: Seconds
    private var run: Seconds = 0

    /// Makes the streak of a deployment of which no window was seen.
    ///
    /// - Parameters:
    ///   - deployedAt: The instant of the deployment.
    ///   - rule: What the streak must reach.
    ///   - step: The length of a window in seconds.
    package init(deployedAt: Instant, rule: Policy.Streak, step: Seconds) {
        since = (deployedAt + rule.warmUp).ceiled(to: step)
        self.step = step
        required = rule.required
        longestGap = rule.longestGap
    }

    /// The proven time in seconds.
    package var proven: Seconds { provenWindows * step }

    /// Takes the next window; windows before the first counted one change nothing.
    ///
    /// - Parameters:
    ///   - start: The start of the window.
    ///   - kind: What it comes to.
    ///   - now: Missing windows that are 7 days old at this instant count as asked.
    package mutating func advance(_ start: Instant, _ kind: WindowKind, now: Instant) {
        guard start >= since else { return }
        let end = start + step
        switch kind {
        case .clean:
            run = 0
            provenWindows += 1
            if reachedAt == nil, proven >= required { reachedAt = end }
        case .breach:
            lengthenRun(to: end)
            restart(at: end, .breach)
        case .unproven:
            unprovenWindows += 1
            lengthenRun(to: end)
        case .neutral: unprovenWindows += 1
        case .missing where now - end >= Self.missingCountsAfter:
            missingWindows += 1
            lengthenRun(to: end)
        case .missing: missingWindows += 1
        }
    }

    private mutating func lengthenRun(to end: Instant) {
        run += step
        if run > longestGap { restart(at: end, .gap) }
    }

    private mutating func restart(at instant: Instant, _ origin: Origin) {
        since = instant
        self.origin = origin
        provenWindows = 0
        unprovenWindows = 0
        missingWindows = 0
        reachedAt = nil
    }
}
