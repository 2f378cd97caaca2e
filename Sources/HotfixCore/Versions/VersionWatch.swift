/// What is known of the running version of one service since its running deployment, which has one.
package struct VersionWatch: Sendable, Hashable {
    /// A source that may know the version.
    package struct Source: Sendable, Hashable {
        /// The source's name.
        package var name: String
        /// How its data arrives.
        package var timing: SourceTiming
        /// What it told; nil until it is found out whether it knows versions at all.
        package var series: VersionSeries?
    }

    /// What a window is as to the running version.
    package enum State: Sendable, Hashable {
        /// No source knows, or the window does not count.
        case unwatched
        /// Only versions that the deployment names were seen, and its own was.
        case asDeployed
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
        didSet { tables = Self.tables(sources, deployment, version) }
    }

    private struct Stretch: Hashable {
        var start: Instant
        var end: Instant
        var isAsDeployed: Bool
    }

    /// For each source that knows versions the stretches that were asked; for one that is not found out yet, none.
    private var tables: [[Stretch]]

    init(_ deployment: Deployment, version: String, from: Instant, step: Seconds, sources: [Source]) {
        self.deployment = deployment
        self.version = version
        self.from = from
        self.step = step
        self.sources = sources
        tables = Self.tables(sources, deployment, version)
    }

    /// What the window that starts at an instant is: the worst that a source says.
    package func state(at start: Instant) -> State {
        guard start >= from, !tables.isEmpty else { return .unwatched }
        var state = State.asDeployed
        for table in tables {
            guard let stretch = Self.stretch(at: start, in: table) else { return .unasked }
            if !stretch.isAsDeployed { state = .other }
        }
        return state
    }

    /// What each source that knows versions saw in the window that starts at an instant; nil where it was not asked.
    package func seen(at start: Instant) -> [(source: String, versions: [String]?)] {
        sources.compactMap { source in
            guard let series = source.series, series.definition != nil else { return nil }
            return (source.name, series.seen[start])
        }
    }

    /// Whether a version is one that the deployment names.
    package func isNamed(_ seen: String) -> Bool { Self.names([version] + deployment.beside, seen) }

    private static func names(_ named: [String], _ seen: String) -> Bool {
        named.contains { isSameVersion(seen, $0) }
    }

    private static func tables(_ sources: [Source], _ deployment: Deployment, _ version: String) -> [[Stretch]] {
        sources.compactMap { source in
            guard let series = source.series else { return [] }
            guard series.definition != nil else { return nil }
            return series.seen.runs.map { run in
                let isAsDeployed =
                    run.versions.contains { isSameVersion($0, version) }
                    && run.versions.allSatisfy { names([version] + deployment.beside, $0) }
                return Stretch(start: run.start, end: run.end, isAsDeployed: isAsDeployed)
            }
        }
    }

    private static func stretch(at start: Instant, in table: [Stretch]) -> Stretch? {
        var low = 0
        var high = table.count
        while low < high {
            let middle = (low + high) / 2
            if table[middle].end <= start { low = middle + 1 } else { high = middle }
        }
        guard low < table.count, table[low].start <= start else { return nil }
        return table[low]
    }
}

extension VersionWatch {
    /// What of the running version a service is watched for now; nil where its running deployment has no version.
    init?(_ context: ServiceContext, roster: Roster) {
        guard let running = context.deployments.running, let version = running.version else { return nil }
        let sources = context.service.bindings.keys.filter(roster.versionSources.contains).sorted().map { name in
            Source(
                name: name, timing: roster.timings[name] ?? .sentry,
                series: roster.version(of: context.service, at: name, window: context.step))
        }
        self.init(
            running, version: version, from: (running.at + context.streakRule.warmUp).ceiled(to: context.step),
            step: context.step, sources: sources)
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
        case .other:
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
        case .unasked: return nil
        }
    }
}
