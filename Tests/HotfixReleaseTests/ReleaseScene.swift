import Crypto
import Foundation
import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixRelease
import HotfixTestSupport

/// A release of one app for the three clients, with keys, feeds and a verifier for it.
struct ReleaseScene: Sendable {
    static let tag = "v1.0.1"
    static let commit = String(repeating: "c0", count: 20)

    let standIn: ReleaseStandIn
    let sparkle = Curve25519.Signing.PrivateKey()
    let tauri = Curve25519.Signing.PrivateKey()
    let keyID: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    let forge: LoopbackServer
    let storage: LoopbackServer

    var archive: [UInt8] { bytes(5000, 3) }
    var installer: [UInt8] { bytes(70_000, 5) }
    var bundle: [UInt8] { bytes(9000, 7) }

    private func bytes(_ count: Int, _ step: Int) -> [UInt8] { (0..<count).map { UInt8(($0 * step + $0 / 256) & 255) } }

    /// Runs a body in the scene of a release that is as it should be.
    static func run(_ body: (ReleaseScene) async throws -> Void) async throws {
        let standIn = ReleaseStandIn(name: "acme/shop", token: "forge-token")
        try await standIn.run { forge, storage in
            let scene = ReleaseScene(standIn, forge, storage)
            scene.publish()
            try await body(scene)
        }
    }

    private init(_ standIn: ReleaseStandIn, _ forge: LoopbackServer, _ storage: LoopbackServer) {
        self.standIn = standIn
        self.forge = forge
        self.storage = storage
    }

    private func publish() {
        var release = ReleaseStandIn.Release(id: 7, tag: Self.tag)
        let files = [("Shop-1.0.1.zip", archive), ("Shop-Setup-1.0.1.exe", installer), ("Shop.app.tar.gz", bundle)]
        release.assets = files.enumerated().map { index, file in
            let digest = SHA256.hash(data: file.1).map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
            return ReleaseStandIn.Asset(id: 40 + index, name: file.0, bytes: file.1, digest: "sha256:\(digest)")
        }
        var older = ReleaseStandIn.Release(id: 6, tag: "v1.0.0")
        older.publishedAt = "2026-11-01T10:00:00Z"
        let (published, before) = (release, older)
        standIn.withWorld { world in
            world.releases = [published, before]
            world.tags = [Self.tag: Self.commit]
            world.runs = [ReleaseStandIn.Run(number: 12, branch: Self.tag, commit: Self.commit)]
            world.pages = ["/notes.html": .answer(status: 200, body: Array("Notes".utf8))]
        }
        page("/appcast.xml", appcast())
        page("/latest.yml", latestYML())
        page("/latest.json", latestJSON())
    }

    /// Serves a text.
    func page(_ path: String, _ text: String) {
        standIn.withWorld { $0.pages[path] = .answer(status: 200, body: Array(text.utf8)) }
    }

    func downloadURL(_ name: String) -> String {
        "\(forge.url)/acme/shop/releases/download/\(Self.tag)/\(name)"
    }

    func appcast(
        version: String = "1203", shown: String = "1.0.1", length: Int? = nil, signature: String? = nil,
        url: String? = nil, prefix: String = "sparkle", old: String = "1200"
    ) -> String {
        let signed = (try? sparkle.signature(for: archive)).map { $0.base64EncodedString() } ?? ""
        return """
            <?xml version="1.0" encoding="utf-8"?>
            <!-- made by a test -->
            <rss version="2.0" xmlns:\(prefix)="http://www.andymatuschak.org/xml-namespaces/sparkle">
              <channel>
                <title>Shop &amp; more</title>
                <item>
                  <title>1.0.0</title><\(prefix):version>\(old)</\(prefix):version>
                  <\(prefix):shortVersionString>1.0.0</\(prefix):shortVersionString>
                  <enclosure url="old.zip" length="1" \(prefix):edSignature="\(signed)"/>
                </item>
                <item>
                  <title><![CDATA[1.0.1 <fixed>]]></title>
                  <\(prefix):version>\(version)</\(prefix):version>
                  <\(prefix):shortVersionString>\(shown)</\(prefix):shortVersionString>
                  <\(prefix):releaseNotesLink>notes.html</\(prefix):releaseNotesLink>
                  <enclosure url="\(url ?? downloadURL("Shop-1.0.1.zip"))" length="\(length ?? archive.count)"
                    type="application/octet-stream" \(prefix):edSignature="\(signature ?? signed)"/>
                </item>
                <item>
                  <title>2.0 beta</title><\(prefix):version>2000</\(prefix):version>
                  <\(prefix):channel>beta</\(prefix):channel>
                  <enclosure url="beta.zip" length="1"/>
                </item>
              </channel>
            </rss>
            """
    }

