import HotfixCore

enum PolicyKey: String, KeySet {
    case window, baseline, streak, guardrails

    static let title = "policy"

    var entry: KeyEntry {
        switch self {
        case .window: KeyEntry(.duration, "The length of a window, which divides a day; 5m by default.")
        case .baseline: KeyEntry(.keyed(BaselineKey.self), "How baselines are reached.")
        case .streak: KeyEntry(.keyed(StreakKey.self), "What the clean streak must reach.")
        case .guardrails:
            KeyEntry(.map([.keyed(GuardrailKey.self)]), "The guardrails by their names.", isRequired: true)
        }
    }
}

enum BaselineKey: String, KeySet {
    case lookback, statistic, anchor
    case minimumCoverage = "minimum_coverage"
    case exclude

    static let title = "baseline"

    var entry: KeyEntry {
        switch self {
        case .lookback: KeyEntry(.duration, "Whole days of history; 7d by default.")
        case .statistic: KeyEntry(.cases(of: BaselineRule.Statistic.self), "The statistic; mean by default.")
        case .anchor: KeyEntry(.cases(of: BaselineRule.Anchor.self), "Where the look-back ends; deployment by default.")
        case .minimumCoverage: KeyEntry(.share, "The share of the look-back that must have a value; 50% by default.")
        case .exclude: KeyEntry(.list(.cases(of: BaselineRule.Exclusion.self)), "What is left out of the look-back.")
        }
    }
}

enum StreakKey: String, KeySet {
    case required
    case longestGap = "longest_gap"
    case warmUp = "warm_up"

    static let title = "streak"

    var entry: KeyEntry {
        switch self {
        case .required: KeyEntry(.duration, "The proven clean time that makes ready; 48h by default.")
        case .longestGap: KeyEntry(.duration, "A blind stretch longer than this restarts the streak; 1h by default.")
        case .warmUp: KeyEntry(.duration, "Counting starts this long after a deployment; 0 by default.")
        }
    }
}

enum GuardrailKey: String, KeySet {
    case source, measure, query, by, events, limit, over
    case minimumEvents = "minimum_events"
    case minimumSamples = "minimum_samples"
    case floor, confirm, severe
    case noData = "no_data"
    case quiet
    case recoverAfter = "recover_after"
    case baseline, severity, unit, link

    static let title = "guardrail"

    var entry: KeyEntry {
        switch self {
        case .source: KeyEntry(.text, "The name of the source.", isRequired: true)
        case .measure: KeyEntry(.choice(measureNames), "A built-in measure of the source.")
        case .query: KeyEntry(.text, "An own query, in place of a measure.")
        case .by: KeyEntry(.text, "The label that tells services apart, where the query has no {service}.")
        case .events: KeyEntry(.text, "A query that counts the events behind an own query.")
        case .limit: KeyEntry(.limit, "+25%, -20%, {above: 1.2}, {below: 98%}, or a list of these.", isRequired: true)
        case .over: KeyEntry(.duration, "The stretch over which the value is taken; the window by default.")
        case .minimumEvents: KeyEntry(.number, "Fewer counted events than this prove nothing.")
        case .minimumSamples: KeyEntry(.share, "The share of the window that samples must cover.")
        case .floor: KeyEntry(.number, "A value at or under it breaches no relative limit.")
        case .confirm: KeyEntry(.keyed(ConfirmKey.self), "When a breach is confirmed; 1 of 1 by default.")
        case .severe: KeyEntry(.number, "Over the limit by this factor is confirmed at once.")
        case .noData:
            KeyEntry(.cases(of: Guardrail.NoData.self), "What a window without a value is; unproven by default.")
        case .quiet:
            KeyEntry(.cases(of: Guardrail.Quiet.self), "Whether no errors at all are credible; unexpected by default.")
        case .recoverAfter: KeyEntry(.count(1), "How many clean windows end an episode; 2 by default.")
        case .baseline: KeyEntry(.keyed(BaselineKey.self), "The guardrail's own baseline; the rest is the policy's.")
        case .severity: KeyEntry(.cases(of: Guardrail.Severity.self), "For messages only; critical by default.")
        case .unit: KeyEntry(.text, "The unit of an own query's value, for display.")
        case .link: KeyEntry(.url, "A page that helps whoever is alerted.")
        }
    }
}

private var measureNames: [String] {
    BuiltInMeasure.allCases.map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
}

enum ConfirmKey: String, KeySet {
    case breaching, of

    static let title = "confirm"

    var entry: KeyEntry {
        switch self {
        case .breaching: KeyEntry(.count(1), "At least this many windows breach.", isRequired: true)
        case .of: KeyEntry(.count(1), "Of this many.", isRequired: true)
        }
    }
}

enum LimitKey: String, KeySet {
    case above, below

    static let title = "absoluteLimit"

    var entry: KeyEntry {
        switch self {
        case .above: KeyEntry(.number, "A value above it breaches.")
        case .below: KeyEntry(.number, "A value below it breaches.")
        }
    }
}
