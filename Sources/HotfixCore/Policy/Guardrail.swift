/// One rule on one measure of a service: source, query, baseline, limit.
package struct Guardrail: Sendable, Hashable, Codable {
    /// How many of the last windows must breach before a breach is confirmed.
    package struct Confirm: Sendable, Hashable, Codable {
        /// At least this many windows must breach, 1 or more.
        package var breaching: Int
        /// Out of this many windows with verdict clean or breach, at least `breaching`.
        package var of: Int

        /// Makes the rule; one of one is the runbook's.
        package init(breaching: Int = 1, of: Int = 1) {
            self.breaching = breaching
            self.of = of
        }
    }

    /// What a window without a value is.
    package enum NoData: String, Sendable, Hashable, Codable, CaseIterable {
        case unproven, breach
    }

    /// Whether an error count of 0 is credible by itself.
    package enum Quiet: String, Sendable, Hashable, Codable, CaseIterable {
        case unexpected, expected
    }

    /// How much an alert of the guardrail matters; for messages only.
    package enum Severity: String, Sendable, Hashable, Codable, CaseIterable {
        case critical, error, warning, info
    }

    /// The name, unique in its policy.
    package var name: String
    /// The name of the source that is asked.
    package var source: String
    /// What is asked of it.
    package var measure: Measure
    /// The limits; at least one.
    package var limits: [Limit]
    /// The stretch in seconds that ends with the window and over which the value is taken; nil means the window itself.
    package var over: Seconds?
    /// Below this many counted events a window is `unproven (too-few-events)`.
    package var minimumEvents: Double?
    /// The share of the window, 0...1, that scrapes or points must cover.
    package var minimumSamples: Double?
    /// A value at or under it never breaches a relative limit above; in the measure's unit.
    package var floor: Double?
    /// When a breach is confirmed.
    package var confirm: Confirm
    /// A breach by this factor over (under) the crossed limit is confirmed at once; above 1.
    package var severe: Double?
    /// What a window without a value is.
    package var noData: NoData
    /// Whether an error count of 0 is credible by itself.
    package var quiet: Quiet
    /// How many clean windows since the last breach close an episode, 1 or more.
    package var recoverAfter: Int
    /// How the baseline is reached.
    package var baseline: BaselineRule
    /// How much an alert matters.
    package var severity: Severity
    /// The unit of an own query's value, for display.
    package var unit: String?
    /// A page that helps whoever is alerted.
    package var link: String?

    /// Makes a guardrail; the defaults are the runbook's.
    package init(
        name: String, source: String, measure: Measure, limits: [Limit], over: Seconds? = nil,
        minimumEvents: Double? = nil, minimumSamples: Double? = nil, floor: Double? = nil, confirm: Confirm = .init(),
        severe: Double? = nil, noData: NoData = .unproven, quiet: Quiet = .unexpected, recoverAfter: Int = 2,
        baseline: BaselineRule = .init(), severity: Severity = .critical, unit: String? = nil, link: String? = nil
    ) {
        self.name = name
        self.source = source
        self.measure = measure
        self.limits = limits
        self.over = over
        self.minimumEvents = minimumEvents
        self.minimumSamples = minimumSamples
        self.floor = floor
        self.confirm = confirm
        self.severe = severe
        self.noData = noData
        self.quiet = quiet
        self.recoverAfter = recoverAfter
        self.baseline = baseline
        self.severity = severity
        self.unit = unit
        self.link = link
    }

    /// Whether any limit is relative, so that judging needs a baseline.
    package var hasRelativeLimit: Bool { limits.contains(where: \.isRelative) }
}
