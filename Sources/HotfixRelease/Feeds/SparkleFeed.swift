import Foundation
import HotfixCore

/// Reads appcasts as Sparkle 2 does.
struct SparkleFeed {
    let place: String
    /// The address of the feed, which relative ones start from.
    let base: String

    /// Names that are Sparkle's own; the prefix that a feed gives them does not matter.
    private static func own(_ local: String) -> FeedElement.Name {
        FeedElement.Name(namespace: "http://www.andymatuschak.org/xml-namespaces/sparkle", local: local)
    }
    private static func plain(_ local: String) -> FeedElement.Name { FeedElement.Name(local: local) }

    private struct Item {
        var version: String
        var shownVersion: String?
        var enclosure: FeedElement?
        var element: FeedElement
    }

    /// What the feed offers to clients of the standard channel: the highest version for macOS, wherever it stands.
    ///
    /// - Parameters:
    ///   - body: The appcast.
    ///   - expected: The version of the release.
    /// - Returns: The offer, and what of the feed is wrong.
    func reading(of body: [UInt8], expecting expected: String) -> FeedReading {
        let root: FeedElement
        do { root = try FeedXMLReader.root(of: body) } catch {
            return FeedReading(faults: [
                ReleaseFault(
                    .feedUnreadable, place, "It is no XML: line \(error.line): \(error.message).",
                    remedy:
                        "Publish the appcast that generate_appcast writes; a login page in its place means that it is not public."
                )
            ])
        }
        let items = root.child(Self.plain("channel"))?.all(Self.plain("item")) ?? []
        var faults: [ReleaseFault] = []
        // No client compares versions of such a length, and nobody waits until it has.
        guard items.allSatisfy({ (item($0)?.version.utf8.count ?? 0) <= 500 }) else {
            return FeedReading(faults: [
                ReleaseFault(
                    .feedUnreadable, place, "The version of an item has more than 500 bytes.",
                    remedy: "Publish the appcast that generate_appcast writes.")
            ])
        }
        let offered = items.compactMap(item).filter(isForEverybody)
        guard root.name.local == "rss", let best = offered.max(by: { order($0, $1) }) else {
            let what = items.isEmpty ? "It is no appcast, or one without items." : "None of its items is for everybody."
            faults.append(
                ReleaseFault(
                    .feedUnreadable, place, what, expected: "an item of version \(expected)",
                    found: "<\(clipped(oneLine(root.name.local), bytes: 60))> with \(count(items.count, "item"))",
                    remedy:
                        "Add the item of the release to it, without a channel, for macOS, and without a highest version of it."
                ))
            return FeedReading(faults: faults)
        }
        var offer = FeedOffer(version: best.version, shownVersion: best.shownVersion)
        if let interval = best.element.child(Self.own("phasedRolloutInterval"))?.words {
            offer.notes.append(
                "\(place): it rolls out in phases of \(clipped(oneLine(interval), bytes: 40)) s, so that not everybody is offered it yet."
            )
        }
        if let oldest = best.element.child(Self.own("minimumSystemVersion"))?.words {
            offer.notes.append(
                "\(place): it is offered from macOS \(clipped(oneLine(oldest), bytes: 40)) on; clients on older ones are offered something else, or nothing."
            )
        }
        if body.suffix(4096).firstRange(of: Array("sparkle-signatures:".utf8)) != nil {
            offer.skipped.append("\(place): the feed itself is signed, and this signature was not verified.")
        }
        add(best, to: &offer, &faults)
        return FeedReading(offer: offer, faults: faults)
    }

    /// What the client compares for a version that people know, where an item of the feed says it.
    func compared(of body: [UInt8], shown: String) -> String? {
        guard let root = try? FeedXMLReader.root(of: body) else { return nil }
        let items = root.child(Self.plain("channel"))?.all(Self.plain("item")) ?? []
        return items.compactMap(item).first { ($0.shownVersion ?? $0.version) == shown }?.version
    }

    private func order(_ one: Item, _ other: Item) -> Bool {
        SparkleVersion(one.version) < SparkleVersion(other.version)
    }

