/// What is known of the running version of one service since its running deployment, which has one.
package struct VersionWatch: Sendable, Hashable {
    /// A source that may know the version, or knew it during the running deployment.
    package struct Source: Sendable, Hashable {
        /// The source's name.
        package var name: String
        /// How its data arrives.
        package var timing: SourceTiming
        /// Whether the service still names it.
        package var isBound = true
        /// What it told of the service as that is named now; nil until it is found out whether it knows versions at all.
        package var series: VersionSeries?
        /// What it told in answer to other queries, which counts for the windows that these were asked of.
        package var earlier: [VersionSeries] = []
        /// Whether somebody accepted that it no longer tells what it told during the running deployment.
        package var isAccepted = false

        /// The answers to all queries that were ever known, that of now first.
        var known: [VersionSeries] { ([series].compactMap(\.self) + earlier).filter { $0.definition != nil } }

        /// Whether it told the version during a deployment and no longer does, and nobody accepted that.
        func isDropped(since deployment: Deployment, from: Instant) -> Bool {
            guard !isAccepted, series.map({ $0.definition == nil }) ?? !isBound else { return false }
            return known.contains { $0.wasKnown(since: deployment, from: from) }
        }
    }

    /// What a window is as to the running version, the best first.
    package enum State: Sendable, Hashable, Comparable {
        /// No source knows, or the window does not count.
        case unwatched
        /// Only versions that the deployment names were seen, and its own was.
        case asDeployed
        /// A source that told the version during the deployment no longer does, which nobody accepted.
        case notWatched
        /// The deployed version was not seen, or another was.
        case other
        /// A source that knows the version, or may know it, could not be asked.
        case unasked
    }

    /// The running deployment.
    package let deployment: Deployment
    /// Its version.
    package let version: String
    /// The start of the first window that counts.
    package let from: Instant
    /// The length of a window in seconds.
    package let step: Seconds
    /// The sources that the service names and that may know versions, by name.
    package internal(set) var sources: [Source] {
        didSet {
            tables = sources.map { VersionTable($0, of: deployment, version: version, from: from, step: step) }
        }
    }

    /// What each source says of windows.
    private var tables: [VersionTable]

    init(_ deployment: Deployment, version: String, from: Instant, step: Seconds, sources: [Source]) {
        self.deployment = deployment
        self.version = version
        self.from = from
        self.step = step
        self.sources = sources
        tables = sources.map { VersionTable($0, of: deployment, version: version, from: from, step: step) }
    }

    /// What the window that starts at an instant is: the worst that a source says.
    package func state(at start: Instant) -> State {
        guard start >= from else { return .unwatched }
        return tables.map { $0.state(at: start) }.max() ?? .unwatched
    }

    /// Whether a source told the version during the deployment and no longer does, and nobody accepted that.
    package var isDropped: Bool { sources.contains { $0.isDropped(since: deployment, from: from) } }

    /// What each source that knows versions saw in the window that starts at an instant; nil where it was not asked.
    package func seen(at start: Instant) -> [(source: String, versions: [String]?)] {
        sources.flatMap { source -> [(source: String, versions: [String]?)] in
            var answers: [[String]] = []
            for series in source.known {
                if let seen = series.seen[start], !answers.contains(seen) { answers.append(seen) }
            }
            let isUnasked = source.series?.definition != nil && source.series?.seen[start] == nil
            return answers.map { (source.name, $0) } + (isUnasked ? [(source.name, nil)] : [])
        }
    }

    /// Whether versions that a source saw in a window are those that the deployment names, its own among them.
    func isAsDeployed(_ seen: [String], by series: VersionSeries) -> Bool {
        VersionNames(version, beside: deployment.beside, seen: series.seen, from: from).areSeen(seen)
    }
}

extension VersionWatch {
    /// What the configuration has watched of a service's running version; nil where its running deployment has no version.
    init?(_ context: ServiceContext, roster: Roster) {
        guard let running = context.deployments.running, let version = running.version else { return nil }
        let from = (running.at + context.streakRule.warmUp).ceiled(to: context.step)
        let known = roster.versions(of: context.service.name)
        let bound = Set(context.service.bindings.keys.filter(roster.versionSources.contains))
        let sources = bound.union(known.map(\.source)).sorted().compactMap { name -> Source? in
            let mine = known.filter { $0.source == name }
            let current =
                bound.contains(name) ? roster.version(of: context.service, at: name, window: context.step) : nil
            var source = Source(
                name: name, timing: roster.timings[name] ?? .sentry, isBound: bound.contains(name), series: current,
                earlier: mine.filter { series in
                    series.definition != nil && current.map { !series.replaces($0) } ?? true
                        && series.wasKnown(since: running, from: from)
                })
            guard source.isBound || !source.earlier.isEmpty else { return nil }
            let last = source.known.map(\.lastKnown).max()
            source.isAccepted = roster.facts.acceptances.contains { acceptance in
                acceptance.pair == .runningVersion(of: context.service.name)
                    && acceptance.recordedAt >= running.recordedAt && last.map { acceptance.recordedAt >= $0 } ?? true
            }
            return source
        }
        self.init(running, version: version, from: from, step: context.step, sources: sources)
    }
}

extension DerivedService.WindowState {
    /// What the service's window comes to, given what is known of its running version: the worst counts.
    ///
    /// What guardrails breach stays breached, and what is confirmed and what episodes there are does not depend on versions.
    func held(against versions: VersionWatch?) -> Self {
        guard let versions, kind != .breach else { return self }
        var window = self
        switch versions.state(at: start) {
        case .unwatched, .asDeployed: return self
        case .unasked:
            window.kind = .missing
            window.verdict = verdict == .breach ? .breach : nil
            window.isComplete = isComplete && verdict == .breach
        case .other, .notWatched:
            switch kind {
            case .breach, .missing, .unproven: return self
            case .clean: window.kind = .unproven(isPending: false)
            case .neutral(_, let isPending): window.kind = .unproven(isPending: isPending)
            }
            if verdict == .clean { window.verdict = .unproven }
        }
        return window
    }
}

extension CountedVerdict {
    /// What a guardrail's window is shown as, given what is known of the running version; nil where it is missing for that.
    package func held(against versions: VersionWatch?, at start: Instant) -> CountedVerdict? {
        guard verdict != .breach, let versions else { return self }
        switch versions.state(at: start) {
        case .unwatched, .asDeployed: return self
        case .other: return CountedVerdict(verdict: .unproven, reason: .otherVersion, value: value)
        case .notWatched: return CountedVerdict(verdict: .unproven, reason: .notWatched, value: value)
        case .unasked: return nil
        }
    }
}
