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

    var place: String { feed.place }

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
            if kind == .electron { await ForgePath(feed, expectation, caller).look(&findings) }
        }
    }

    func look(
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
        findings.skipped += offer.skipped
        if faults.isEmpty, reading.faults.isEmpty {
            findings.held.append("\(place): it announces \(oneLine(offer.released)).")
        }
        noteNewness(kind, &findings)
        for page in offer.pages { await look(atPage: page, &findings) }
        if offer.files.count > Self.fileLimit {
            findings.faults.append(
                ReleaseFault(
                    .feedUnreadable, place, "It names more files than any feed.",
                    expected: "at most \(Self.fileLimit)", found: "\(offer.files.count)",
                    remedy: "See what is served there in place of the feed."))
        }
        for file in offer.files.prefix(Self.fileLimit) { await FileInspection(file, by: self).look(&findings) }
    }

    /// Above this, the files of a feed are not all asked for.
    private static let fileLimit = 200

    /// Says where it is not known whether the version is newer than the previous one.
    private func noteNewness(_ kind: UpdateFeed.Kind, _ findings: inout ReleaseFindings) {
        guard let previous else {
            findings.skipped.append(
                "\(place): whether the version is newer, since no previous one is known: say --previous.")
            return
        }
        guard kind != .sparkle, SemanticVersion(previous) == nil else { return }
        findings.unasked.append(
            ReleaseFindings.Unasked(
                place,
                "Whether the version is newer is not known, since the previous one, '\(clipped(oneLine(previous), bytes: 200))', is none"
                    + " of semver.org: say --previous with three numbers."))
    }

    /// What clients of the previous version compare: its own entry in the feed says so, else it is the version itself where the
    /// release's is.
    private func comparedPrevious(
        _ sparkle: SparkleFeed, _ body: [UInt8], _ offer: FeedOffer?, _ findings: inout ReleaseFindings
    ) -> String? {
        guard let previous, let offer else { return nil }
        if let compared = sparkle.compared(of: body, shown: previous) { return compared }
        if offer.shownVersion == nil || offer.shownVersion == offer.version { return previous }
        findings.skipped.append(
            "\(place): whether \(oneLine(offer.version)) is newer, since no item says which sparkle:version"
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
    func body(
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
