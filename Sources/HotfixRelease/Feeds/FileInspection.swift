import Foundation
import HotfixCore

/// Looks at a file that a feed names: whether it answers, with as many bytes as announced, and with those that were signed.
struct FileInspection {
    private let file: FeedFile
    private let feed: UpdateFeed
    private let caller: FileCaller
    private let isFull: Bool
    /// The asset of the release that has its name; nil where there is none.
    private let asset: ReleaseAsset?
    /// The artifacts of the release; none where they are not known.
    private let assets: [ReleaseAsset]
    private let tag: String

    init(_ file: FeedFile, by inspection: FeedInspection) {
        self.file = file
        feed = inspection.feed
        caller = inspection.caller
        isFull = inspection.expectation.isFull
        asset = inspection.assets.first { $0.name == file.name }
        assets = inspection.assets
        tag = inspection.expectation.tag
    }

    /// Looks at the file.
    func look(_ findings: inout ReleaseFindings) async {
        let before = findings
        checkKey(&findings)
        noteScheme(&findings)
        checkRelease(&findings)
        var comparisons: [String] = []
        if isFull {
            comparisons = await download(&findings)
        } else {
            await probe(&findings)
        }
        guard findings.faults == before.faults, findings.unasked == before.unasked else { return }
        if !isFull {
            findings.held.append("\(file.place): it answers.")
        } else if comparisons.isEmpty {
            findings.unasked.append(
                ReleaseFindings.Unasked(
                    file.place,
                    "It was downloaded, and there is nothing to compare it with: no digest, no signature with a key, no artifact of"
                        + " its name. Configure the feed with its public_key."))
        } else {
            findings.held.append(
                "\(file.place): it was downloaded, and is what \(comparisons.joined(separator: ", ")) say\(comparisons.count == 1 ? "s" : "")."
            )
            if asset == nil, assets.isEmpty || file.isDelta {
                findings.notes.append(
                    "\(file.place): no artifact of the release is known that it could be compared with, so that its version is the feed's word."
                )
            }
        }
    }

    private func checkRelease(_ findings: inout ReleaseFindings) {
        guard let other = file.otherRelease(than: tag) else { return }
        findings.faults.append(
            ReleaseFault(
                .digest, file.place, "It is of another release, which clients then install again and again.",
                expected: clipped(oneLine(tag), bytes: 100), found: clipped(oneLine(other), bytes: 100),
                remedy: "Name the file of this release in the feed."))
    }

    private func noteScheme(_ findings: inout ReleaseFindings) {
        let url = URLComponents(string: file.url)
        guard url?.scheme?.lowercased() == "http", url?.host.map(isLoopback(host:)) != true else { return }
        findings.notes.append(
            "\(file.place): it is downloaded over plain http, where its signature alone guards it; serve it by https.")
    }

    /// What of a signature is known without the file.
    private func checkKey(_ findings: inout ReleaseFindings) {
        guard let signature = file.signature else { return }
        guard let text = feed.publicKey else {
            findings.skipped.append(
                "\(file.place): its signature was not verified, since no key is known: configure the feed with its public_key."
            )
            return
        }
        switch signature {
        case .plain:
            guard Self.plainKey(text) == nil else { return }
            findings.unasked.append(badKey("32 bytes in base64, as SUPublicEDKey has it"))
        case .minisign(let signature):
            guard let key = MinisignKey(text) else {
                findings.unasked.append(badKey("a key of minisign, as tauri.conf.json has it"))
                return
            }
            switch signature.objection(to: key) {
            case nil: break
            case .otherKey:
                findings.faults.append(
                    ReleaseFault(
                        .otherKey, file.place, "It is signed with another key than clients have.",
                        expected: "key \(key.name)", found: "key \(signature.keyName)",
                        remedy: "Sign it with the key that clients were built with."))
            case .changedComment, .otherBytes:
                findings.faults.append(
                    ReleaseFault(
                        .signature, file.place, "The trusted comment of its signature was changed.",
                        remedy: "Sign it anew, and publish the .sig file as it is."))
            }
        }
    }

    private func badKey(_ expected: String) -> ReleaseFindings.Unasked {
        ReleaseFindings.Unasked(
            feed.place, "Its public_key is none of the client's: write \(expected).", isMisconfigured: true)
    }

