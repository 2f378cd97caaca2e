import HotfixConfiguration
package import HotfixCore
import HotfixPlot
import HotfixStore

extension LocalDesk {
    /// All silences, in the order recorded.
    package func silences() throws -> [Silence] { try shelf.facts().silences }

    /// Lets messages not be told for a while.
    package func silence(_ entry: SilenceEntry) throws -> Silence {
        try refuse(entry.objection)
        let now = now
        let end = try end(of: entry, now)
        if let service = entry.service { _ = try workplace.selected([service]) }
        let ledger = try workplace.openLedger(createIfMissing: makesLedger)
        if let guardrail = entry.guardrail {
            try refuseUnknown(guardrail, of: entry.service, try ledger.facts())
        }
        let silence = Silence(
            service: entry.service, guardrail: entry.guardrail, start: now, end: end, reason: entry.reason,
            by: entry.by, recordedAt: now)
        try ledger.record(.silence(silence))
        let recorded = try ledger.facts().silences.last { known in
            var same = known
            same.id = 0
            return same == silence
        }
        guard let recorded else {
            throw CommandError(
                .unusable, "The silence was recorded, but the ledger no longer holds it. See: hotfix silence --list")
        }
        return recorded
    }

    /// Ends a silence before its time.
    package func lift(_ entry: LiftingEntry) throws -> Silence {
        try refuse(entry.objection)
        let now = now
        let id = entry.silence
        let ledger = try workplace.openLedger()
        guard let silence = try ledger.facts().silences.first(where: { $0.id == id }) else {
            throw CommandError(
                .wrong, "There is no silence \(id). List them: hotfix silence --list", concern: .unknown)
        }
        guard now < silence.endsAt else {
            let whom = silence.liftedBy.map { ", lifted by \(oneLine($0))" } ?? ""
            throw CommandError(
                .wrong, "Silence \(id) ended at \(silence.endsAt) already\(whom).", concern: .conflict)
        }
        try ledger.record(.lift(silence: id, by: entry.by, at: now))
        return try ledger.facts().silences.first { $0.id == id } ?? silence
    }

    /// Says that an open episode was seen.
    package func acknowledge(_ entry: AcknowledgementEntry) throws -> Acknowledgement {
        try refuse(entry.objection)
        let ledger = try workplace.openLedger()
        let facts = try ledger.facts()
        let episode = try episode(named: entry.episode, facts)
        if let closedAt = episode.closedAt {
            let ending = episode.ending.map { " (\($0.rawValue))" } ?? ""
            throw CommandError(
                .wrong,
                "Episode '\(oneLine(episode.id))' was closed at \(closedAt)\(ending): there is nothing to acknowledge.",
                concern: .conflict)
        }
        if let known = facts.standingAcknowledgements.newest(of: episode), known.by == entry.by,
            known.note == entry.note
        {
            throw CommandError(
                .wrong,
                "Episode '\(oneLine(episode.id))' was acknowledged by \(oneLine(known.by)) at \(known.recordedAt) already.",
                concern: .conflict)
        }
        let acknowledgement = Acknowledgement(
            episode: episode.id, by: entry.by, note: entry.note, recordedAt: now)
        try ledger.record(.acknowledgement(acknowledgement))
        return acknowledgement
    }

    /// What is open, and what was told of it to whom.
    package func alerts(_ query: AlertsQuery) throws -> AlertsBook {
        try refuse(query.objection)
        let outbox = try shelf.outbox()
        let told = try outbox.told(limit: query.limit)
        let channels = Set(workplace.channelRules.map(\.name) + told.flatMap { $0.lines.map(\.channel) })
        var elsewhere: [String: [AlertsBook.SilenceElsewhere]] = [:]
        for channel in channels.sorted() {
            for (thread, receipt) in try outbox.receipts(of: channel) {
                guard let standing = AlertmanagerStanding(text: receipt.content) else { continue }
                elsewhere[thread, default: []] += standing.silences.map { silence in
                    AlertsBook.SilenceElsewhere(
                        channel: channel, id: silence.id, by: silence.by, reason: silence.comment, end: silence.end)
                }
            }
        }
        return AlertsBook(try shelf.facts(), told: told, elsewhere: elsewhere, at: now)
    }

    /// Verdicts with everything they were reached from, as `hotfix explain` prints them where there is no terminal.
    func explanationText(_ query: ExplanationQuery) throws -> String {
        let found = try explanations(query)
        let now = now
        var surroundings = Surroundings.current
        surroundings.isTerminal = false
        return Surroundings.$current.withValue(surroundings) {
            found.map { $0.text(now: now, plotStyle: PlotStyle()) }.joined(separator: "\n\n") + "\n"
        }
    }

    private func end(of entry: SilenceEntry, _ now: Instant) throws -> Instant {
        let longest = formatDuration(SilenceEntry.longest)
        let tooLong = CommandError(
            .wrong, "A silence lasts at most \(longest). Give an earlier end, and silence again then if need be.")
        if let text = entry.duration {
            guard let seconds = parseDuration(text), seconds > 0 else {
                throw CommandError(
                    .wrong, "--for '\(oneLine(text))' is not a duration. Write it as 30m, 2h or 1d.")
            }
            guard seconds <= SilenceEntry.longest else { throw tooLong }
            return now + seconds
        }
        let end = try HotfixCommand.instant(entry.until ?? "", "--until")
        guard end > now else {
            throw CommandError(.wrong, "--until \(end) does not lie in the future; it is \(now).")
        }
        guard end - now <= SilenceEntry.longest else { throw tooLong }
        return end
    }

    /// Refuses a guardrail that neither the configuration nor the ledger knows.
    private func refuseUnknown(_ guardrail: String, of service: String?, _ facts: LedgerFacts) throws {
        let pairs = (workplace.settings.pairs + facts.series.map(\.pair)).filter {
            service == nil || $0.service == service
        }
        let known = Set(pairs.map(\.guardrail))
        guard !known.contains(guardrail) else { return }
        let whose = service.map { "of '\(oneLine($0))'" } ?? "of any service"
        throw CommandError(
            .wrong,
            "'\(oneLine(guardrail))' is no guardrail \(whose). There is: \(known.sorted().map(oneLine).joined(separator: ", ")).",
            concern: .unknown)
    }
}
