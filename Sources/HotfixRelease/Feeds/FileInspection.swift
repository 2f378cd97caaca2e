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

    init(_ file: FeedFile, by inspection: FeedInspection) {
        self.file = file
        feed = inspection.feed
        caller = inspection.caller
        isFull = inspection.expectation.isFull
        asset = inspection.assets.first { $0.name == file.name }
    }

    /// Looks at the file.
    func look(_ findings: inout ReleaseFindings) async {
        let before = findings
        checkKey(&findings)
        if isFull {
            await download(&findings)
        } else {
            await probe(&findings)
        }
        if findings.faults == before.faults, findings.unasked == before.unasked {
            findings.held.append("\(file.place): \(isFull ? "it was downloaded, and its bytes hold" : "it answers").")
        }
    }

    /// What of a signature is known without the file.
    private func checkKey(_ findings: inout ReleaseFindings) {
        guard let signature = file.signature else { return }
        guard let text = feed.publicKey else {
            findings.notes.append(
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
            if size == nil, file.size != nil {
                findings.unasked.append(
                    ReleaseFindings.Unasked(
                        file.place, "The server does not say how large it is. Run the command again with --full."))
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

    private func download(_ findings: inout ReleaseFindings) async {
        var needs: FileNeeds = []
        switch file.signature {
        case .plain where feed.publicKey != nil: needs = .spool
        case .minisign(let signature) where feed.publicKey != nil: needs = signature.isPrehashed ? .blake2b : .spool
        case .plain, .minisign, nil: break
        }
        do throws(FileFailure) {
            // A byte more than was announced says that there is more.
            let most = (file.size ?? asset?.size).map { $0 + 1 }
            let digests = try await caller.digests(file.url, announced: most, needs: needs)
            checkSize(digests.size, &findings)
            checkDigests(digests, &findings)
            try checkSignature(digests, &findings)
        } catch {
            findings.add(
                error, file.place, "Clients do not get what was announced.", remedy: "Publish it at this address.")
        }
    }

    private func checkDigests(_ digests: FileDigests, _ findings: inout ReleaseFindings) {
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
    }

    private func checkSignature(
        _ digests: FileDigests, _ findings: inout ReleaseFindings
    ) throws(FileFailure) {
        guard let signature = file.signature, let text = feed.publicKey else { return }
        let isValid: Bool
        switch signature {
        case .plain(let bytes):
            guard let key = Self.plainKey(text) else { return }
            isValid = isSignature(bytes, of: try digests.spool?.data() ?? Data(), by: key)
        case .minisign(let signature):
            // Another key is told by its id already.
            guard let key = MinisignKey(text), signature.objection(to: key) == nil else { return }
            let signed = signature.isPrehashed ? Data(digests.blake2b) : try digests.spool?.data() ?? Data()
            isValid = signature.objection(to: key, of: signed) == nil
        }
        guard !isValid else { return }
        findings.faults.append(
            ReleaseFault(
                .signature, file.place, "Its signature is not that of these bytes by the key that clients have.",
                remedy: "Sign this file with the key that clients were built with, and publish the feed again."))
    }
}
