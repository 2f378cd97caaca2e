import Foundation
import HotfixCore

/// Reads what Tauri's updater asks: one file for all platforms, or a server's answer for one.
struct TauriFeed {
    let place: String
    /// The address that was asked.
    let base: String

    /// What the feed offers.
    ///
    /// - Parameters:
    ///   - body: The JSON.
    ///   - platforms: Those that it has to serve; every one that it names where this is empty.
    /// - Returns: The offer, and what of the feed is wrong.
    func reading(of body: [UInt8], platforms: [String]) -> FeedReading {
        let value: JSONValue
        do { value = try JSONParser.value(of: body) } catch {
            return unreadable("it is no JSON: \(error.line):\(error.column): \(error.message)")
        }
        guard let top = value.object else { return unreadable("it is no object") }
        guard case .string(let version)? = top["version"], !version.text.isEmpty else {
            return unreadable("it names no version")
        }
        var reading = FeedReading(offer: FeedOffer(version: version.text))
        if let date = top["pub_date"], date != .null, !isDate(date) {
            reading.faults.append(
                ReleaseFault(
                    .feedUnreadable, place, "Its pub_date is none of RFC 3339, so that clients refuse the feed.",
                    expected: "a time such as 2026-11-20T10:00:00Z", found: shown(date.text),
                    remedy: "Write the date so, or leave it out."))
        }
        if let objection = objection(to: top) { return unreadable(objection) }
        guard let served = top["platforms"]?.object else {
            add(top, nil, to: &reading)
            return reading
        }
        let wanted = platforms.isEmpty ? served.members.map(\.key.text) : platforms
        for platform in wanted {
            if let entry = (served[JSONString(platform)] ?? served[JSONString(withoutBundle(platform))])?.object {
                add(entry, platform, to: &reading)
            } else {
                reading.faults.append(
                    ReleaseFault(
                        .platformMissing, place,
                        "It has no entry for '\(shown(platform))', where clients then get an error.",
                        expected: platform,
                        found: clipped(
                            oneLine(served.members.map(\.key.text).joined(separator: ", ")), bytes: 300),
                        remedy: "Build for the platform, and add its entry."))
            }
        }
        // Clients ask for the entry of their bundle before that of their platform.
        for (key, value) in served.members.map({ ($0.key.text, $0.value) })
        where !wanted.contains(key) && wanted.contains(withoutBundle(key)) {
            add(value.object ?? [:], key, to: &reading)
        }
        if wanted.isEmpty {
            reading.faults.append(
                ReleaseFault(.notOffered, place, "It serves no platform.", remedy: "Add the platforms of the release."))
        }
        return reading
    }

    private func add(_ entry: JSONObject, _ platform: String?, to reading: inout FeedReading) {
        let whose = platform.map { " of '\(shown($0))'" } ?? ""
        guard case .string(let text)? = entry["url"], let url = absoluteAddress(text.text, at: "") else {
            reading.faults.append(
                ReleaseFault(
                    .deadURL, place, "The url\(whose) is no whole address of http or https.",
                    remedy: "Write the address that the bundle is at."))
            return
        }
        var file = FeedFile(url: url)
        if case .string(let text)? = entry["signature"], let signature = MinisignSignature(wrapped: text.text) {
            file.signature = .minisign(signature)
        } else {
            reading.faults.append(
                ReleaseFault(
                    .signature, file.place, "The signature\(whose) is none of minisign's.",
                    expected: "the whole text of the .sig file, in base64",
                    remedy: "Copy the content of the .sig file that the build wrote, not its address."))
        }
        reading.offer?.files.append(file)
    }

    /// Why clients refuse the whole file, whatever their platform is; nil where they do not.
    private func objection(to top: JSONObject) -> String? {
        if let notes = top["notes"], notes != .null, text(of: notes) == nil { return "its notes are no text" }
        guard let platforms = top["platforms"], platforms != .null else { return nil }
        guard let served = platforms.object else { return "its platforms are no object" }
        for (platform, entry) in served.members.map({ ($0.key.text, $0.value.object) }) {
            guard let url = text(of: entry?["url"]), absoluteAddress(url, at: "") != nil,
                text(of: entry?["signature"]) != nil
            else {
                return
                    "its entry '\(shown(platform))' has no whole address or no signature, so that clients of all platforms fail"
            }
        }
        return nil
    }

    private func text(of value: JSONValue?) -> String? {
        guard case .string(let text)? = value else { return nil }
        return text.text
    }

    private func isDate(_ value: JSONValue) -> Bool {
        guard case .string(let text) = value else { return false }
        let form = /[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+\-][0-9]{2}:[0-9]{2})/
        guard let match = text.text.wholeMatch(of: form), !match.output.0.isEmpty else { return false }
        return Instant(text: text.text.uppercased()) != nil
    }

    /// `linux-x86_64` of `linux-x86_64-appimage`.
    private func withoutBundle(_ platform: String) -> String { TauriPlatform(platform).name }

    private func unreadable(_ why: String) -> FeedReading {
        FeedReading(faults: [
            ReleaseFault(
                .feedUnreadable, place, "It is no feed of Tauri's updater: \(why).",
                remedy:
                    "Publish latest.json as the build writes it; a login page in its place means that it is not public."
            )
        ])
    }

    private func shown(_ text: String) -> String { clipped(oneLine(text), bytes: 100) }
}
