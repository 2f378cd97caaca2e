import Foundation
import HotfixCore
import HotfixHTTP

/// Looks at one update feed, and at every file that it names.
struct FeedInspection {
    let feed: UpdateFeed
    let expectation: ReleaseExpectation
    /// The version that was released before; nil where that is not known.
    let previous: String?
    /// The assets of the release; none where they could not be asked.
    let assets: [ReleaseAsset]
    let caller: FileCaller

    private var place: String { feed.place }

    /// Looks at the feed.
    func look(_ findings: inout ReleaseFindings) async {
        if !feed.url.lowercased().hasPrefix("https:"), !isLocal(feed.url) {
            findings.faults.append(
                ReleaseFault(
                    .feedInsecure, place, "It is read over plain http, where anybody on the way may change it.",
                    expected: "https", remedy: "Serve it by https, and build clients with that address."))
        }
        if feed.url.contains("{{") {
            await lookAtServer(&findings)
        } else if let (kind, body) = await body(feed.url, &findings) {
            await look(at: body, from: feed.url, as: kind, &findings)
            await lookAtForgePath(kind, &findings)
        }
    }

    private func look(
        at body: [UInt8], from url: String, as kind: UpdateFeed.Kind, platforms: [String]? = nil,
        _ findings: inout ReleaseFindings
    ) async {
        let reading: FeedReading
        var compared = previous
        switch kind {
        case .sparkle:
            let sparkle = SparkleFeed(place: place, base: url)
            reading = sparkle.reading(of: body, expecting: expectation.version)
            compared = comparedPrevious(sparkle, body, reading.offer, &findings)
        case .electron: reading = ElectronFeed(place: place, base: url).reading(of: body)
        case .tauri:
            reading = TauriFeed(place: place, base: url).reading(of: body, platforms: platforms ?? feed.platforms)
        }
        findings.faults += reading.faults
        guard let offer = reading.offer else { return }
        let rules = FeedRules(place: place, kind: kind, version: expectation.version, previous: previous)
        let faults = rules.faults(of: offer, comparedPrevious: compared)
        findings.faults += faults
        findings.notes += offer.notes
        if faults.isEmpty, reading.faults.isEmpty {
            findings.held.append("\(place): it announces \(oneLine(offer.released)).")
        }
        if previous == nil {
            findings.notes.append(
                "\(place): whether the version is newer was not looked at, since no previous one is known: say --previous."
            )
        }
        for page in offer.pages { await look(atPage: page, &findings) }
        for file in offer.files { await FileInspection(file, by: self).look(&findings) }
    }

    /// What clients of the previous version compare: its own entry in the feed says so, else it is the version itself where the
    /// release's is.
    private func comparedPrevious(
        _ sparkle: SparkleFeed, _ body: [UInt8], _ offer: FeedOffer?, _ findings: inout ReleaseFindings
    ) -> String? {
        guard let previous, let offer else { return nil }
        if let compared = sparkle.compared(of: body, shown: previous) { return compared }
        if offer.shownVersion == nil || offer.shownVersion == offer.version { return previous }
        findings.notes.append(
            "\(place): whether \(oneLine(offer.version)) is newer was not looked at, since no item says which sparkle:version"
                + " \(oneLine(previous)) has.")
        return nil
    }

    private func look(atPage page: String, _ findings: inout ReleaseFindings) async {
        do throws(FileFailure) { try await caller.probe(page) } catch {
            findings.add(
                error, "page \(shownAddress(page))", "The release notes that the feed names are not there.",
                remedy: "Publish them, or correct the feed.")
        }
    }

    /// The body that an address answers with, and whose it is; nil where that is a finding.
    private func body(
        _ url: String, _ findings: inout ReleaseFindings
    ) async -> (kind: UpdateFeed.Kind, body: [UInt8])? {
        do throws(FileFailure) {
            let answer = try await caller.feed(url)
            guard answer.status == 200 else {
                findings.faults.append(
                    ReleaseFault(
                        .notOffered, place, "It says that there is no update.", expected: expectation.version,
                        found: "204", remedy: "Publish the release to the server of the feed."))
                return nil
            }
            return (feed.kind(of: answer.body), answer.body)
        } catch {
            switch error {
            case .tooLarge:
                findings.faults.append(
                    ReleaseFault(
                        .feedUnreadable, place, "It is larger than any feed.",
                        expected: "at most \(FileCaller.feedLimit) bytes",
                        remedy: "See what is served there in place of the feed."))
            case .dead, .unreachable:
                findings.add(
                    error, place, "Clients do not get it.",
                    remedy: "Publish it at this address, where clients ask for it.")
            }
            return nil
        }
    }

