package import HotfixCore

extension SentrySource {
    package func answer(_ asks: [Ask]) async -> [Answer] {
        var answers: [Answer] = []
        var readable: [(ask: Ask, series: SentrySeries)] = []
        for ask in asks {
            do throws(SourceError) {
                let series = try pinned(ask)
                if ask.span.isEmpty { answers.append(Answer(ask: ask)) } else { readable.append((ask, series)) }
            } catch {
                answers.append(Answer(ask: ask, failures: ask.span.isEmpty ? [] : [(ask.span, error)]))
            }
        }
        let plans = SentryPlan.plans(for: readable)
        let fetched = await fetch(plans)
        for (plan, found) in zip(plans, fetched) { answers += plan.asks.map { assemble($0, plan.key, found) } }
        return await inParallel(answers) { await withAcceptance($0) }
    }

    /// The series of an ask that can be asked as it stands.
    private func pinned(_ ask: Ask) throws(SourceError) -> SentrySeries {
        guard let series = SentrySeries(ask.definition) else {
            throw SourceError(
                .refused, "\(name): \(ask.pair): the stored query is not one of Sentry's. Have it defined again."
            )
        }
        if let region = series.region, !(findsRegion && isSentryHost(region)) {
            throw SourceError(
                .refused,
                "\(name): \(ask.pair): the stored query belongs to \(region), but the source's `url` is"
                    + " \(withoutUser(base)). Have it defined again."
            )
        }
        try checkStretch(window: ask.span.step, over: ask.over, series.quantity, of: ask.pair)
        return series
    }

    /// Sentry's buckets must add up to windows and to what values are taken over.
    func checkStretch(window: Seconds, over: Seconds, _ quantity: SentrySeries.Quantity, of pair: Pair)
        throws(SourceError)
    {
        guard over >= window, over % window == 0 else {
            throw SourceError(
                .refused,
                "\(name): \(pair): `over` is \(over) s, which is no multiple of the window of \(window) s."
                    + " Make it one."
            )
        }
        let supported =
            switch quantity {
            case .errors: !outcomes || window % 60 == 0
            case .failures: spanIntervals.contains(window)
            case .crashFreeSessions: window % 10 == 0 && 86_400 % window == 0
            }
        guard supported else {
            throw SourceError(
                .refused,
                "\(name): \(pair): Sentry has no \(quantity.rawValue) for windows of \(window) s."
                    + " Choose 1m, 5m, 10m, 15m, 30m or 1h."
            )
        }
    }

    private func assemble(_ ask: Ask, _ key: SentryPlan.Key, _ fetched: SentryFetch) -> Answer {
        var answer = Answer(ask: ask, sourceNow: fetched.date)
        var failed: [SourceError: [Instant]] = [:]
        let judge = SentryWindowReader(
            quantity: key.series.quantity, over: ask.over, firstEvent: firstEvent(ask.definition), now: fetched.now
        )
        for window in ask.span.windows {
            switch judge.read(window, fetched.buckets) {
            case .notDue: break
            case .failed(let error): failed[error, default: []].append(window.start)
            case .observed(var observation):
                if wantsOutcomes(key) {
                    switch fetched.outcomes(of: window, over: ask.over) {
                    case .success(let outcomes): observation.outcomes = outcomes
                    case .failure(let error):
                        failed[error, default: []].append(window.start)
                        continue
                    }
                }
                answer.observations[window.start] = observation
            }
        }
        answer.failures = failed.flatMap { error, starts in
            Span.covering(starts, step: ask.span.step).map { (span: $0, error: error) }
        }
        .sorted { $0.span.start < $1.span.start }
        return answer
    }

    private func firstEvent(_ definition: SeriesDefinition) -> Instant? {
        definition.details["first_event"].flatMap { Instant(text: $0) }
    }

    /// Finds out whether a look-back that is all zeros is silence; where that fails the look-back was not asked.
    private func withAcceptance(_ answer: Answer) async -> Answer {
        let values = answer.observations.values.compactMap(\.value)
        guard outcomes, answer.ask.purpose == .lookback, !values.isEmpty, values.allSatisfy({ $0 == 0 }),
            let series = SentrySeries(answer.ask.definition), series.quantity == .errors
        else { return answer }
        var answer = answer
        do {
            let (accepted, date) = try await acceptedAnything(series, in: answer.ask.span, now: answer.sourceNow)
            answer.acceptedAnything = accepted
            answer.sourceNow = earliest(answer.sourceNow, date)
        } catch {
            let zeros = Span.covering(answer.observations.keys, step: answer.ask.span.step)
            answer.failures += zeros.map { (span: $0, error: error) }
            answer.failures.sort { $0.span.start < $1.span.start }
            answer.observations = [:]
        }
        return answer
    }
}

/// The buckets that Sentry keeps for spans, in seconds.
private let spanIntervals: Set<Seconds> = [
    15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400,
]

/// The earlier of two clocks, where there are any.
func earliest(_ left: Instant?, _ right: Instant?) -> Instant? {
    [left, right].compactMap(\.self).min()
}