    private func item(_ element: FeedElement) -> Item? {
        let enclosure = element.child(Self.plain("enclosure"))
        func value(_ name: String) -> String? {
            let attribute = enclosure?.attributes[Self.own(name)]
            return attribute.flatMap { $0.isEmpty ? nil : $0 } ?? element.child(Self.own(name))?.words
        }
        // As of old, where a version stands only in the name of the archive: Name_1.2.zip.
        let guessed = enclosure?.attributes[Self.plain("url")].flatMap(versionInName)
        guard let version = value("version") ?? guessed else { return nil }
        guard enclosure != nil || element.child(Self.plain("link"))?.words != nil else { return nil }
        return Item(
            version: version, shownVersion: value("shortVersionString"), enclosure: enclosure, element: element)
    }

    private func isForEverybody(_ item: Item) -> Bool {
        guard item.element.child(Self.own("channel"))?.words == nil else { return false }
        guard item.element.child(Self.own("maximumSystemVersion"))?.words == nil else { return false }
        let system = item.enclosure?.attributes[Self.own("os")] ?? ""
        return system.isEmpty || system == "macos"
    }

    private func versionInName(_ url: String) -> String? {
        let name = url.split(separator: "/").last.map(String.init) ?? ""
        guard let underscore = name.lastIndex(of: "_") else { return nil }
        let rest = name[name.index(after: underscore)...]
        guard let dot = rest.lastIndex(of: ".") else { return nil }
        return String(rest[..<dot])
    }

    private func add(_ item: Item, to offer: inout FeedOffer, _ faults: inout [ReleaseFault]) {
        for link in ["releaseNotesLink", "fullReleaseNotesLink"] {
            guard let text = item.element.child(Self.own(link))?.words else { continue }
            if let url = absoluteAddress(text, at: base) {
                offer.pages.append(url)
            } else {
                faults.append(invalid(text, "sparkle:\(link)"))
            }
        }
        guard let enclosure = item.enclosure else {
            faults.append(
                ReleaseFault(
                    .notOffered, place,
                    "The item of version \(shown(item.version)) has no enclosure: it only leads to a page.",
                    remedy: "Add the archive of the release as its enclosure."))
            return
        }
        if let page = item.element.child(Self.own("informationalUpdate")), page.children.isEmpty {
            faults.append(
                ReleaseFault(
                    .notOffered, place,
                    "The item of version \(shown(item.version)) is a sparkle:informationalUpdate: clients show a page and install nothing.",
                    remedy: "Take sparkle:informationalUpdate out, or name the versions in it that it is for."))
        }
        add(enclosure, isRequired: true, to: &offer, &faults)
        let deltas = item.element.child(Self.own("deltas"))?.all(Self.plain("enclosure")) ?? []
        for delta in deltas { add(delta, isRequired: false, to: &offer, &faults) }
    }

    private func add(
        _ enclosure: FeedElement, isRequired: Bool, to offer: inout FeedOffer, _ faults: inout [ReleaseFault]
    ) {
        let text = enclosure.attributes[Self.plain("url")] ?? ""
        guard let url = absoluteAddress(text, at: base) else {
            faults.append(invalid(text, isRequired ? "enclosure" : "delta's enclosure"))
            return
        }
        var file = FeedFile(url: url, isDelta: !isRequired)
        let length = enclosure.attributes[Self.plain("length")]
        file.size = byteCount(length)
        if file.size == nil {
            faults.append(
                ReleaseFault(
                    .size, file.place,
                    length == nil ? "The feed gives no length for it." : "Its length in the feed is none of a file.",
                    expected: "its size in bytes",
                    found: length.map(shown), remedy: "Write the length of the archive into the enclosure."))
        }
        let signature = enclosure.attributes[Self.own("edSignature")]
        if let bytes = signature.flatMap({ Data(base64Encoded: $0) }), bytes.count == 64 {
            file.signature = .plain(Array(bytes))
        } else {
            faults.append(
                ReleaseFault(
                    .signature, file.place,
                    signature == nil
                        ? "The feed gives no sparkle:edSignature for it." : "Its sparkle:edSignature is no signature.",
                    expected: "64 bytes in base64", found: signature.map(shown),
                    remedy: "Sign the archive with sign_update, and publish the feed again."))
        }
        offer.files.append(file)
    }

    private func invalid(_ text: String, _ what: String) -> ReleaseFault {
        ReleaseFault(
            .deadURL, place, "Its \(what) is no address of http or https.", found: shown(text),
            remedy: "Write the address that the file is at.")
    }

    private func shown(_ text: String) -> String { "'\(clipped(oneLine(text), bytes: 200))'" }
}
