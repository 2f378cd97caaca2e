package import ArgumentParser
import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// `hotfix announce`: tells people of a critical release.
package struct AnnounceCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "announce",
        abstract: "Tell people of the critical release, through the channels that are configured.",
        discussion: """
            The first line of the template is the title. Places such as {version} are filled from the tracker and the options; \
            {{ and }} stand for braces. There are: affected, branch, commit, fix, issue, kind, support, tag, upgrade, urgency, \
            version, why_now, workaround. One that is unknown, or for which nothing is known, is an error.

            Who was told when is kept in the tracker: the same text is told nobody twice, and where it is not known whether it \
            arrived, the next run tells it again. It ends with 0 where every channel took it, 2 where one is set up wrongly or \
            refused it, 3 where one was not reached, or whether it was is not known.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var tracker: TrackerOptions
    @OptionGroup package var plan: PlanOptions
    @Option(
        name: .customLong("to"), parsing: .upToNextOption, help: "The channels that are told; may be repeated.",
        completion: .channels)
    package var channels: [String] = []
    @Option(help: "The file of the text.", completion: .file())
    package var template: String
    @Option(help: "What was wrong; else whom the assessment calls affected.")
    package var issue: String?
    @Option(help: "What the release mends.")
    package var fix: String?
    @Option(help: "How to upgrade.")
    package var upgrade: String?
    @Option(help: "How soon to upgrade; else why the assessment says that it cannot wait.")
    package var urgency: String?
    @Option(help: "Where help is found.")
    package var support: String?

    package init() {}

    package func validate() throws {
        if channels.isEmpty { throw ValidationError("Say by --to which channels are told.") }
        try checkStatements([
            "--issue": issue, "--fix": fix, "--upgrade": upgrade, "--urgency": urgency, "--support": support,
        ])
    }

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let place = try TrackerPlace(common, tracker, secrets: [.channels])
        guard let workplace = place.workplace else {
            throw CommandError(
                .wrong, "There is no configuration, so no channels. Name one by --config, with `notify`.")
        }
        let wanted = try workplace.selected(channels: channels)
        for entry in wanted {
            if let objection = entry.type.objectionToAnnouncements {
                throw CommandError(.wrong, "Channel '\(entry.name)' \(objection) Choose another one.")
            }
        }
        let by = try await place.author()
        let status = try StatusFile.read(path: place.statusFile)
        let announcement = try announcement(status)
        let options = plan
        let report = try await withClient { client in
            let channels = workplace.channels(client).filter { channel in wanted.contains { channel.isOne(of: $0) } }
            let telling = Telling(
                announcement: announcement, channels: channels, statusFile: place.statusFile, by: by,
                sleep: surroundings.sleep, now: { surroundings.now })
            try surroundings.write(telling.preview(status))
            if options.dryRun { return nil as TellingReport? }
            if !telling.left(status).isEmpty {
                try options.confirm("Tell this?", otherwise: "nobody was told")
            }
            return try await telling.run()
        }
        guard let report else { return }
        try surroundings.write(report.text)
        if report.status != .done { throw report.status }
    }

    private func announcement(_ status: StatusFile) throws -> Announcement {
        let surroundings = Surroundings.current
        let path = absolutePath(template, in: surroundings.directory)
        let text: String
        do { text = try fileText(at: path) } catch {
            throw CommandError(.wrong, "The template '\(oneLine(template))' \(oneLine("\(error)")).")
        }
        return try AnnouncementTemplate(text, file: template).filled(with: values(status))
    }

    private func values(_ status: StatusFile) -> [String: AnnouncementTemplate.Value] {
        let assessment = status.criticality
        let assess = "'hotfix assess'"
        let release = "'hotfix release'"
        var branch: String?
        if case .string(let name) = status["branch", "name"] { branch = name.text }
        return [
            "affected": .init(assessment?.affected, origin: assess),
            "branch": .init(branch, origin: "'hotfix init'"),
            "commit": .init(status.releasedCommit, origin: release),
            "fix": .init(fix, origin: "--fix"),
            "issue": .init(issue ?? assessment?.affected, origin: "--issue, or by \(assess)"),
            "kind": .init(assessment?.kind.rawValue, origin: assess),
            "support": .init(support, origin: "--support"),
            "tag": .init(status.releasedTag, origin: release),
            "upgrade": .init(upgrade, origin: "--upgrade"),
            "urgency": .init(urgency ?? assessment?.whyNow, origin: "--urgency, or by \(assess)"),
            "version": .init(status.releasedTag, origin: release),
            "why_now": .init(assessment?.whyNow, origin: assess),
            "workaround": .init(assessment?.workaround, origin: "'hotfix assess --workaround'"),
        ]
    }
}

extension ChannelType {
    /// Why a channel of this type is told no announcements; nil where it is told them.
    var objectionToAnnouncements: String? {
        switch self {
        case .slack, .email, .webhook, .output: nil
        case .pagerduty: "is PagerDuty's, which pages people, and is told no announcements."
        case .alertmanager: "is Alertmanager's, which shows what begins and is over, and is told no announcements."
        }
    }
}
