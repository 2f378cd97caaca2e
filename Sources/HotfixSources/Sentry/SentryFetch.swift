import HotfixCore

/// What came of the requests of one plan.
struct SentryFetch: Sendable {
    /// The buckets of all its ranges.
    var buckets: SentryBuckets = [:]
    /// The outcomes of all its ranges, where they were wanted.
    var slices: [Instant: SentryOutcomes.Slice] = [:]
    /// Outcomes that could not be asked.
    var lost: [(range: Span, error: SourceError)] = []
    /// The length of a slice in seconds.
    var sliceStep: Seconds = 300
    /// The earliest clock of the answers, nil where none came with one.
    var date: Instant?
    /// The earliest clock of the answers, else the one here.
    var now = Instant(Int.max)

    /// The outcomes of a window; nil where Sentry no longer holds them.
    func outcomes(of window: Window, over: Seconds) -> Result<Observation.Outcomes?, SourceError> {
        let start = window.end - max(over, 3600)
        if start < now - SentryOutcomes.retention { return .success(nil) }
        if let hit = lost.first(where: { $0.range.start < window.end && $0.range.end > start }) {
            return .failure(hit.error)
        }
        if let outcomes = Observation.Outcomes(slices, step: sliceStep, end: window.end, over: over) {
            return .success(outcomes)
        }
        return .failure(malformed("the outcomes of the window at \(window.start) were not read"))
    }
}

extension SentrySource {
    private enum Job: Sendable {
        case buckets(plan: Int, SentrySeries, Span)
        case outcomes(plan: Int, SentrySeries, Span)
    }

    private struct Piece: Sendable {
        var plan: Int
        var fetched: SentryFetch
    }

    /// Whether windows of a plan are only known together with their outcomes.
    func wantsOutcomes(_ key: SentryPlan.Key) -> Bool {
        outcomes && key.purpose == .judging && key.series.quantity == .errors
    }

    /// Makes the requests of all plans, a few at a time.
    ///
    /// - Returns: What came of each plan, in their order; a plan's failure stays in it.
    func fetch(_ plans: [SentryPlan]) async -> [SentryFetch] {
        var jobs: [Job] = []
        for (index, plan) in plans.enumerated() {
            jobs += plan.ranges.map { .buckets(plan: index, plan.key.series, $0) }
            guard wantsOutcomes(plan.key) else { continue }
            jobs += plan.outcomeRanges.map { .outcomes(plan: index, plan.key.series, $0) }
        }
        var fetched = plans.map { SentryFetch(sliceStep: SentryOutcomes.step(forWindow: $0.key.step)) }
        for piece in await inParallel(jobs, { await run($0) }) {
            let new = piece.fetched
            fetched[piece.plan].buckets.merge(new.buckets) { $1 }
            fetched[piece.plan].slices.merge(new.slices) { $1 }
            fetched[piece.plan].lost += new.lost
            fetched[piece.plan].date = earliest(fetched[piece.plan].date, new.date)
            fetched[piece.plan].now = min(fetched[piece.plan].now, new.now)
        }
        return fetched
    }

    private func run(_ job: Job) async -> Piece {
        switch job {
        case .buckets(let plan, let series, let range):
            return Piece(plan: plan, fetched: await buckets(of: series, range, mayHalve: true))
        case .outcomes(let plan, let series, let range):
            return Piece(plan: plan, fetched: await slices(of: series, range))
        }
    }

    /// Asks for the buckets of a range; a query that Sentry calls too slow is asked once more in two halves.
    private func buckets(of series: SentrySeries, _ range: Span, mayHalve: Bool) async -> SentryFetch {
        do throws(SentryFailure) {
            return try await readBuckets(of: series, range)
        } catch {
            if error.kind == .queryTimeout, mayHalve, range.count > 1 {
                var both = SentryFetch()
                for half in chunks(of: range, longest: (range.count + 1) / 2) {
                    let fetched = await buckets(of: series, half, mayHalve: false)
                    both.buckets.merge(fetched.buckets) { $1 }
                    both.date = earliest(both.date, fetched.date)
                    both.now = min(both.now, fetched.now)
                }
                return both
            }
            let bucket = error.kind == .outsideRetention ? SentryBucket.outsideRetention : .failed(error.error)
            return SentryFetch(buckets: Dictionary(uniqueKeysWithValues: range.windows.map { ($0.start, bucket) }))
        }
    }

