extension LedgerComparison {
    /// Notes the pairs of which nothing, or nothing of the running streak, could be held against a source.
    ///
    /// Retention may have taken what is old; where the source has nothing at all, it is as likely another tenant, or was lost.
    mutating func findUnanswered() {
        var oldestHeld: [String: Instant] = [:]
        for one in evidence.values {
            guard let oldest = one.oldestHeld else { continue }
            let source = one.series.definition.source
            oldestHeld[source] = min(oldestHeld[source] ?? oldest, oldest)
        }
        var unanswered = Set(tally.unanswered)
        for one in evidence.values where one.oldestHeld == nil {
            guard let newest = one.newestGone(since: nil, in: range) else { continue }
            // A query that was replaced long ago is gone for good where the source's other series begin later.
            let isBeforeRetention = oldestHeld[one.series.definition.source].map { newest < $0 } ?? false
            if !isBeforeRetention { unanswered.insert(one.series.pair) }
        }
        for service in ledger.services {
            guard let since = service.derived(at: at).streak?.since else { continue }
            for pair in service.pairs {
                guard let id = pair.series?.id, let one = evidence[id], one.newestGone(since: since, in: range) != nil,
                    !one.hasAnswer(since: since, in: range)
                else { continue }
                unanswered.insert(pair.pair)
            }
        }
        tally.unanswered = unanswered.sorted()
    }
}

extension SeriesEvidence {
    /// The newest window at or after an instant that the ledger has a value of and the source no longer.
    fileprivate func newestGone(since: Instant?, in range: VerificationRange) -> Instant? {
        lacking.keys.filter { start in
            (since.map { start >= $0 } ?? true) && range.contains(start) && standing(start) == .gone
        }.max()
    }

    /// Whether the source answered what the ledger has of any window at or after an instant that has a value.
    fileprivate func hasAnswer(since: Instant, in range: VerificationRange) -> Bool {
        ledger.entries.contains { start, record in
            guard start >= since, range.contains(start), record.observation.value != nil else { return false }
            let standing = standing(start)
            return standing != .gone && standing != .unasked && standing != .failed
        }
    }
}
