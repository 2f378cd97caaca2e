import Foundation
import HotfixCore
import HotfixHTTP

/// With GitHub as its provider, electron-updater finds a feed through the list of releases and the latest of them.
struct ForgePath {
    private let feed: UpdateFeed
    private let expectation: ReleaseExpectation
    private let caller: FileCaller

    init(_ feed: UpdateFeed, _ expectation: ReleaseExpectation, _ caller: FileCaller) {
        self.feed = feed
        self.expectation = expectation
        self.caller = caller
    }

    /// Looks at what leads to the feed; nothing where it is not among the files of a release.
    func look(_ findings: inout ReleaseFindings) async {
        guard !expectation.isPrerelease else { return }
        let ways = ["/releases/latest/download/", "/releases/download/"]
        guard let way = ways.compactMap({ feed.url.range(of: $0) }).first else { return }
        let base = "\(feed.url[..<way.lowerBound])/releases"
        await lookAtList(base, &findings)
        await lookAtLatest(base, &findings)
        if feed.url[way] == ways[0] { await lookAtTagged("\(base)/download/", feed.url[way.upperBound...], &findings) }
    }

    private func lookAtList(_ base: String, _ findings: inout ReleaseFindings) async {
        let place = "feed \(shownAddress("\(base).atom"))"
        do throws(FileFailure) {
            let body = try await caller.feed("\(base).atom").body
            guard let root = try? FeedXMLReader.root(of: body) else {
                findings.faults.append(
                    ReleaseFault(
                        .feedUnreadable, place, "It is no list of releases.",
                        remedy: "See that the repository's releases are public."))
                return
            }
            guard !links(in: root).contains(where: { isRelease($0, below: base) }) else { return }
            findings.faults.append(
                ReleaseFault(
                    .notOffered, place, "It does not list the release.", expected: expectation.tag,
                    remedy: "Publish the release; a draft is not listed."))
        } catch {
            findings.add(
                error, place, "Clients do not find the latest release.",
                remedy: "See that the repository's releases are public.")
        }
    }

    /// The addresses that the list and its entries lead to.
    private func links(in root: FeedElement) -> [String] {
        ([root] + root.children.filter { $0.name.local == "entry" }).flatMap { element in
            element.children.filter { $0.name.local == "link" }
                .compactMap { $0.attributes[FeedElement.Name(local: "href")] }
        }
    }

    /// Whether an address is that of the release's page, and not of one whose tag only begins so.
    private func isRelease(_ address: String, below base: String) -> Bool {
        guard let url = URL(string: address, relativeTo: URL(string: base))?.absoluteURL else { return false }
        return url.path(percentEncoded: false)
            == "\(URL(string: base)?.path(percentEncoded: false) ?? "")/tag/\(expectation.tag)"
    }

    private func lookAtLatest(_ base: String, _ findings: inout ReleaseFindings) async {
        let place = "release \(shownAddress("\(base)/latest"))"
        do throws(FileFailure) {
            let latest = try await caller.feed("\(base)/latest", accept: "application/json")
            let value = (try? JSONParser.value(of: latest.body))?.object?["tag_name"]
            var found: String?
            if case .string(let text)? = value { found = text.text }
            guard found != expectation.tag else { return }
            let shown = found.map { clipped(oneLine($0), bytes: 200) }
            if let shown, let found = SemanticVersion(version(ofTag: shown)),
                let own = SemanticVersion(expectation.version), own < found
            {
                findings.notes.append(
                    "\(place): the latest release is \(shown), which is higher; clients that ask for the latest are offered that one."
                )
                return
            }
            findings.faults.append(
                ReleaseFault(
                    .notOffered, place, "The release is not the latest one, which clients ask for.",
                    expected: expectation.tag, found: shown, remedy: "Mark the release as the latest one."))
        } catch {
            findings.add(
                error, place, "Clients do not find the latest release.",
                remedy: "See that the repository's releases are public.")
        }
    }

    /// The feed of the release itself, which is what clients read in the end.
    private func lookAtTagged(_ base: String, _ name: Substring, _ findings: inout ReleaseFindings) async {
        let url = "\(base)\(percentEncodedTag)/\(name)"
        let place = "feed \(shownAddress(url))"
        do throws(FileFailure) {
            let reading = ElectronFeed(place: place, base: url).reading(of: try await caller.feed(url).body)
            findings.faults += reading.faults
            guard let offer = reading.offer else { return }
            let rules = FeedRules(place: place, kind: .electron, version: expectation.version, previous: nil)
            findings.faults += rules.faults(of: offer, comparedPrevious: nil)
        } catch {
            findings.add(
                error, place, "Clients do not get the feed of the release.", remedy: "Upload it to the release.")
        }
    }

    private var percentEncodedTag: String {
        expectation.tag.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed.subtracting(["/"]))
            ?? expectation.tag
    }
}
