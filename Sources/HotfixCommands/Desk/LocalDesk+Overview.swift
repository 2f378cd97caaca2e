import HotfixConfiguration
package import HotfixCore
import HotfixTracker

extension LocalDesk {
    /// The series of services, and what was done over time.
    package func overview(_ query: OverviewQuery) throws -> Overview {
        guard query.services.count <= OverviewQuery.mostServices else {
            throw CommandError(
                .wrong, "At most \(OverviewQuery.mostServices) services are told of at once. Ask for fewer.")
        }
        let now = now
        let from = try query.from.map { try HotfixCommand.instant($0, "--from") } ?? now - OverviewQuery.usualLength
        guard from <= now, now - from <= OverviewQuery.longest else {
            throw CommandError(
                .wrong,
                "--from \(from) lies in the future, or more than \(formatDuration(OverviewQuery.longest)) ago; it is \(now)."
            )
        }
        let configured = Set(workplace.settings.services.map(\.service.name))
        let names = query.services.filter(configured.contains)
        let snapshot =
            names.isEmpty
            ? try shelf.snapshot(at: now)
            : try shelf.snapshot(at: now, reach: Dictionary(names.map { ($0, .to(from)) }) { first, _ in first })
        // What was deployed, and is not configured any more, has no series to show; whatever else is unknown is a mistake.
        let deployed = Set(snapshot.facts.deployments.flatMap(\.services))
        _ = try workplace.selected(query.services.filter { !deployed.contains($0) })
        var overview = Overview(snapshot, of: names, from: from, at: now, tracker: tracker(at: now))
        for episode in overview.episodes.filter(\.isOpen).suffix(OverviewQuery.mostLinked) {
            let definition = snapshot.facts.series.last { $0.pair == episode.pair }?.definition
            let seen = Interval(start: episode.start - Plot.shown, end: episode.lastBreach + 300)
            overview.links[episode.id] = workplace.sourceLinks(to: definition, seen: seen)
        }
        return overview
    }

    /// What the tracker says; nil where none is configured.
    private func tracker(at now: Instant) -> Overview.Tracker? {
        guard let path = workplace.settings.tracker?.statusFile else { return nil }
        do {
            let status = try StatusFile.read(path: path)
            let record = try TrackerRecord(status, path: path)
            let telling = RecordTelling(.exact, at: now, outside: { $0 })
            return Overview.Tracker(
                facts: telling.facts(of: record).map { .init(name: $0.name, text: $0.value) },
                tasks: OutstandingTask.tasks(of: record, at: now).map {
                    .init(name: $0.title(of: record, telling), text: $0.command)
                },
                history: status.history.map {
                    .init(at: $0.at, by: $0.by, step: $0.step, did: $0.did, reason: $0.reason)
                })
        } catch {
            // What is watched is shown whatever the tracker's file is like.
            return Overview.Tracker(facts: [], tasks: [], history: [], failure: "\(error)")
        }
    }
}
