/// What the windows of a service come to, so far as its readiness asks.
///
/// It is kept with the ledger, so that readiness is answered without reading the windows; `verify` derives it afresh.
package struct ServiceDigest: Sendable, Hashable {
    /// What of ledger and configuration it was derived by, beside the windows: it says nothing where something else holds.
    package struct Basis: Sendable, Hashable {
        /// A guardrail whose windows count.
        package struct Part: Sendable, Hashable {
            /// The guardrail's name.
            package var guardrail: String
            /// Whether the configuration dropped it.
            package var isDropped: Bool
            /// The number of the series whose windows are its own; nil where it has none yet.
            package var series: Int?

            /// Makes a part.
            package init(guardrail: String, isDropped: Bool, series: Int?) {
                self.guardrail = guardrail
                self.isDropped = isDropped
                self.series = series
            }
        }

        /// The number of the policy version.
        package var policy: Int
        /// The number of the running deployment; nil where there is none.
        package var deployment: Int?
        /// The guardrails, in the order of the service's.
        package var parts: [Part]
        /// The sources that may know its running version, and what it is called there; empty where that is not watched.
        package var versions: String

        /// Makes a basis.
        package init(policy: Int, deployment: Int?, parts: [Part], versions: String) {
            self.policy = policy
            self.deployment = deployment
            self.parts = parts
            self.versions = versions
        }
    }

    /// What the streak has come to.
    package struct Count: Sendable, Hashable {
        /// From when on clean windows count.
        package var since: Instant
        /// Why from then.
        package var origin: Streak.Origin
        /// The proven time in seconds.
        package var proven: Seconds
        /// How many windows since were asked and are not clean.
        package var unprovenWindows: Int
        /// How many windows since are missing.
        package var missingWindows: Int
        /// When the required time was reached; nil before that.
        package var reachedAt: Instant?

        /// Makes a count.
        package init(
            since: Instant, origin: Streak.Origin, proven: Seconds, unprovenWindows: Int, missingWindows: Int,
            reachedAt: Instant?
        ) {
            self.since = since
            self.origin = origin
            self.proven = proven
            self.unprovenWindows = unprovenWindows
            self.missingWindows = missingWindows
            self.reachedAt = reachedAt
        }
    }

    /// A window in which all guardrails have a verdict.
    package struct CompleteWindow: Sendable, Hashable {
        /// The start of the window.
        package var start: Instant
        /// What it comes to for the streak.
        package var kind: WindowKind
        /// The worst verdict of its guardrails.
        package var verdict: Verdict?

        /// Makes a window.
        package init(start: Instant, kind: WindowKind, verdict: Verdict?) {
            self.start = start
            self.kind = kind
            self.verdict = verdict
        }
    }

    /// The service's name.
    package var service: String
    /// What it was derived by.
    package var basis: Basis
    /// The end of the newest window that the ledger holds; the epoch where it holds none.
    package var recordedUntil: Instant
    /// The first instant for which it has to be derived anew, since a missing window counts as asked by then.
    package var until: Instant
    /// The streak; nil while the service is not deployed.
    package var count: Count?
    /// The newest four complete windows, oldest first.
    package var newest: [CompleteWindow] = []
    /// What the newest complete window that is not quiet comes to.
    package var newestLoud: WindowKind?
    /// The end of the newest complete window that is clean or a breach.
    package var judgedUntil: Instant?
    /// Whether a guardrail that is configured has an open episode.
    package var isEpisodeOpen = false
    /// Whether a source's history begins only after the deployment.
    package var lacksHistory = false
    /// The newest window of each guardrail.
    package var guardrails: [ServiceReadiness.GuardrailState] = []
    /// The newest confirmed breach since the deployment.
    package var lastBreach: ServiceReadiness.LastBreach?

    /// Makes a digest of a service without windows.
    package init(service: String, basis: Basis, recordedUntil: Instant, until: Instant) {
        self.service = service
        self.basis = basis
        self.recordedUntil = recordedUntil
        self.until = until
    }

    /// Whether it says what the ledger says at an instant.
    package func holds(at instant: Instant) -> Bool { recordedUntil <= instant && instant < until }

    /// The longest that one is gone by without being derived anew, in seconds.
    static let longest: Seconds = 3600
}

extension ServiceSnapshot {
    /// What a digest of it is derived by.
    var digestBasis: ServiceDigest.Basis {
        ServiceDigest.Basis(
            policy: context.policy.id, deployment: context.deployments.running?.id,
            parts: pairs.map {
                .init(guardrail: $0.pair.guardrail, isDropped: $0.isDropped, series: $0.shownSeries)
            }, versions: versions?.names ?? "")
    }

    /// What the windows come to at an instant: as it is known, or derived from them.
    func knownDigest(at instant: Instant) -> ServiceDigest {
        if let kept, kept.holds(at: instant) { return kept }
        return digest(at: instant)
    }

