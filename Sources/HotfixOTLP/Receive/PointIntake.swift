import Dispatch
package import HotfixCore

/// Takes points into windows and answers for them only once they are on the disk.
///
/// What arrives while something is being stored is stored together, in one transaction.
package actor PointIntake {
    /// That points could not be stored: the sender has to keep them.
    package struct Unavailable: Error, Sendable {
        /// What happened.
        package var message: String
        /// How long the sender should wait, in seconds.
        package var retryAfter: Seconds
    }

    /// Whose turn it is to store what has gathered.
    private enum Turn {
        case stored
        case failed(Unavailable)
        case yours
    }

    private let store: any PointStore
    private let limits: OTLPLimits
    private let retention: PointRetention?
    private let queue = DispatchQueue(label: "hotfix.points")
    private var accumulator: OTLPAccumulator
    private var isReady = false
    private var isStoring = false
    private var unstored: PointBatch?
    private var hasFailed = false
    private var waiting: [CheckedContinuation<Turn, Never>] = []
    private var prunedAt = Instant(0)

    /// Makes an intake; the log is read before the first points are taken.
    ///
    /// - Parameters:
    ///   - store: Where the points go; no other process stores points of the origin at the same time.
    ///   - origin: The name of the source whose scrapes it is for; empty for what is pushed.
    ///   - limits: How much it takes.
    ///   - retention: How long cells are kept; nil where somebody else prunes.
    package init(
        store: any PointStore, origin: String = PointSubject.pushed, limits: OTLPLimits = .init(),
        retention: PointRetention? = nil
    ) {
        self.store = store
        self.limits = limits
        self.retention = retention
        accumulator = OTLPAccumulator(origin: origin, limits: limits)
    }

    /// How many series are known, and how many were forgotten as nothing more was heard of them.
    package var series: (known: Int, evicted: Int) { (accumulator.seriesCount, accumulator.evicted) }

    /// Takes the points of an export.
    ///
    /// - Parameters:
    ///   - metrics: The points.
    ///   - now: When they were received.
    /// - Returns: Which were rejected; the others are on the disk.
    /// - Throws: ``Unavailable`` where that is not so.
    func take(_ metrics: [IncomingMetric], at now: Instant) async throws(Unavailable) -> Intake {
        // By a clock that was ahead, every point would come late for as long as it was.
        if isReady, accumulator.now > now + limits.lead { isReady = false }
        if !isReady { try await begin(at: now) }
        // What is not on the disk yet goes first, so that no more than one batch ever waits in memory.
        if hasFailed { try await stored(at: now) }
        let intake = accumulator.accept(metrics, at: now)
        try await stored(at: now)
        return intake
    }

    /// Takes the points of a scraped page.
    ///
    /// - Parameters:
    ///   - page: The page.
    ///   - time: When it was asked for, in seconds since the epoch: whole ones would be too coarse for what grew since the last page.
    /// - Returns: Which were rejected; the others are on the disk.
    /// - Throws: ``ScrapeError`` where the page may not be used, and ``Unavailable``.
    package func take(_ page: ScrapedPage, at time: Double) async throws -> Intake {
        let export = try page.export(at: Int64(time * 1e9))
        return try await take(export.incoming(limits), at: Instant(Int(time)))
    }

    private func begin(at now: Instant) async throws(Unavailable) {
        let wasSet = accumulator.now > now + limits.lead
        // Whoever waits for it was promised that it is stored.
        if accumulator.hasChanges || unstored != nil { try await stored(at: now) }
        let (origin, limits) = (accumulator.origin, limits)
        let result: Result<Memory, LedgerError> = await blocking { [store] in
            Result { () throws(LedgerError) in try Memory(of: origin, in: store, limits, at: now) }
        }
        guard !isReady else { return }
        guard !accumulator.hasChanges else { return try await begin(at: now) }
        switch result {
        case .failure(let error): throw unavailable(error)
        case .success(let memory):
            var fresh = OTLPAccumulator(origin: origin, limits: limits)
            do { try fresh.replay(memory.entries) } catch {
                throw Unavailable(
                    message: "The log of received points is damaged. Check the ledger with `hotfix verify`.",
                    retryAfter: 60)
            }
            if wasSet { fresh.clockWasSet(to: now) }
            if memory.hasOtherLengths { fresh.rebuild() }
            accumulator = fresh
            isReady = true
        }
    }

    /// What the store knows of the last half hour.
    private struct Memory: Sendable {
        var entries: [PointLogEntry]
        /// Whether cells of it have another length than those that are made now.
        var hasOtherLengths: Bool

        init(of origin: String, in store: any PointStore, _ limits: OTLPLimits, at now: Instant) throws(LedgerError) {
            let since = now - limits.memory
            // Those from ahead are of a clock that was.
            entries = try store.pointLog(of: origin, since: since).filter { $0.at <= now + limits.lead }
            hasOtherLengths = false
            for known in try store.pointSubjects() where known.subject.origin == origin && known.newest > since {
                let cells = try store.pointCells(of: known.subject, from: since, to: now + limits.lead + limits.cell)
                if cells.contains(where: { $0.length != limits.cell }) { hasOtherLengths = true }
            }
        }
    }

    /// Returns once everything that was taken is on the disk.
    private func stored(at now: Instant) async throws(Unavailable) {
        if isStoring {
            switch await withCheckedContinuation({ waiting.append($0) }) {
            case .stored: return
            case .failed(let error): throw error
            case .yours: break
            }
        }
        isStoring = true
        let others = waiting
        waiting = []
        var batch = unstored ?? PointBatch()
        batch.merge(accumulator.takeChanges())
        var failure: Unavailable?
        if !batch.isEmpty {
            unstored = batch
            let result: Result<Void, LedgerError> = await blocking { [store, batch] in
                Result { () throws(LedgerError) in try store.savePoints(batch) }
            }
            switch result {
            case .success: unstored = nil
            case .failure(let error): failure = unavailable(error)
            }
            hasFailed = failure != nil
        }
        if failure == nil { await prune(at: now) }
        for other in others { other.resume(returning: failure.map { .failed($0) } ?? .stored) }
        isStoring = false
        if !waiting.isEmpty {
            isStoring = true
            waiting.removeFirst().resume(returning: .yours)
        }
        if let failure { throw failure }
    }

    /// Deletes what nobody asks for any more, at most once an hour.
    private func prune(at now: Instant) async {
        guard let retention, now - prunedAt >= 3600 || now < prunedAt else { return }
        prunedAt = now
        let result: Result<Void, LedgerError> = await blocking { [store] in
            Result { () throws(LedgerError) in
                try store.prunePoints(before: now - retention.kept, sparing: retention.lookback)
            }
        }
        // What could not be deleted is so in ten minutes.
        if case .failure = result { prunedAt = now - 3000 }
    }

    private func unavailable(_ error: LedgerError) -> Unavailable {
        Unavailable(message: error.message, retryAfter: error.code == .busy ? 2 : 10)
    }

    private func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}

/// How long cells are kept.
package struct PointRetention: Sendable, Hashable {
    /// Cells older than this are deleted, in seconds.
    package var kept: Seconds
    /// What lies this long before a deployment of the open hotfix, or later, is spared, in seconds.
    package var lookback: Seconds

    /// Makes the retention for policies whose longest look-back is this, in seconds: two weeks more.
    package init(lookback: Seconds) {
        self.lookback = lookback
        kept = lookback + 14 * 86_400
    }
}
