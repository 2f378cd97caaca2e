package import ArgumentParser
import Foundation
import HotfixConfiguration
import HotfixCore
import HotfixHTTP
import HotfixRelease
import HotfixTracker

/// `hotfix verify-release`: whether a release is really out, and its update feeds work.
package struct VerifyReleaseCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "verify-release", abstract: "Verify that a release is really out, and that its update feeds work.",
        discussion: """
            Looks at the release, its artifacts, its tag and its workflow at GitHub, and at the update feeds of Sparkle, \
            electron-updater and Tauri as their clients do. Ends with 1 where something is wrong, with 3 where something could \
            not be asked. Every file is downloaded, unless --quick says otherwise. The status file says what came of it, where there \
            is one, or a repository for it, or where --status-file names it.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var tracker: TrackerOptions
    @Option(help: "The tag of the release.")
    package var tag: String
    @Option(
        name: .customLong("feed"),
        help: "The address of an update feed beside those of the configuration; may be repeated.")
    package var feeds: [String] = []
    @Option(help: "The version that was released before; else that of the newest release published before.")
    package var previous: String?
    @Flag(help: "Download nothing that GitHub knows the digest of: digests and signatures are then not verified.")
    package var quick = false
    @Option(help: "How the result is printed.")
    package var format = OutputFormat.text

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let place = try TrackerPlace(common, tracker, secrets: [.forge])
        let tag = try GitName(tag, as: .tag).text
        guard let forge = forge(of: place) else {
            throw CommandError(
                .wrong,
                "Which repository the release is in is not configured: give 'gate' or 'tracker' of hotfix.yaml a repository at"
                    + " GitHub and a token.")
        }
        let author = try await place.author()
        let repository = try? await place.repository()
        let status = try StatusFile.read(path: place.statusFile)
        let expectation = try ReleaseExpectation(
            tag: tag, previous: previousVersion(), artifacts: settings(place).artifacts,
            workflow: settings(place).workflow, isPrerelease: settings(place).isPrerelease,
            feeds: updateFeeds(place, tag),
            commits: await knownCommits(tag, status, repository), isFull: !quick)
        let client = surroundings.client()
        var findings = await ReleaseVerifier(
            expectation, at: forge, through: client, scratch: surroundings.environment["TMPDIR"] ?? "/var/tmp",
            now: surroundings.now
        ).findings()
        await client.shutDown()
        let now = surroundings.now
        // Where nothing could be asked for the configuration's sake, nothing is known of the release.
        let isMisconfigured = findings.unasked.contains(where: \.isMisconfigured)
        let isTracked =
            tracker.statusFile != nil || repository != nil || access(place.statusFile, F_OK) == 0
        if !isTracked {
            findings.notes.append("No hotfix is tracked here, so that the result was not recorded: say --status-file.")
        }
        let outcome = try report(findings, tag, at: now)
        // What was found is said already: a file that cannot be written hides none of it.
        var failure: StatusFileError?
        if !isMisconfigured, isTracked {
            do { try record(findings, tag, place, author, at: now) } catch let error as StatusFileError {
                failure = error
            }
        }
        if let failure { throw failure }
        if outcome != .done { throw outcome }
    }

    private func settings(_ place: TrackerPlace) -> ReleaseSettings {
        place.workplace?.settings.release ?? ReleaseSettings()
    }

    /// The repository of the tracker, else that of the gate.
    private func forge(of place: TrackerPlace) -> ReleaseVerifier.Forge? {
        if let forge = place.settings.forge {
            return ReleaseVerifier.Forge(repository: forge.repository, token: forge.token, url: forge.url)
        }
        guard let gate = place.workplace?.settings.gate, gate.type == .github else { return nil }
        return ReleaseVerifier.Forge(repository: gate.repository, token: gate.token, url: gate.url)
    }

    private func previousVersion() throws -> String? {
        guard let previous else { return nil }
        guard !previous.isEmpty, previous.utf8.count <= 200, oneLine(previous) == previous,
            !previous.contains(where: \.isWhitespace)
        else { throw CommandError(.wrong, "--previous is no version. Write one such as 1.0.0.") }
        return previous
    }

    /// The feeds of the configuration, and those of the command line that it does not name.
    private func updateFeeds(_ place: TrackerPlace, _ tag: String) throws -> [UpdateFeed] {
        func address(_ url: String) -> String {
            url.replacing("{tag}", with: percentEncoded(tag))
                .replacing("{version}", with: percentEncoded(HotfixRelease.version(ofTag: tag)))
        }
        let configured = settings(place).feeds.map { feed in
            UpdateFeed(
                UpdateFeed.Kind(rawValue: feed.type.rawValue), address(feed.url), publicKey: feed.publicKey,
                platforms: feed.platforms)
        }
        let given = try feeds.map(address).filter { url in !configured.contains { $0.url == url } }.map { url in
            guard url.hasPrefix("https://") || url.hasPrefix("http://"), url.utf8.count <= 4000, oneLine(url) == url
            else {
                throw CommandError(
                    .wrong, "--feed '\(clipped(oneLine(url), bytes: 300))' is no address of http or https.")
            }
            return UpdateFeed(nil, url)
        }
        return configured + given
    }

    /// What the status file and the local repository know of the commit of the release.
    private func knownCommits(
        _ tag: String, _ status: StatusFile, _ repository: Repository?
    ) async throws -> [ReleaseExpectation.Commit] {
        var commits: [ReleaseExpectation.Commit] = []
        if status["release", "tag"] == JSONValue(tag), case .string(let commit) = status["release", "commit"] {
            commits.append(ReleaseExpectation.Commit(id: commit.text, source: "the status file"))
        }
        // A release can be verified outside of its repository too.
        if let repository, let commit = try await repository.commit("refs/tags/\(tag)") {
            commits.append(ReleaseExpectation.Commit(id: commit, source: "the tag in \(oneLine(repository.directory))"))
        }
        return commits
    }

    private func record(
        _ findings: ReleaseFindings, _ tag: String, _ place: TrackerPlace, _ author: String, at now: Instant
    ) throws {
        var lines = findings.lines.map { clipped($0, bytes: 1000) }
        if lines.count > Self.keptLimit {
            let left = lines.count - Self.keptLimit
            lines = lines.prefix(Self.keptLimit) + ["\(left) more were left out here; the command shows them."]
        }
        let notes = findings.skipped.prefix(Self.keptLimit).map { JSONValue(clipped(oneLine($0), bytes: 1000)) }
        try StatusFile.update(path: place.statusFile, at: now) { status in
            let verified: JSONObject = [
                "tag": JSONValue(tag), "at": JSONValue(stamp: now), "by": JSONValue(author),
                "ok": .boolean(findings.isWhole), "full": .boolean(findings.isFull),
                "faults": .array(lines.map { JSONValue($0) }), "notes": .array(notes),
            ]
            status.set("release", "verified", to: .object(verified))
            let entry = HistoryEntry(
                at: now, by: author, step: "verify-release", did: "Verified release '\(tag)'. \(findings.summary)")
            // Whoever asks again and again, until the release is out, fills no history with the same.
            if case .array(let entries) = status["history"], let last = entries.last?.object,
                last["step"] == JSONValue(entry.step), last["by"] == JSONValue(author),
                last["did"] == JSONValue(entry.did)
            {
                status.set("history", to: .array(entries.dropLast()))
            }
            status.record(entry)
        }
    }

    /// More faults and notes than these are not kept in the status file.
    private static let keptLimit = 50

    private func report(_ findings: ReleaseFindings, _ tag: String, at now: Instant) throws -> ExitStatus {
        let surroundings = Surroundings.current
        switch format {
        case .json: try surroundings.write(findings.json(tag: tag, at: now).text + "\n")
        case .text:
            if !common.quiet || !findings.isWhole {
                try surroundings.write(findings.text(isVerbose: common.verbose) + "\n")
            }
        }
        var statuses: [ExitStatus] = findings.unasked.map { $0.isMisconfigured ? .wrong : .unfinished }
        if !findings.faults.isEmpty { statuses.append(.no) }
        return ExitStatus.gravest(statuses)
    }
}