    /// Derives what the windows come to at an instant.
    ///
    /// - Parameter at: Windows that end later are left out.
    /// - Returns: The digest; it holds for later instants too, as long as the ledger stays the same.
    package func digest(at: Instant) -> ServiceDigest { digest(derived(until: at, at: at), at: at) }

    /// What was derived at an instant, so far as readiness asks.
    func digest(_ derived: DerivedService, at: Instant) -> ServiceDigest {
        let step = context.step
        let complete = derived.windows.filter(\.isComplete)
        var digest = ServiceDigest(
            service: name, basis: digestBasis,
            recordedUntil: pairs.compactMap(\.newestRecordEnd).max() ?? Instant(0),
            until: at + ServiceDigest.longest)
        digest.newest = complete.suffix(4).map { .init(start: $0.start, kind: $0.kind, verdict: $0.verdict) }
        digest.newestLoud =
            complete.last {
                if case .neutral(isQuiet: true, _) = $0.kind { false } else { true }
            }?.kind
        digest.judgedUntil = complete.last { $0.verdict != .unproven }.map { $0.start + step }
        digest.isEpisodeOpen = pairs.contains { pair in
            !pair.isDropped && derived.folds[pair.pair]?.episodes.last?.isOpen == true
        }
        digest.guardrails = pairs.map { guardrailState($0, until: at) }
        digest.lastBreach = lastBreach(derived, since: context.deployments.running?.at)
        guard let running = context.deployments.running, let streak = derived.streak else { return digest }
        digest.lacksHistory = pairs.contains { lacksHistory($0, before: running) }
        digest.count = .init(
            since: streak.since, origin: streak.origin, proven: streak.proven,
            unprovenWindows: streak.unprovenWindows, missingWindows: streak.missingWindows,
            reachedAt: streak.reachedAt)
        for window in derived.windows where window.kind == .missing {
            let ages = window.start + step + Streak.missingCountsAfter
            if ages > at { digest.until = min(digest.until, ages) }
        }
        return digest
    }

    /// Whether a source's history begins only after the deployment: nothing in the look-back, nothing in the deployment's window, values later.
    private func lacksHistory(_ pair: PairSnapshot, before running: Deployment) -> Bool {
        guard pair.guardrail.baseline.anchor == .deployment, needsBaseline(pair.guardrail),
            let period = context.deployments.periods.last(where: { $0.deployment.hotfix == running.hotfix }),
            let stored = pair.baselines.last(where: { $0.to == period.start }),
            stored.values.allSatisfy({ $0.windowsUsed == 0 }), stored.windowsExcluded == 0,
            let first = pair.records[period.start]
        else { return false }
        return first.observation.value == nil && first.observation.events != 0
    }

    private func guardrailState(_ pair: PairSnapshot, until: Instant) -> ServiceReadiness.GuardrailState {
        let newest = pair.records.entries.filter { $0.record.verdict != nil && $0.start + context.step <= until }
            .max { $0.start < $1.start }
        guard !pair.isDropped, let newest,
            let counted = pair.counted(newest.start)?.held(against: versions, at: newest.start)
        else {
            let counted = pair.isDropped ? CountedVerdict(verdict: .unproven, reason: .notWatched) : nil
            return .init(
                name: pair.pair.guardrail, verdict: counted?.verdict, reason: counted?.reason,
                unit: pair.series?.definition.unit ?? pair.guardrail.unit)
        }
        let detail = context.detail(of: pair, at: newest.start)
        return .init(
            name: pair.pair.guardrail, verdict: counted.verdict, reason: counted.reason, windowStart: newest.start,
            value: newest.record.observation.value, baseline: detail?.baseline, limit: detail?.judgement?.limitNumber,
            unit: pair.series?.definition.unit ?? pair.guardrail.unit)
    }

    private func lastBreach(_ derived: DerivedService, since: Instant?) -> ServiceReadiness.LastBreach? {
        let newest = derived.folds.compactMap { pair, fold in
            fold.confirmed.filter { start in since.map { start >= $0.floored(to: context.step) } ?? true }.max().map {
                (pair, $0)
            }
        }.max { ($0.1, $0.0) < ($1.1, $1.0) }
        guard let (pair, start) = newest, let snapshot = pairs.first(where: { $0.pair == pair }) else { return nil }
        return ServiceReadiness.LastBreach(
            guardrail: pair.guardrail, windowStart: start, value: snapshot.counted(start)?.value,
            limit: context.detail(of: snapshot, at: start)?.judgement?.limitNumber)
    }
}

extension VersionWatch {
    /// What is asked for versions now, in a text that is another wherever another source, name or query is.
    fileprivate var names: String {
        sources.map { source in
            let wish = source.series.map { series in
                let binding = series.wish.binding.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
                return ([series.wish.environment ?? "", "\(series.wish.window)"] + binding).map(quoted).joined()
            }
            return "\(quoted(source.name)) \(source.isBound) \(wish ?? "-")"
        }.joined(separator: "; ")
    }

    private func quoted(_ text: String) -> String { "\(text.utf8.count):\(text)" }
}