    /// Asks for the buckets of a range, in one request.
    func readBuckets(of series: SentrySeries, _ range: Span) async throws(SentryFailure) -> SentryFetch {
        let subject = subject(series)
        var asked = range
        // Only neighbours show which interval Sentry took.
        if series.endpoint == .stats, range.count == 1 {
            asked = Span(start: range.start - range.step, end: range.end, step: range.step)
        }
        let address = series.address(base: base, organization: organization, range: asked)
        let reader = SentryBucketReader(series: series, range: range, subject: "\(name): \(subject)")
        switch series.endpoint {
        case .timeseries:
            let reply = try await caller.get(address, about: subject, as: SentryTimeSeries.self)
            return try fetched(reply) { body, now throws(SourceError) in try reader.read(body, now: now) }
        case .stats:
            let reply = try await caller.get(address, about: subject, as: SentryStats.self)
            return try fetched(reply) { body, now throws(SourceError) in try reader.read(body, now: now) }
        case .sessions:
            let reply = try await caller.get(address, about: subject, as: SentryIntervals.self)
            return try fetched(reply) { body, now throws(SourceError) in try reader.read(body, now: now) }
        }
    }

    private func fetched<Body>(
        _ reply: SentryCaller.Reply<Body>, _ read: (Body, Instant) throws(SourceError) -> SentryBuckets
    ) throws(SentryFailure) -> SentryFetch {
        do throws(SourceError) {
            return SentryFetch(buckets: try read(reply.body, reply.now), date: reply.date, now: reply.now)
        } catch {
            throw SentryFailure(error)
        }
    }

    private func slices(of series: SentrySeries, _ range: Span) async -> SentryFetch {
        let outcomes = SentryOutcomes(project: series.project, region: series.region)
        let subject = subject("outcomes", project: series.slug)
        do throws(SentryFailure) {
            let reply = try await caller.get(
                outcomes.address(base: base, organization: organization, range: range), about: subject,
                as: SentryIntervals.self
            )
            let slices = try readSlices(reply.body, range, subject)
            return SentryFetch(slices: slices, date: reply.date, now: reply.now)
        } catch {
            return SentryFetch(lost: [(range, error.error)])
        }
    }

    private func readSlices(_ body: SentryIntervals, _ range: Span, _ subject: String)
        throws(SentryFailure) -> [Instant: SentryOutcomes.Slice]
    {
        do throws(SourceError) {
            return try SentryOutcomes.slices(of: body, range: range, subject: "\(name): \(subject)")
        } catch {
            throw SentryFailure(error)
        }
    }

    /// Whether a project accepted an event of any category in a span.
    ///
    /// - Parameters:
    ///   - series: One of the project's.
    ///   - span: The span.
    ///   - now: Sentry's clock; counts of less than an hour that may be older than it keeps them are not asked.
    /// - Returns: Also Sentry's clock. Only whole intervals inside the span count, so the answer is never too rosy.
    /// - Throws: `SourceError` where the outcomes could not be asked.
    func acceptedAnything(_ series: SentrySeries, in span: Span, now: Instant?)
        async throws(SourceError) -> (accepted: Bool, date: Instant?)
    {
        let isRecent = now.map { span.start >= $0 - SentryOutcomes.retention } ?? false
        let fine = isRecent ? SentryOutcomes.step(forWindow: span.step) : 3600
        let step = [fine, 3600, 86_400].first { (span.end - span.start) / $0 <= SentryOutcomes.longestRange } ?? 86_400
        let range = Span(start: span.start.ceiled(to: step), end: span.end, step: step)
        guard !range.isEmpty else { return (false, nil) }
        let outcomes = SentryOutcomes(project: series.project, region: series.region)
        let subject = subject("outcomes", project: series.slug)
        do throws(SentryFailure) {
            let reply = try await caller.get(
                outcomes.acceptedAddress(base: base, organization: organization, range: range), about: subject,
                as: SentryIntervals.self
            )
            let slices = try readSlices(reply.body, range, subject)
            return (slices.values.contains(where: \.acceptedAny), reply.date)
        } catch {
            throw error.error
        }
    }
}
