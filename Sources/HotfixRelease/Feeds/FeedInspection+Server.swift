import HotfixCore
import HotfixHTTP

extension FeedInspection {
    /// A server of Tauri's answers for a platform and the version that a client runs.
    func lookAtServer(_ findings: inout ReleaseFindings) async {
        if previous == nil {
            findings.notes.append("\(place): it was asked as by a client of 0.0.0, since no previous version is known.")
        }
        for platform in feed.platforms.isEmpty ? ["linux-x86_64"] : feed.platforms {
            let before = SemanticVersion(previous ?? "0.0.0")?.text ?? previous ?? "0.0.0"
            guard let old = address(platform, before), let new = address(platform, expectation.version) else {
                findings.unasked.append(
                    ReleaseFindings.Unasked(
                        place,
                        "Its address has a word in braces that is none of Tauri's, or {{bundle_type}} where the platform"
                            + " '\(clipped(oneLine(platform), bytes: 100))' names no bundle: write one such as linux-x86_64-appimage.",
                        isMisconfigured: true))
                continue
            }
            if let (kind, body) = await body(old, &findings) {
                await look(at: body, from: old, as: kind, platforms: [platform], &findings)
            }
            await lookAsUpdated(platform, at: new, &findings)
        }
    }

    /// What a client of the release itself is answered.
    private func lookAsUpdated(_ platform: String, at url: String, _ findings: inout ReleaseFindings) async {
        do throws(FileFailure) {
            let answer = try await caller.feed(url)
            guard answer.status == 200 else { return }
            let reading = TauriFeed(place: place, base: url).reading(of: answer.body, platforms: [platform])
            guard let own = SemanticVersion(expectation.version) else { return }
            guard let offer = reading.offer, let offered = SemanticVersion(offer.version) else {
                findings.faults.append(
                    ReleaseFault(
                        .feedUnreadable, place, "Clients of the release itself get an answer that they cannot read.",
                        expected: "204, no update",
                        found: reading.offer.map { clipped(oneLine($0.version), bytes: 200) },
                        remedy: "Let the server answer 204 where there is no update."))
                return
            }
            guard own.isLessByBuild(than: offered) else { return }
            findings.faults.append(
                ReleaseFault(
                    .otherVersion, place, "Clients of the release itself are offered another version.",
                    expected: "204, no update", found: clipped(oneLine(offered.text), bytes: 200),
                    remedy: "See why the server holds the release for outdated."))
        } catch {
            findings.add(
                error, place, "Clients of the release itself get no answer.",
                remedy: "Let the server answer 204 where there is no update.")
        }
    }

    /// What a client asks; nil where the address needs something that is not known.
    private func address(_ name: String, _ version: String) -> String? {
        let platform = TauriPlatform(name)
        var url = feed.url.replacing("{{target}}", with: percentEncoded(platform.target))
            .replacing("{{arch}}", with: percentEncoded(platform.arch))
            .replacing("{{current_version}}", with: percentEncoded(version))
        if let bundle = platform.bundle { url = url.replacing("{{bundle_type}}", with: percentEncoded(bundle)) }
        return url.contains("{{") || url.contains("}}") ? nil : url
    }
}
