package import HotfixCore

/// Asks one source everything that its guardrails will ask it, and says what is wrong.
package struct SourceDoctor: Sendable {
    /// The source.
    package var source: any ExaminableSource
    /// What is watched.
    package var watch: Watch
    /// Queries that the ledger pinned, which a check asks in place of what would be found now.
    package var pinned: [Pair: SeriesDefinition]
    /// About how many requests its look-backs may cost.
    package var mostRequests: Int

    /// Makes a doctor for a source.
    package init(
        source: any ExaminableSource, watch: Watch, pinned: [Pair: SeriesDefinition] = [:], mostRequests: Int = 600
    ) {
        self.source = source
        self.watch = watch
        self.pinned = pinned
        self.mostRequests = mostRequests
    }

    /// Services that are asked about together: few enough for their names to fit into a query.
    private static let servicesAtOnce = 50
    /// The newest windows that are asked as for judging, in seconds.
    private static let newestStretch: Seconds = 3600

    /// Examines the source.
    ///
    /// - Parameters:
    ///   - wishes: What its guardrails want.
    ///   - now: The instant of the examination.
    /// - Returns: What was found.
    package func examine(_ wishes: [SeriesWish], at now: Instant) async -> Diagnosis {
        let examination = await source.examine(wishes, at: now)
        var diagnosis = examination.diagnosis
        let subject = Finding.Subject.source(source.name)
        guard examination.isUsable else {
            if !wishes.isEmpty {
                diagnosis.leaveOut(
                    subject, "the values of \(named(wishes)), since the source cannot be asked.",
                    remedy: "Mend what is said of the source, and run hotfix doctor again.")
            }
            return diagnosis
        }
        var budget = mostRequests
        var leftOut: [SeriesWish] = []
        for batch in batches(wishes.filter { definition(of: $0, examination) != nil }) {
            let cost = requests(of: batch, examination)
            guard cost <= budget else {
                leftOut += batch
                continue
            }
            budget -= cost
            diagnosis.merge(withoutRefusals(await examineValues(of: batch, examination), after: examination))
        }
        if !leftOut.isEmpty {
            diagnosis.leaveOut(
                subject, "the values of \(named(leftOut)): they would cost more than \(mostRequests) requests at once.",
                remedy: "Name the services in turn: hotfix doctor --service NAME.")
        }
        return diagnosis
    }

    /// Where the source's own finding says that credentials fall short, that is not told of every guardrail again.
    private func withoutRefusals(_ diagnosis: Diagnosis, after examination: SourceExamination) -> Diagnosis {
        let isTold = examination.diagnosis.findings.contains {
            $0.severity == .problem && [.scopeMissing, .organizationToken, .credentialsRefused].contains($0.code)
        }
        guard isTold else { return diagnosis }
        var rest = Diagnosis()
        rest.passed = diagnosis.passed
        for finding in diagnosis.findings {
            if finding.code == .credentialsRefused {
                rest.leaveOut(
                    finding.subject, "its values, since the credentials fall short.",
                    remedy: "Mend what is said of the source, and run hotfix doctor again.")
            } else {
                rest.findings.append(finding)
            }
        }
        return rest
    }

    private func definition(of wish: SeriesWish, _ examination: SourceExamination) -> SeriesDefinition? {
        pinned[wish.pair] ?? examination.definitions[wish.pair]
    }

    /// Wishes of one guardrail, some services at a time.
    private func batches(_ wishes: [SeriesWish]) -> [[SeriesWish]] {
        var names: [String] = []
        for wish in wishes where !names.contains(wish.guardrail.name) { names.append(wish.guardrail.name) }
        return names.flatMap { name in
            let all = wishes.filter { $0.guardrail.name == name }
            return stride(from: 0, to: all.count, by: Self.servicesAtOnce).map {
                Array(all[$0..<min($0 + Self.servicesAtOnce, all.count)])
            }
        }
    }

    /// A request asks for at most a day of one query.
    private func requests(of batch: [SeriesWish], _ examination: SourceExamination) -> Int {
        let queries = Set(batch.compactMap { definition(of: $0, examination) })
        let days = batch.map { ($0.guardrail.baseline.lookback + 86_399) / 86_400 }.max() ?? 0
        let parts = batch.contains { $0.guardrail.measure.traits.countsEvents } ? 2 : 1
        let distinct = Set(queries.map { [$0.query] + $0.details.filter { $0.key == "events" }.values }).count
        return distinct * parts * (days + 1)
    }

    private func examineValues(of batch: [SeriesWish], _ examination: SourceExamination) async -> Diagnosis {
        var asks: [Ask] = []
        for wish in batch {
            guard let definition = definition(of: wish, examination) else { continue }
            let guardrail = wish.guardrail
            for purpose in [Ask.Purpose.lookback, .judging] {
                let stretch = purpose == .judging ? Self.newestStretch : guardrail.baseline.lookback
                asks.append(
                    Ask(
                        pair: wish.pair, definition: definition, over: guardrail.over ?? wish.window,
                        countsEvents: guardrail.measure.traits.countsEvents,
                        measuresSamples: guardrail.minimumSamples != nil,
                        span: Span(start: wish.at - max(stretch, wish.window), end: wish.at, step: wish.window),
                        purpose: purpose))
            }
        }
        let answers = Dictionary(grouping: await source.answer(asks)) { $0.ask.pair }
        var diagnosis = Diagnosis()
        for wish in batch {
            let own = answers[wish.pair] ?? []
            guard let lookback = own.first(where: { $0.ask.purpose == .lookback }),
                let newest = own.first(where: { $0.ask.purpose == .judging }),
                let policy = watch.entries.first(where: { $0.service.name == wish.service.name })?.policy
            else { continue }
            let asked = definition(of: wish, examination)
            diagnosis.merge(
                HotfixCore.examine(
                    PairHistory(
                        pair: wish.pair, guardrail: wish.guardrail, policy: policy,
                        unit: asked?.unit ?? wish.guardrail.unit, lookback: lookback, newest: newest,
                        highestValue: asked == examination.definitions[wish.pair]
                            ? examination.highestValues[wish.pair] : nil,
                        hint: examination.historyHints[wish.pair])))
        }
        return diagnosis
    }

    private func named(_ wishes: [SeriesWish]) -> String {
        let names = wishes.prefix(5).map(\.pair.description).joined(separator: ", ")
        return wishes.count > 5 ? "\(names) and \(wishes.count - 5) more" : names
    }
}