    /// A server of Tauri's answers for a platform and the version that a client runs.
    private func lookAtServer(_ findings: inout ReleaseFindings) async {
        if previous == nil {
            findings.notes.append("\(place): it was asked as by a client of 0.0.0, since no previous version is known.")
        }
        let platforms = feed.platforms.isEmpty ? ["linux-x86_64"] : feed.platforms
        for platform in platforms {
            let old = address(platform, SemanticVersion(previous ?? "0.0.0")?.text ?? previous ?? "0.0.0")
            if let (kind, body) = await body(old, &findings) {
                await look(at: body, from: old, as: kind, platforms: [platform], &findings)
            }
            do throws(FileFailure) {
                let answer = try await caller.feed(address(platform, expectation.version))
                guard answer.status == 200 else { continue }
                let reading = TauriFeed(place: place, base: old).reading(of: answer.body, platforms: [platform])
                guard let offered = reading.offer.flatMap({ SemanticVersion($0.version) }),
                    let own = SemanticVersion(expectation.version), own.isLessByBuild(than: offered)
                else { continue }
                findings.faults.append(
                    ReleaseFault(
                        .otherVersion, place, "Clients of the release itself are offered another version.",
                        expected: "204, no update", found: oneLine(offered.text),
                        remedy: "See why the server holds the release for outdated."))
            } catch {
                findings.add(
                    error, place, "Clients of the release itself get no answer.",
                    remedy: "Let the server answer 204 where there is no update.")
            }
        }
    }

    private func address(_ platform: String, _ version: String) -> String {
        let parts = platform.split(separator: "-", maxSplits: 1).map(String.init)
        return feed.url.replacing("{{target}}", with: percentEncoded(parts[0]))
            .replacing("{{arch}}", with: percentEncoded(parts.count > 1 ? parts[1] : ""))
            .replacing("{{current_version}}", with: percentEncoded(version))
    }

    /// With GitHub as its provider, electron-updater finds the feed through two more addresses.
    private func lookAtForgePath(_ kind: UpdateFeed.Kind, _ findings: inout ReleaseFindings) async {
        guard kind == .electron, let releases = feed.url.range(of: "/releases/download/")?.lowerBound,
            !expectation.isPrerelease
        else { return }
        let base = feed.url[..<releases] + "/releases"
        do throws(FileFailure) {
            let atom = String(decoding: try await caller.feed("\(base).atom").body, as: UTF8.self)
            if !atom.contains("/releases/tag/\(expectation.tag)") {
                findings.faults.append(
                    ReleaseFault(
                        .notOffered, "feed \(shownAddress("\(base).atom"))", "It does not list the release.",
                        expected: expectation.tag, remedy: "Publish the release; a draft is not listed."))
            }
            let latest = try await caller.feed("\(base)/latest", accept: "application/json")
            let tag = (try? JSONParser.value(of: latest.body))?.object?["tag_name"]
            if tag != JSONValue(expectation.tag) {
                var found: String?
                if case .string(let text)? = tag { found = clipped(oneLine(text.text), bytes: 200) }
                findings.faults.append(
                    ReleaseFault(
                        .notOffered, "release \(shownAddress("\(base)/latest"))",
                        "The release is not the latest one, which clients ask for.", expected: expectation.tag,
                        found: found, remedy: "Mark the release as the latest one."))
            }
        } catch {
            findings.add(
                error, "feed \(shownAddress("\(base).atom"))", "Clients do not find the latest release.",
                remedy: "See that the repository's releases are public.")
        }
    }

    private func isLocal(_ url: String) -> Bool {
        URLComponents(string: url.replacing("{{", with: "").replacing("}}", with: ""))?.host.map(isLoopback(host:))
            ?? false
    }
}

extension ReleaseFindings {
    /// Adds why a file could not be had: as a fault where nobody gets it, else as what could not be asked.
    mutating func add(_ failure: FileFailure, _ place: String, _ what: String, remedy: String) {
        switch failure {
        case .dead(let reason): faults.append(ReleaseFault(.deadURL, place, what, found: reason, remedy: remedy))
        case .tooLarge(let reason): faults.append(ReleaseFault(.size, place, what, found: reason, remedy: remedy))
        case .unreachable(let reason): unasked.append(Unasked(place, reason))
        }
    }
}