    private static func plainKey(_ text: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: text), data.count == 32 else { return nil }
        return Array(data)
    }

    private func probe(_ findings: inout ReleaseFindings) async {
        do throws(FileFailure) {
            let size = try await caller.size(file.url)
            checkSize(size, &findings)
            if size == nil {
                findings.unasked.append(
                    ReleaseFindings.Unasked(
                        file.place, "The server does not say how large it is. Run the command again without --quick."))
            }
        } catch {
            findings.add(error, file.place, "Clients do not get it.", remedy: "Publish it at this address.")
        }
    }

    private func checkSize(_ size: Int?, _ findings: inout ReleaseFindings) {
        guard let size else { return }
        if let announced = file.size, announced != size {
            findings.faults.append(
                ReleaseFault(
                    .size, file.place, "It is not as large as the feed says.", expected: "\(announced) bytes",
                    found: "\(size) bytes", remedy: "Publish the feed that was made with this file."))
        } else if let asset, asset.size != size {
            findings.faults.append(
                ReleaseFault(
                    .size, file.place, "It is not as large as the asset of the same name.",
                    expected: "\(asset.size) bytes", found: "\(size) bytes",
                    remedy: "Serve the file that the release holds."))
        } else if size == 0 {
            findings.faults.append(
                ReleaseFault(.size, file.place, "It is empty.", remedy: "Upload it again."))
        }
    }

    /// Downloads the file.
    ///
    /// - Returns: What its bytes were compared with.
    private func download(_ findings: inout ReleaseFindings) async -> [String] {
        var needs: FileNeeds = []
        switch file.signature {
        case .plain where feed.publicKey != nil: needs = .spool
        case .minisign(let signature) where feed.publicKey != nil: needs = signature.isPrehashed ? .blake2b : .spool
        case .plain, .minisign, nil: break
        }
        do throws(FileFailure) {
            let announced = [file.size, asset?.size].compactMap(\.self).min()
            let digests = try await caller.digests(file.url, announced: announced, needs: needs)
            checkSize(digests.size, &findings)
            var comparisons = checkDigests(digests, &findings)
            if try checkSignature(digests, &findings) { comparisons.append("the signature") }
            return comparisons
        } catch {
            findings.add(
                error, file.place, "Clients do not get what was announced.", remedy: "Publish it at this address.")
            return []
        }
    }

    private func checkDigests(_ digests: FileDigests, _ findings: inout ReleaseFindings) -> [String] {
        if let expected = file.sha512, expected != digests.sha512 {
            findings.faults.append(
                ReleaseFault(
                    .digest, file.place, "Its SHA-512 is not that of the feed, so that clients refuse it.",
                    expected: Data(expected).base64EncodedString(), found: Data(digests.sha512).base64EncodedString(),
                    remedy: "Publish the feed that was made with this file."))
        }
        if let digest = asset?.sha256, digest != digests.sha256 {
            findings.faults.append(
                ReleaseFault(
                    .digest, file.place, "It is another file than the asset of the same name.",
                    expected: "sha256:\(hexadecimal(digest))", found: "sha256:\(hexadecimal(digests.sha256))",
                    remedy: "Serve the file that the release holds."))
        }
        var comparisons: [String] = file.sha512 == nil ? [] : ["the feed's digest"]
        if asset?.sha256 != nil { comparisons.append("the artifact's digest") }
        if asset == nil, !file.isDelta, !assets.isEmpty {
            comparisons += compareWithAll(digests, &findings)
        }
        return comparisons
    }

    /// Compares a file with the artifacts of the release, none of which has its name: what signs it says nothing of its version.
    private func compareWithAll(_ digests: FileDigests, _ findings: inout ReleaseFindings) -> [String] {
        if let same = assets.first(where: { $0.sha256 == digests.sha256 }) {
            return ["the digest of the artifact '\(clipped(oneLine(same.name), bytes: 100))'"]
        }
        if assets.allSatisfy({ $0.sha256 != nil }) {
            findings.faults.append(
                ReleaseFault(
                    .digest, file.place, "It is none of the release's artifacts.",
                    expected: "the bytes of one of them", found: "sha256:\(hexadecimal(digests.sha256))",
                    remedy: "Upload it to the release, or name the release's file in the feed."))
        } else {
            findings.unasked.append(
                ReleaseFindings.Unasked(
                    file.place,
                    "The release has no artifact of its name, and some of which no digest is known, so that it is not known whether"
                        + " it is of this release. Name the file of the release in the feed, or add the artifact to release.artifacts."
                ))
        }
        return []
    }

    /// Verifies the signature; false where there is none that could be.
    private func checkSignature(
        _ digests: FileDigests, _ findings: inout ReleaseFindings
    ) throws(FileFailure) -> Bool {
        guard let signature = file.signature, let text = feed.publicKey else { return false }
        let isValid: Bool
        switch signature {
        case .plain(let bytes):
            guard let key = Self.plainKey(text) else { return false }
            isValid = isSignature(bytes, of: try digests.spool?.data() ?? Data(), by: key)
        case .minisign(let signature):
            // Another key is told by its id already.
            guard let key = MinisignKey(text), signature.objection(to: key) == nil else { return false }
            let signed = signature.isPrehashed ? Data(digests.blake2b) : try digests.spool?.data() ?? Data()
            isValid = signature.objection(to: key, of: signed) == nil
        }
        guard !isValid else { return true }
        findings.faults.append(
            ReleaseFault(
                .signature, file.place, "Its signature is not that of these bytes by the key that clients have.",
                remedy: "Sign this file with the key that clients were built with, and publish the feed again."))
        return true
    }
}
