package import ArgumentParser
import HotfixConfiguration
import HotfixCore
package import HotfixTracker

/// `hotfix assess`: says why a release cannot wait.
package struct AssessCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "assess", abstract: "Say in the tracker why this release cannot wait for the regular one.",
        discussion: """
            The first step of a critical release. Approvals are given to what is said here: where it is said anew in other words, \
            they have to be given again.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var tracker: TrackerOptions
    @Option(help: "What is wrong.")
    package var kind: Criticality.Kind
    @Option(help: "Who or what is affected.")
    package var affected: String
    @Option(help: "Why it cannot wait.")
    package var whyNow: String
    @Option(help: "What helps until then.")
    package var workaround: String?

    package init() {}

    package func validate() throws {
        try checkStatements(["--affected": affected, "--why-now": whyNow, "--workaround": workaround])
    }

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let place = try TrackerPlace(common, tracker)
        let by = try await place.author()
        let now = surroundings.now
        let assessment = Criticality(
            kind: kind, affected: affected, whyNow: whyNow, workaround: workaround, by: by, at: now)
        var isNew = false
        var lapsed = 0
        try StatusFile.update(path: place.statusFile, at: now) { status in
            isNew = status.assess(assessment)
            lapsed = isNew ? status.lapsedApprovals : 0
            guard isNew else { return }
            status.record(
                HistoryEntry(
                    at: now, by: by, step: "assess",
                    did: "Assessed as \(assessment.kind.rawValue): \(assessment.whyNow)"))
        }
        guard isNew else { return try surroundings.write("Nothing changed: it is assessed so already.\n") }
        let needed = place.settings.approvals
        try surroundings.write(
            "Assessed as \(kind.rawValue). Next: \(needed) \(needed == 1 ? "approval" : "approvals") by 'hotfix approve'.\n"
        )
        if lapsed > 0 {
            surroundings.writeError(
                "hotfix: warning: \(lapsed) approvals were given to an earlier assessment, and count no more.\n")
        }
    }
}

extension Criticality.Kind: ExpressibleByArgument {}
