import HotfixConfiguration
package import HotfixCore
import HotfixServer
import HotfixStore
import Synchronization

/// The desk beside the ledger: it answers from the configuration and the ledger's file.
package final class LocalDesk: LedgerDesk {
    /// The configuration.
    let workplace: Workplace
    /// The ledger.
    let shelf: LedgerShelf
    /// How long it waits for others who hold the ledger before it answers, in seconds.
    let patience: Seconds
    /// When the configuration was read, where that is not for this one answer.
    private let loadedAt: Instant?
    /// Whether a first statement makes the ledger: to one who states it here and now, its path shows.
    var makesLedger: Bool { loadedAt == nil }
    private let surroundings: Surroundings
    /// What was said last to each question about now, for as long as it stands.
    private let standings = Mutex<[ReadinessQuery: (mark: DeskMark, standing: Standing)]>([:])
    /// So many questions are kept.
    private static let mostStandings = 64

    /// Opens the desk; the ledger is opened when it is needed.
    ///
    /// - Parameters:
    ///   - workplace: The configuration.
    ///   - patience: How long it waits for others who hold the ledger before it answers, in seconds.
    ///   - loadedAt: When the configuration was read, where the desk goes on to answer from it.
    package init(
        _ workplace: Workplace, patience: Seconds = SQLiteLedger.usualPatience, loadedAt: Instant? = nil
    ) {
        self.workplace = workplace
        self.patience = patience
        self.loadedAt = loadedAt
        shelf = LedgerShelf(workplace, patience: patience)
        surroundings = Surroundings.current
    }

    /// The instant now, by the clock of the desk.
    package var now: Instant { surroundings.now }

    /// Whether the hotfix is ready.
    package func readiness(_ query: ReadinessQuery) throws -> Readiness {
        let selected = try workplace.selected(query.services)
        let at = try query.at.map { try HotfixCommand.instant($0, "--at") }
        return try readiness(at: at, maxAge: query.maxAge, services: selected)
    }

    /// Whether a commit may be merged.
    package func gate(_ query: GateQuery) throws -> GateAnswer {
        guard isFullCommit(query.commit) else {
            throw CommandError(
                .wrong,
                "--commit '\(oneLine(query.commit))' is not a full commit id: give all 40 (or 64) hexadecimal digits.")
        }
        return GateAnswer(
            commit: query.commit, readiness: try standing(ReadinessQuery(maxAge: query.maxAge)).readiness)
    }

    /// Verdicts with everything they were reached from.
    package func explanations(_ query: ExplanationQuery) throws -> [Explanation] {
        _ = try workplace.selected([query.service])
        let instant = try query.at.map { try HotfixCommand.instant($0, "--at") }
        let reach = instant.map { Snapshot.Reach.to($0 - Plot.shown) } ?? .further(Plot.shown)
        let watched = try shelf.snapshot(at: now, reach: [query.service: reach]).services
            .filter { $0.name == query.service }
        let explanations = watched.flatMap { found in
            found.pairs.filter { query.guardrail == nil || $0.pair.guardrail == query.guardrail }
                .map { pair in
                    var explanation = Explanation(pair, of: found, at: instant)
                    if let window = explanation.window {
                        explanation.links = workplace.sourceLinks(
                            to: pair.series?.definition,
                            seen: Interval(start: window.end - Plot.shown, end: window.end))
                    }
                    return explanation
                }
        }
        guard !explanations.isEmpty else {
            let known = watched.flatMap(\.pairs).map(\.pair.guardrail).joined(separator: ", ")
            throw CommandError(
                .wrong, "'\(query.guardrail ?? "")' is no guardrail of '\(query.service)'. It has: \(known).",
                concern: .unknown)
        }
        return explanations
    }

    /// All deployments, in the order recorded.
    package func deployments() throws -> [Deployment] { try shelf.facts().deployments.map(\.forDesk) }

    /// What is left out of look-backs, and the stored baselines.
    package func lookback() throws -> LookbackBook { LookbackBook(try shelf.facts()) }

    /// Whether the hotfix is ready now, and until when that stands as long as the ledger is the same.
    func standing(_ query: ReadinessQuery) throws -> Standing {
        let selected = try workplace.selected(query.services)
        let clock = now
        let age = try maximumAge(query.maxAge)
        let mark = try shelf.mark()
        if let known = standings.withLock({ $0[query] }), known.mark == mark, known.standing.from <= clock,
            clock < known.standing.until
        {
            return known.standing
        }
        let snapshot = try shelf.snapshot(at: clock)
        let readiness = try readiness(of: snapshot, at: clock, clock: clock, maxAge: age, services: selected)
        let until = snapshot.standsUntil(readiness, at: clock, maxAge: age)
        let standing = Standing(
            readiness, from: clock, until: snapshot.isSettled ? until : min(until, LedgerShelf.minute(of: clock) + 60))
        standings.withLock { standings in
            if standings.count >= Self.mostStandings { standings = [:] }
            standings[query] = (mark, standing)
        }
        return standing
    }

    private func readiness(at: Instant?, maxAge: String?, services: Set<String>?) throws -> Readiness {
        let clock = now
        let age = try maximumAge(maxAge)
        if let at, at > clock {
            throw CommandError(.wrong, "--at \(at) lies in the future; it is \(clock).")
        }
        let snapshot = try at.map { try shelf.snapshot(ofPast: $0) } ?? shelf.snapshot(at: clock)
        return try readiness(of: snapshot, at: at ?? clock, clock: clock, maxAge: age, services: services)
    }

    private func readiness(
        of snapshot: Snapshot, at: Instant, clock: Instant, maxAge: Seconds?, services: Set<String>?
    ) throws -> Readiness {
        try refuseOlderPolicy(snapshot)
        return workplace.withoutHeartbeatNoted(
            workplace.withNotWatched(
                snapshot.readiness(at: at, clock: clock, maxAge: maxAge, services: services))
        ).forDesk
    }

    private func maximumAge(_ text: String?) throws -> Seconds? {
        try text.map { text in
            guard let seconds = parseDuration(text), seconds > 0 else {
                throw CommandError(.wrong, "--max-age '\(text)' is not a duration. Write it as 20m or 1h.")
            }
            return seconds
        }
    }

    /// Refuses to answer where a check has adopted another policy after ours was read: it may ask for more.
    private func refuseOlderPolicy(_ snapshot: Snapshot) throws {
        guard let loadedAt else { return }
        // One that a check of ours would adopt is none of the ledger's.
        let pending = Set(snapshot.pending.policies.map(\.id))
        for context in snapshot.services.lazy.map(\.context) where context.policies.count > 1 {
            let adopted = context.policies.values.filter { !pending.contains($0.id) }
            guard let newest = adopted.max(by: { $0.id < $1.id }), newest.policy != context.policy.policy,
                newest.adoptedAt > loadedAt
            else { continue }
            throw CommandError(
                .unfinished,
                "Since \(newest.adoptedAt), checks judge '\(oneLine(context.service.name))' by another policy than the one that this "
                    + "server read at \(loadedAt). Give both the same configuration.")
        }
    }
}

extension Workplace {
    /// Adds to a readiness that nothing notices when no check runs any more, where that is so.
    fileprivate func withoutHeartbeatNoted(_ readiness: Readiness) -> Readiness {
        guard settings.heartbeat == nil else { return readiness }
        var readiness = readiness
        readiness.notes.append("No heartbeat is configured: when no check runs any more, nothing tells anybody.")
        return readiness
    }

    /// Adds to a readiness the guardrails that watch nothing of their service, which only the configuration knows.
    func withNotWatched(_ readiness: Readiness) -> Readiness {
        var readiness = readiness
        let services = readiness.services.count > 1 ? settings.servicesByName : [:]
        for index in readiness.services.indices {
            let name = readiness.services[index].name
            readiness.services[index].notWatched =
                (services[name] ?? settings.service(name))?.notWatched.map(\.guardrail) ?? []
        }
        return readiness
    }
}
