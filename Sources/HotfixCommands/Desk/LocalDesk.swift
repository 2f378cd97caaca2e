import HotfixConfiguration
package import HotfixCore
import HotfixStore

/// The desk beside the ledger: it answers from the configuration and the ledger's file.
package final class LocalDesk: LedgerDesk {
    /// The configuration.
    let workplace: Workplace
    /// The ledger.
    let shelf: LedgerShelf
    private let surroundings: Surroundings

    /// Opens the desk; the ledger is opened when it is needed.
    package init(_ workplace: Workplace) {
        self.workplace = workplace
        shelf = LedgerShelf(workplace)
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
            commit: query.commit, readiness: try readiness(at: nil, maxAge: query.maxAge, services: nil))
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
                .map { Explanation($0, of: found, at: instant) }
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

    private func readiness(at: Instant?, maxAge: String?, services: Set<String>?) throws -> Readiness {
        let clock = now
        let age = try maxAge.map { text in
            guard let seconds = parseDuration(text), seconds > 0 else {
                throw CommandError(.wrong, "--max-age '\(text)' is not a duration. Write it as 20m or 1h.")
            }
            return seconds
        }
        if let at, at > clock {
            throw CommandError(.wrong, "--at \(at) lies in the future; it is \(clock).")
        }
        let snapshot = try at.map { try shelf.snapshot(ofPast: $0) } ?? shelf.snapshot(at: clock)
        return workplace.withNotWatched(
            snapshot.readiness(at: at ?? clock, clock: clock, maxAge: age, services: services)
        ).forDesk
    }
}

extension Workplace {
    /// Adds to a readiness the guardrails that watch nothing of their service, which only the configuration knows.
    func withNotWatched(_ readiness: Readiness) -> Readiness {
        var readiness = readiness
        for index in readiness.services.indices {
            let name = readiness.services[index].name
            readiness.services[index].notWatched = settings.service(name)?.notWatched.map(\.guardrail) ?? []
        }
        return readiness
    }
}
