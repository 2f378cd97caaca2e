/// Everything that one verdict was reached from.
package struct Explanation: Sendable, Hashable {
    /// What a window that was judged was judged from.
    package struct Grounds: Sendable, Hashable {
        /// What the source answered.
        package var observation: Observation
        /// The limit that was crossed, or came nearest, as the policy writes it.
        package var limit: String?
        /// The number of that limit.
        package var limitNumber: Double?
        /// Whether the guardrail needs a baseline.
        package var needsBaseline: Bool
        /// The baseline.
        package var baseline: BaselineValue?
        /// The statistic of the baseline.
        package var statistic: BaselineRule.Statistic
        /// The length of the look-back in seconds.
        package var lookback: Seconds
        /// The stored baseline, where it is one.
        package var stored: Stored?
        /// For a baseline that stands with the verdict: whether it is provisional.
        package var isProvisional: Bool?
        /// The number of the policy version.
        package var policy: Int
        /// The service whose policy it is.
        package var policyService: String
        /// When it was adopted.
        package var policyAdoptedAt: Instant
        /// The newer policy version whose better verdict does not count.
        package var outvotedPolicy: Int?
        /// 0 for the first verdict of the window, and one more with each that replaced it.
        package var revision: Int
        /// When the verdict was reached.
        package var evaluatedAt: Instant
    }

    /// A stored baseline.
    package struct Stored: Sendable, Hashable {
        /// The number in the ledger.
        package var id: Int
        /// The start of the look-back.
        package var from: Instant
        /// The end of the look-back.
        package var to: Instant
        /// When it was stored.
        package var storedAt: Instant
        /// The deployment that it is anchored at.
        package var deployment: Int
        /// What was left out.
        package var excluded: [StoredBaseline.ExcludedInterval]
        /// How many windows were left out.
        package var windowsExcluded: Int
    }

    /// Which query gave the value.
    package struct Query: Sendable, Hashable {
        /// The source.
        package var source: String
        /// The variant of a built-in measure.
        package var variant: String?
        /// The query as a person would repeat it.
        package var text: String
    }

    /// What is known of the running version in a window that counts.
    package struct Running: Sendable, Hashable {
        /// What a source saw.
        package struct Seen: Sendable, Hashable {
            /// The source.
            package var source: String
            /// The versions, as it writes them; nil where it could not be asked.
            package var versions: [String]?
        }

        /// The deployed version.
        package var deployed: String
        /// The versions that may run beside it.
        package var beside: [String]
        /// What the sources that know of versions saw; none where that could not be found out.
        package var seen: [Seen]
    }

    /// Whose verdict.
    package var pair: Pair
    /// The window; nil where none has been judged.
    package var window: Window?
    /// Whether the ledger has an answer of the source for the window.
    package var wasAsked: Bool
    /// What the window counts as, which an excusal or an earlier query may make another than was reached last.
    package var verdict: Verdict?
    /// Its reason.
    package var reason: Reason?
    /// Whether a breach is confirmed.
    package var isConfirmed: Bool
    /// The unit of the values.
    package var unit: String?
    /// What the verdict was reached from; nil where the window has none.
    package var grounds: Grounds?
    /// The query; nil where none is known.
    package var query: Query?
    /// The running version; nil where it is not watched, or does not count in the window.
    package var running: Running?
    /// The hours that end with the window; nil where no window is explained.
    package var plot: Plot?
    /// The source's own pages that show what is measured around the window.
    package var links: [MessageLink] = []

    /// Explains the window that holds an instant; nil means the newest with a verdict.
    package init(_ pair: PairSnapshot, of service: ServiceSnapshot, at instant: Instant?) {
        let step = service.context.step
        let window =
            instant.map { Window(containing: $0, length: step) }
            ?? pair.records.entries.filter { $0.record.verdict != nil }.max { $0.start < $1.start }
            .map { Window(containing: $0.start, length: step) }
        let detail = window.flatMap { service.context.detail(of: pair, at: $0.start) }
        let counted = window.flatMap { pair.counted($0.start)?.held(against: service.versions, at: $0.start) }
        // Without its version a window counts as missing, whatever its values say.
        let lacksVersion = counted == nil && window.map { service.versions?.state(at: $0.start) == .unasked } ?? false
        self.pair = pair.pair
        self.window = window
        wasAsked = window.map { pair.records[$0.start] != nil } ?? false
        verdict = lacksVersion ? nil : counted?.verdict ?? detail?.verdict.verdict
        reason = lacksVersion ? nil : counted.map(\.reason) ?? detail?.verdict.reason
        isConfirmed = verdict == .breach && detail?.verdict.isConfirmed == true
        unit = pair.series?.definition.unit ?? pair.guardrail.unit
        grounds = detail.map(Grounds.init)
        query = (pair.series?.definition).map { Query(source: $0.source, variant: $0.variant, text: $0.query) }
        running = window.flatMap { Running(service.versions, at: $0.start) }
        plot = window.map { Plot(pair, of: service, until: $0.end) }
    }

    init(
        pair: Pair, window: Window?, wasAsked: Bool, verdict: Verdict?, reason: Reason?, isConfirmed: Bool,
        unit: String?, grounds: Grounds?, query: Query?, running: Running?, plot: Plot?, links: [MessageLink]
    ) {
        self.pair = pair
        self.window = window
        self.wasAsked = wasAsked
        self.verdict = verdict
        self.reason = reason
        self.isConfirmed = isConfirmed
        self.unit = unit
        self.grounds = grounds
        self.query = query
        self.running = running
        self.plot = plot
        self.links = links
    }
}

extension Explanation.Running {
    fileprivate init?(_ versions: VersionWatch?, at start: Instant) {
        guard let versions, versions.state(at: start) != .unwatched else { return nil }
        self.init(
            deployed: versions.version, beside: versions.deployment.beside,
            seen: versions.seen(at: start).map { Seen(source: $0.source, versions: $0.versions) })
    }
}

extension Explanation.Grounds {
    fileprivate init(_ detail: VerdictDetail) {
        observation = detail.observation
        limit = detail.judgement?.limit?.description
        limitNumber = detail.judgement?.limitNumber
        needsBaseline = HotfixCore.needsBaseline(detail.guardrail)
        baseline = detail.baseline
        statistic = detail.guardrail.baseline.statistic
        lookback = detail.guardrail.baseline.lookback
        stored = detail.stored.map {
            Explanation.Stored(
                id: $0.id, from: $0.from, to: $0.to, storedAt: $0.storedAt, deployment: $0.deployment,
                excluded: $0.excluded, windowsExcluded: $0.windowsExcluded)
        }
        if stored == nil, case .inline(_, let isProvisional) = detail.verdict.basis.baseline {
            self.isProvisional = isProvisional
        }
        policy = detail.policy.id
        policyService = detail.policy.service
        policyAdoptedAt = detail.policy.adoptedAt
        outvotedPolicy = detail.verdict.outvoted?.policy
        revision = detail.verdict.revision
        evaluatedAt = detail.verdict.evaluatedAt
    }
}
