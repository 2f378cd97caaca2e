package import HotfixCore
import Synchronization

/// A ledger in memory, for tests of what is decided rather than of how it is kept.
package final class MemoryLedger: Ledger {
    struct Contents {
        var facts: LedgerFacts
        var outbox = MemoryOutbox()
        var windows: [Int: [Instant: WindowRecord]] = [:]
        var revisions: [Outcome.RecordChange] = []
        var checks: [CheckRecord] = []
        var digests: [String: (evidence: Int, digest: ServiceDigest)] = [:]
        var messages: [Message] = []
        var deliveries: [NewDelivery] = []
    }

    let contents: Mutex<Contents>

    /// Makes an empty ledger.
    package init() {
        contents = Mutex(Contents(facts: LedgerFacts(ledgerID: "memory")))
    }

    package func facts() throws -> LedgerFacts {
        contents.withLock { contents in
            var facts = contents.facts
            facts.deliveries = contents.outbox.completed(facts.deliveries)
            return facts
        }
    }

    package func timelines(from starts: [Int: Instant]) throws -> [Int: Timeline] {
        contents.withLock { contents in
            var timelines: [Int: Timeline] = [:]
            for (id, start) in starts {
                guard let series = contents.facts.series.first(where: { $0.id == id }) else { continue }
                var timeline = Timeline(start: start, step: series.window)
                for (at, record) in (contents.windows[id] ?? [:]).sorted(by: { $0.key < $1.key }) where at >= start {
                    timeline[at] = record
                }
                timelines[id] = timeline
            }
            return timelines
        }
    }

    package func digests(evidence: Int) throws -> [ServiceDigest] {
        contents.withLock { contents in
            guard contents.facts.evidence == evidence else { return [] }
            return contents.digests.values.filter { $0.evidence == evidence }.map(\.digest)
        }
    }

    package func oldestGaps(in spans: [Int: Span]) throws -> [Int: Instant] {
        contents.withLock { contents in
            spans.reduce(into: [:]) { gaps, entry in
                let windows = contents.windows[entry.key] ?? [:]
                gaps[entry.key] = entry.value.windows.first { windows[$0.start]?.verdict == nil }?.start
            }
        }
    }

    package func commit(_ outcome: Outcome, generation: Int) throws -> Bool {
        contents.withLock { contents in
            guard contents.facts.generation == generation else { return false }
            if let check = outcome.check {
                contents.checks.append(check)
                contents.facts.lastCheck = check
            }
            if !outcome.isEmpty { contents.facts.generation += 1 }
            if outcome.bearsOnReadiness { contents.facts.evidence += 1 }
            for digest in outcome.digests { contents.digests[digest.service] = (contents.facts.evidence, digest) }
            guard !outcome.isEmpty else { return true }
            contents.facts.policies += outcome.policies
            contents.facts.baselines += outcome.baselines
            contents.facts.confirmations += outcome.confirmations
            contents.facts.versions.take(outcome.versions)
            contents.facts.take(outcome.messages, outcome.deliveries)
            contents.messages += outcome.messages
            contents.deliveries += outcome.deliveries
            contents.outbox.take(outcome.messages, outcome.deliveries, at: outcome.at)
            for series in outcome.series {
                contents.facts.series.removeAll { $0.id == series.id }
                contents.facts.series.append(series)
            }
            contents.facts.series.sort { $0.id < $1.id }
            for episode in outcome.episodes {
                contents.facts.episodes.removeAll { $0.id == episode.id }
                contents.facts.episodes.append(episode)
            }
            for change in outcome.records {
                if change.replaced?.verdict != nil { contents.revisions.append(change) }
                contents.windows[change.series, default: [:]][change.start] = change.record
            }
            return true
        }
    }

    package func record(_ statement: Statement) throws {
        contents.withLock { contents in
            contents.facts.generation += 1
            if statement.bearsOnReadiness { contents.facts.evidence += 1 }
            switch statement {
            case .deployment(var deployment, let exclusions):
                deployment.id = (contents.facts.deployments.map(\.id).max() ?? 0) + 1
                if deployment.hotfix == 0 {
                    deployment.hotfix =
                        contents.facts.deployments.last { $0.closedAt == nil }?.hotfix
                        ?? (contents.facts.deployments.map(\.hotfix).max() ?? 0) + 1
                }
                contents.facts.deployments.append(deployment)
                for exclusion in exclusions { contents.facts.add(exclusion) }
            case .close(let hotfix, let at):
                for index in contents.facts.deployments.indices
                where contents.facts.deployments[index].hotfix == hotfix {
                    contents.facts.deployments[index].closedAt = at
                }
            case .void(let id, let reason, let at):
                for index in contents.facts.deployments.indices where contents.facts.deployments[index].id == id {
                    contents.facts.deployments[index].voidReason = reason
                    contents.facts.deployments[index].voidedAt = at
                }
            case .exclusion(let exclusion): contents.facts.add(exclusion)
            case .excusal(let excusal): contents.facts.excusals.append(excusal)
            case .acceptance(let acceptances): contents.facts.acceptances += acceptances
            case .silence(var silence):
                silence.id = (contents.facts.silences.map(\.id).max() ?? 0) + 1
                contents.facts.silences.append(silence)
            case .lift(let id, let by, let at):
                for index in contents.facts.silences.indices where contents.facts.silences[index].id == id {
                    contents.facts.silences[index].liftedAt = at
                    contents.facts.silences[index].liftedBy = by
                }
            case .acknowledgement(let acknowledgement): contents.facts.acknowledgements.append(acknowledgement)
            }
        }
    }

    package func prune(before instant: Instant, keepFrom: [Int: Instant]) throws {
        contents.withLock { contents in
            for id in contents.windows.keys {
                let limit = min(instant, keepFrom[id] ?? instant)
                contents.windows[id] = contents.windows[id]?.filter { $0.key >= limit }
            }
            let completed = Set(contents.facts.deployments.filter { $0.closedAt != nil }.map(\.hotfix))
            let pruned = contents.outbox.prune(before: instant, completed: completed)
            guard !pruned.isEmpty else { return }
            contents.facts.deliveries.removeAll { pruned.contains($0.message) }
            contents.facts.messages.removeAll { pruned.contains($0.id) }
            contents.facts.generation += 1
        }
    }

    /// Every window of a pair's current series that has a verdict, oldest first.
    package func verdicts(of pair: Pair) -> [(start: Instant, record: WindowRecord)] {
        contents.withLock { contents in
            guard let series = contents.facts.series.last(where: { $0.pair == pair }) else { return [] }
            return (contents.windows[series.id] ?? [:]).filter { $0.value.verdict != nil }.sorted { $0.key < $1.key }
                .map { ($0.key, $0.value) }
        }
    }

    /// The records that were replaced, in the order of replacement.
    package var revisions: [Outcome.RecordChange] { contents.withLock { $0.revisions } }

    /// Changes what is held beside the windows, as nobody may.
    package func tamper(_ change: (inout LedgerFacts) -> Void) {
        contents.withLock { change(&$0.facts) }
    }

    /// The messages, in the order made.
    package var messages: [Message] { contents.withLock { $0.messages } }

    /// Which channels have to be told which messages, in the order made.
    package var deliveries: [NewDelivery] { contents.withLock { $0.deliveries } }

    /// The checks, oldest first.
    package var checks: [CheckRecord] { contents.withLock { $0.checks } }
}

extension MemoryLedger: VerifiableLedger {
    package func replacedRecords(of series: Int) throws -> [Instant: [WindowRecord]] {
        revisions.filter { $0.series == series }.reduce(into: [:]) { records, change in
            if let replaced = change.replaced { records[change.start, default: []].append(replaced) }
        }
    }

    package func verifyIntegrity() throws {}
}

extension LedgerFacts {
    fileprivate mutating func add(_ exclusion: Exclusion) {
        var exclusion = exclusion
        exclusion.id = (exclusions.map(\.id).max() ?? 0) + 1
        exclusions.append(exclusion)
    }
}
