package import ArgumentParser
import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// `hotfix observability`: notes in the tracker that thresholds watch the hotfix.
package struct ObservabilityCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "observability", abstract: "Note that the thresholds in Sentry and OpenTelemetry are configured.",
        discussion: """
            With --verify that is noted only where, in the newest windows of the ledger, every guardrail of such a source has data \
            and, where its limit is relative, its baseline; else it ends with 1 and says which has not. OpenTelemetry's sources are \
            those of type prometheus. Where the newest windows are quiet, as at night, the newest of the last day that was not counts. Who \
            verified it and when is kept in the history, also where it was noted before.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var tracker: TrackerOptions
    @Option(defaultAsFlag: .done, parsing: .next, help: "Whether Sentry's thresholds are: done or pending, yes or no.")
    package var sentry: TrackerBool?
    @Option(
        defaultAsFlag: .done, parsing: .next,
        help: "Whether OpenTelemetry's thresholds are: done or pending, yes or no.")
    package var otel: TrackerBool?
    @Option(help: "What is to be known about them.")
    package var notes: String?
    @Flag(help: "Note it only where every guardrail of such a source has data and its baseline.")
    package var verify = false

    package init() {}

    package func validate() throws {
        if let notes, let objection = objection(toNote: notes) { throw ValidationError("--notes \(objection)") }
        if verify, sentry?.isDone != true, otel?.isDone != true {
            throw ValidationError("--verify goes with --sentry, --otel or both.")
        }
    }

    package mutating func run() async throws {
        var change = ObservabilityChange()
        change.isSentryConfigured = sentry?.isDone
        change.isOtelConfigured = otel?.isDone
        change.notes = notes
        guard !change.isEmpty else {
            throw CommandError(.wrong, "Say what is configured: --sentry, --otel or --notes.")
        }
        let place = try TrackerPlace(common, tracker)
        if verify { try refuseUnlessWatched(place) }
        let by = try await place.author()
        let isVerified = verify
        let did = try StatusFile.change(
            path: place.statusFile, at: Surroundings.current.now, by: by, step: "observability", isVerified: isVerified
        ) { change.apply(to: &$0, isVerified: isVerified) }
        try place.tell(did, quietly: common.quiet)
    }

    private func refuseUnlessWatched(_ place: TrackerPlace) throws {
        guard let workplace = place.workplace else {
            throw CommandError(
                .wrong, "--verify asks the ledger, and there is no configuration that names one. Give it by --config.")
        }
        let settings = workplace.settings
        // All are named, since else only those are told of that are deployed.
        let query = ReadinessQuery(services: settings.services.map(\.service.name))
        let desk = LocalDesk(workplace)
        let readiness = try desk.readiness(query)
        let now = Surroundings.current.now
        let newest = try desk.newestAudible(at: now)
        let kinds: [(WatchedKind, TrackerBool?)] = [(.sentry, sentry), (.prometheus, otel)]
        let lacking = kinds.filter { $0.1?.isDone == true }.flatMap {
            settings.lacking($0.0, in: readiness, newest, at: now)
        }
        guard !lacking.isEmpty else { return }
        for sentence in lacking { Surroundings.current.writeError("hotfix: \(oneLine(sentence))\n") }
        throw CommandError(
            .no,
            "The thresholds were not marked as configured. `hotfix doctor` says what to do about each; then run"
                + " `hotfix check`, and this command again.")
    }
}
