import Foundation
import HotfixCore
import Yams

/// Reads `latest.yml` and its siblings as electron-updater does.
struct ElectronFeed {
    let place: String
    /// The address of the feed, whose directory relative ones start from.
    let base: String

    /// What the feed offers.
    func reading(of body: [UInt8]) -> FeedReading {
        guard let text = String(validating: body, as: UTF8.self) else { return unreadable("it is not UTF-8") }
        if let objection = FeedYAML(text).objection { return unreadable(objection) }
        let root: Node
        do {
            guard let node = try compose(yaml: text, .default, .default, .utf8) else {
                return unreadable("it is empty")
            }
            root = node
        } catch let error as YamlError {
            return unreadable(words(error))
        } catch {
            return unreadable("it is not valid YAML")
        }
        guard case .mapping(let top) = root else { return unreadable("it is no mapping") }
        guard let version = top["version"]?.scalar?.string, !version.isEmpty else {
            return unreadable("it names no version")
        }
        var reading = FeedReading(offer: FeedOffer(version: version))
        if let share = top["stagingPercentage"]?.scalar?.string, Double(share).map({ $0 <= 0 }) == true {
            reading.faults.append(
                ReleaseFault(
                    .notOffered, place, "It is staged to 0 % of the clients, so that it is offered to nobody.",
                    expected: "a stagingPercentage above 0", found: shown(share),
                    remedy: "Raise the stagingPercentage, or take it out."))
        } else if let share = top["stagingPercentage"]?.scalar?.string, share != "100" {
            reading.offer?.notes.append(
                "\(place): it is staged to \(clipped(oneLine(share), bytes: 40)) % of the clients, so that not everybody is offered it yet."
            )
        }
        if let files = top["files"], files.sequence == nil { return unreadable("its 'files' is no list") }
        let entries = top["files"]?.sequence.map(Array.init) ?? []
        if entries.isEmpty {
            // Only feeds of long ago have these two alone.
            add(top, key: "path", to: &reading)
        } else {
            for case .mapping(let entry) in entries { add(entry, key: "url", to: &reading) }
            if !entries.allSatisfy({ $0.mapping != nil }) {
                reading.faults.append(
                    ReleaseFault(
                        .feedUnreadable, place, "An entry of its 'files' names no file, so that clients fail on it.",
                        expected: "url, sha512 and size", remedy: "Publish the feed that electron-builder writes."))
            }
        }
        if reading.offer?.files.isEmpty == true, reading.faults.isEmpty {
            reading.faults.append(
                ReleaseFault(
                    .notOffered, place, "It names no file.", remedy: "Publish the feed that electron-builder writes."))
        }
        let isForMac = base.prefix { $0 != "?" && $0 != "#" }.hasSuffix("-mac.yml")
        if isForMac, let files = reading.offer?.files, !files.isEmpty,
            !files.contains(where: { $0.name.hasSuffix(".zip") })
        {
            reading.faults.append(
                ReleaseFault(
                    .notOffered, place, "It names no .zip, without which clients on macOS update nothing.",
                    expected: "the .zip beside the .dmg", remedy: "Build the target zip for macOS, too."))
        }
        return reading
    }

    private func add(_ entry: Node.Mapping, key: String, to reading: inout FeedReading) {
        guard let text = entry[key]?.scalar?.string, let url = absoluteAddress(encoded(text), at: base) else {
            reading.faults.append(
                ReleaseFault(
                    .deadURL, place, "A file of it has no address.", expected: "'\(key)'",
                    remedy: "Publish the feed that electron-builder writes."))
            return
        }
        var file = FeedFile(url: url)
        if let size = entry["size"]?.scalar?.string {
            file.size = byteCount(size)
            if file.size == nil {
                reading.faults.append(
                    ReleaseFault(
                        .size, file.place, "The feed's size of it is none of a file.", found: shown(size),
                        remedy: "Publish the feed that electron-builder writes."))
            }
        }
        let digest = entry["sha512"]?.scalar?.string
        file.sha512 = digest.flatMap(digestBytes)
        if file.sha512 == nil {
            reading.faults.append(
                ReleaseFault(
                    .digest, file.place,
                    digest == nil ? "The feed gives no sha512 for it." : "Its sha512 is no digest.",
                    expected: "64 bytes in base64", found: digest.map(shown),
                    remedy: "Publish the feed that electron-builder writes."))
        }
        reading.offer?.files.append(file)
    }

    /// GitHub calls a file with blanks in its name otherwise, and the client knows it.
    private func encoded(_ text: String) -> String {
        base.contains("/releases/") && base.contains("/download/") ? text.replacing(" ", with: "-") : text
    }

    private func digestBytes(_ text: String) -> [UInt8]? {
        if text.utf8.count == 128, let bytes = bytes(ofHexadecimal: text) { return bytes }
        guard let data = Data(base64Encoded: text), data.count == 64 else { return nil }
        return Array(data)
    }

    private func unreadable(_ why: String) -> FeedReading {
        FeedReading(faults: [
            ReleaseFault(
                .feedUnreadable, place, "It is no feed of electron-updater: \(why).",
                remedy:
                    "Publish the feed that electron-builder writes; a login page in its place means that it is not public."
            )
        ])
    }

    private func words(_ error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line): \(clipped(oneLine(problem), bytes: 200))"
        default: "it is not valid YAML"
        }
    }

    private func shown(_ text: String) -> String { "'\(clipped(oneLine(text), bytes: 200))'" }
}

/// The bytes that hexadecimal digits write; nil where the text is none.
func bytes(ofHexadecimal text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
        let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
        guard !pair.hasPrefix("+"), !pair.hasPrefix("-"), let byte = UInt8(pair, radix: 16) else { return nil }
        bytes.append(byte)
    }
    return bytes
}