    func latestYML(version: String = "1.0.1", size: Int? = nil, sha512: String? = nil, url: String? = nil) -> String {
        let digest = Data(SHA512.hash(data: installer)).base64EncodedString()
        return """
            version: \(version)
            files:
              - url: \(url ?? downloadURL("Shop-Setup-1.0.1.exe"))
                sha512: \(sha512 ?? digest)
                size: \(size ?? installer.count)
            releaseDate: '2026-11-20T10:00:00.000Z'
            releaseNotes: |
              * Fixes the *crash* & more.

            """
    }

    func latestJSON(
        version: String = "1.0.1", platform: String = "darwin-aarch64", signature: String? = nil
    ) -> String {
        #"""
        {"version":"\#(version)","notes":"Fixes the crash","pub_date":"2026-11-20T10:00:00Z","platforms":{
          "\#(platform)":{"url":"\#(downloadURL("Shop.app.tar.gz"))","signature":"\#(signature ?? minisignature())"}}}
        """#
    }

    /// A signature of the bundle as Tauri's build writes it.
    func minisignature(of bytes: [UInt8]? = nil, id: [UInt8]? = nil, isPrehashed: Bool = true) -> String {
        var digest = Blake2b()
        digest.update(bytes ?? bundle)
        let signed = isPrehashed ? digest.finalize() : bytes ?? bundle
        guard let signature = try? tauri.signature(for: signed) else { return "" }
        let line = Data([0x45, isPrehashed ? 0x44 : 0x64] + (id ?? keyID) + Array(signature)).base64EncodedString()
        let comment = "timestamp:1795176000 file:Shop.app.tar.gz"
        guard let global = try? tauri.signature(for: signature + Data(comment.utf8)) else { return "" }
        let text =
            "untrusted comment: signature from tauri secret key\n\(line)\ntrusted comment: \(comment)\n\(global.base64EncodedString())\n"
        return Data(text.utf8).base64EncodedString()
    }

    var tauriKey: String {
        let line = Data([0x45, 0x64] + keyID + Array(tauri.publicKey.rawRepresentation)).base64EncodedString()
        return Data("untrusted comment: minisign public key: 0807060504030201\n\(line)\n".utf8).base64EncodedString()
    }

    var feeds: [UpdateFeed] {
        [
            UpdateFeed(
                .sparkle, "\(forge.url)/appcast.xml",
                publicKey: sparkle.publicKey.rawRepresentation.base64EncodedString()),
            UpdateFeed(.electron, "\(forge.url)/latest.yml"),
            UpdateFeed(.tauri, "\(forge.url)/latest.json", publicKey: tauriKey, platforms: ["darwin-aarch64"]),
        ]
    }

    var expectation: ReleaseExpectation {
        ReleaseExpectation(
            tag: Self.tag,
            artifacts: ["Shop-{version}.zip", "Shop-Setup-{version}.exe", "*.app.tar.gz"], workflow: "release.yml",
            feeds: feeds, commits: [.init(id: Self.commit, source: "the status file")], isFull: true)
    }

    /// What the verifier finds.
    func findings(_ change: (inout ReleaseExpectation) -> Void = { _ in }) async -> ReleaseFindings {
        var expectation = expectation
        change(&expectation)
        let client = HTTPClient(sleep: { _ in })
        let verifier = ReleaseVerifier(
            expectation, at: .init(repository: "acme/shop", token: Secret("forge-token"), url: forge.url),
            through: client, scratch: FileManager.default.temporaryDirectory.path, now: Instant(1_795_176_000))
        let findings = await verifier.findings()
        await client.shutDown()
        return findings
    }
}
