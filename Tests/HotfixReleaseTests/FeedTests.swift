import Crypto
import Foundation
import HotfixDemo
import HotfixRelease
import HotfixTestSupport
import Testing

@Suite("Update feeds", .heavy)
struct FeedTests {
    @Test("a suffix such as -hotfix1 is older by semver.org and the same by Sparkle, which is said")
    func suffix() async throws {
        try await ReleaseScene.run { scene in
            let version = "1.0.1-hotfix1"
            scene.page("/appcast.xml", scene.appcast(version: version, shown: version, old: "1.0.0"))
            scene.page("/latest.yml", scene.latestYML(version: version))
            scene.page("/latest.json", scene.latestJSON(version: version))
            scene.standIn.withWorld { $0.releases[0].tag = "v\(version)" }
            func faults(previous: String) async -> [ReleaseFault] {
                await scene.findings { expectation in
                    expectation.tag = "v\(version)"
                    expectation.artifacts = []
                    expectation.commits = []
                    expectation.workflow = nil
                    expectation.previous = previous
                    expectation.isFull = false
                }.faults.filter { $0.place.hasPrefix("feed ") }
            }
            let trapped = await faults(previous: "1.0.1")
            #expect(trapped.map(\.code) == [.notNewer, .notNewer, .notNewer])
            #expect(trapped[0].what.contains("Sparkle does not compare what follows a dash"))
            for fault in trapped[1...] {
                #expect(fault.what.contains("clients on 1.0.1 are never offered 1.0.1-hotfix1"))
                #expect(fault.remedy.contains("1.0.2"))
            }
            #expect(await faults(previous: "v1.0.0").isEmpty)
        }
    }

    @Test("an appcast is read by its namespace, whatever prefix it has, and relative addresses start from it")
    func prefix() async throws {
        try await ReleaseScene.run { scene in
            let url = "acme/shop/releases/download/v1.0.1/Shop-1.0.1.zip"
            scene.page("/appcast.xml", "\u{FEFF}" + scene.appcast(url: url, prefix: "su"))
            #expect(await scene.findings().isWhole)
        }
    }

    @Test("where the previous version is not in the appcast, its build number is not guessed")
    func unknownBuild() async throws {
        try await ReleaseScene.run { scene in
            let findings = await scene.findings { $0.previous = "0.9.0" }
            #expect(findings.isWhole)
            #expect(findings.skipped.contains { $0.contains("no item says which sparkle:version 0.9.0 has") })
        }
    }

    @Test("a server of Tauri's is asked as by clients of the previous version and of this one")
    func server() async throws {
        try await ReleaseScene.run { scene in
            let json =
                #"{"version":"v1.0.1","url":"\#(scene.downloadURL("Shop.app.tar.gz"))","signature":"\#(scene.minisignature(isPrehashed: false))"}"#
            let url = scene.forge.url + "/update/{{target}}/{{arch}}/{{current_version}}"
            func findings(
                _ update: @escaping @Sendable (String, String, String) -> LoopbackAnswer
            ) async -> ReleaseFindings {
                scene.standIn.withWorld { $0.update = update }
                return await scene.findings {
                    $0.feeds = [UpdateFeed(.tauri, url, publicKey: scene.tauriKey, platforms: ["darwin-aarch64"])]
                }
            }
            #expect(await findings { $2 == "1.0.0" ? .json(json) : .answer(status: 204) }.isWhole)
            let asked = scene.forge.requests().map(\.path).filter { $0.hasPrefix("/update/") }
            #expect(asked == ["/update/darwin/aarch64/1.0.0", "/update/darwin/aarch64/1.0.1"])
            #expect(await findings { _, _, _ in .answer(status: 204) }.faults.map(\.code) == [.notOffered])
            #expect(await findings { _, _, _ in .json(json) }.isWhole)
            let newer = json.replacing("v1.0.1", with: "1.0.2")
            let looping = await findings { $2 == "1.0.0" ? .json(json) : .json(newer) }
            #expect(looping.faults.map(\.code) == [.otherVersion])
        }
    }

    /// A server that answers the previous version with the first text and every other with the second, 204 for nil.
    private func answers(_ texts: [String?]) -> @Sendable (String, String, String) -> LoopbackAnswer {
        { _, _, version in
            let text = version == "1.0.0" ? texts[0] : texts[1]
            return text.map { .json($0) } ?? .answer(status: 204)
        }
    }

    @Test("a server that is asked for bundles is asked with them, not without, and garbage is no answer of it")
    func bundle() async throws {
        try await ReleaseScene.run { scene in
            let json =
                #"{"version":"1.0.1","url":"\#(scene.downloadURL("Shop.app.tar.gz"))","signature":"\#(scene.minisignature())"}"#
            let update = answers([json, nil])
            scene.standIn.withWorld { $0.update = update }
            let url = scene.forge.url + "/update/{{target}}/{{arch}}-{{bundle_type}}/{{current_version}}"
            func findings(_ platform: String) async -> ReleaseFindings {
                await scene.findings {
                    $0.feeds = [UpdateFeed(.tauri, url, publicKey: scene.tauriKey, platforms: [platform])]
                }
            }
            #expect(await findings("linux-x86_64-appimage").isWhole)
            let asked = scene.forge.requests().map(\.path).filter { $0.hasPrefix("/update/") }
            #expect(asked == ["/update/linux/x86_64-appimage/1.0.0", "/update/linux/x86_64-appimage/1.0.1"])
            let plain = await findings("linux-x86_64")
            #expect(plain.unasked.map(\.isMisconfigured) == [true])
            let garbled = answers([json, "<html>"])
            scene.standIn.withWorld { $0.update = garbled }
            #expect(await findings("linux-x86_64-appimage").faults.map(\.code) == [.feedUnreadable])
        }
    }

    @Test(
        "bytes of another name are compared with all artifacts, whoever signed them, and a Location beside them leads nowhere"
    )
    func compared() async throws {
        try await ReleaseScene.run { scene in
            scene.page("/appcast.xml", scene.appcast(url: "other.zip"))
            let archive = scene.archive
            scene.standIn.withWorld {
                $0.pages["/other.zip"] = .answer(status: 200, headers: [("Location", "/elsewhere")], body: archive)
            }
            let feed = scene.feeds[0]
            let signed = await scene.findings { $0.feeds = [feed] }
            #expect(signed.isWhole, "\(signed.lines)")
            #expect(signed.held.contains { $0.contains("the artifact 'Shop-1.0.1.zip', the signature") })
            let unsigned = await scene.findings { $0.feeds = [UpdateFeed(.sparkle, feed.url)] }
            #expect(unsigned.isWhole)
            let old = Array(archive.reversed())
            let signature = try scene.sparkle.signature(for: old).base64EncodedString()
            scene.page("/appcast.xml", scene.appcast(signature: signature, url: "other.zip"))
            scene.standIn.withWorld { $0.pages["/other.zip"] = .answer(status: 200, body: old) }
            let other = await scene.findings { $0.feeds = [feed] }
            #expect(other.faults.map(\.code) == [.digest], "\(other.lines)")
            scene.standIn.withWorld { $0.releases[0].assets[1].digest = nil }
            let unknown = await scene.findings {
                $0.feeds = [feed]
                $0.artifacts = ["Shop-{version}.zip"]
            }
            #expect(unknown.faults == [] && unknown.unasked.count == 1, "\(unknown.lines)")
            scene.standIn.withWorld { $0.releases[0].assets = [] }
            let none = await scene.findings {
                $0.feeds = [feed]
                $0.artifacts = []
            }
            #expect(none.notes.contains { $0.contains("its version is the feed's word") }, "\(none.notes)")
        }
    }

    @Test("an appcast that asks for a system, or is signed itself, is said to be so")
    func remarks() async throws {
        try await ReleaseScene.run { scene in
            let item = "<title><![CDATA[1.0.1 <fixed>]]></title>"
            let system = "<sparkle:minimumSystemVersion>12.0</sparkle:minimumSystemVersion>"
            scene.page(
                "/appcast.xml",
                scene.appcast().replacing(item, with: system) + "<!-- sparkle-signatures:\nedSignature: x\n-->\n")
            let findings = await scene.findings()
            #expect(findings.isWhole)
            #expect(findings.notes.contains { $0.contains("from macOS 12.0 on") })
            #expect(findings.skipped.contains { $0.contains("the feed itself is signed") })
        }
    }

    @Test("notes in a block scalar are not taken for anchors and aliases, whatever they hold")
    func emphasis() async throws {
        try await ReleaseScene.run { scene in
            let notes = (0..<40).map { "      *crash \($0)* &gone [[[" }.joined(separator: "\n")
            scene.page(
                "/latest.yml",
                scene.latestYML().replacing("  * Fixes the", with: "  All of it:\n\(notes)\n  * Fixes the"))
            let findings = await scene.findings()
            #expect(findings.isWhole, "\(findings.lines)")
        }
    }

    @Test("a feed for macOS needs a zip, which its clients install from")
    func mac() async throws {
        try await ReleaseScene.run { scene in
            scene.page("/latest-mac.yml", scene.latestYML())
            let feed = UpdateFeed(.electron, scene.forge.url + "/latest-mac.yml")
            let findings = await scene.findings { $0.feeds = [feed] }
            #expect(findings.faults.map(\.code) == [.notOffered], "\(findings.lines)")
        }
    }

    @Test("a feed whose kind is not said is known by its name, else by its content")
    func guessed() async throws {
        try await ReleaseScene.run { scene in
            scene.page("/stable", scene.appcast())
            scene.page("/channel", scene.latestYML())
            scene.page("/api", scene.latestJSON())
            for path in ["/appcast.xml", "/latest.yml", "/latest.json", "/stable", "/channel", "/api"] {
                let findings = await scene.findings { $0.feeds = [UpdateFeed(nil, scene.forge.url + path)] }
                #expect(findings.isWhole, "\(path): \(findings.lines)")
                #expect(findings.skipped.contains { $0.contains("no key is known") } == !path.contains(/yml|channel/))
            }
        }
    }

    @Test("a feed among the files of a release is looked for where electron-updater finds it")
    func forgePath() async throws {
        try await ReleaseScene.run { scene in
            let base = "/acme/shop/releases"
            scene.page("\(base)/download/v1.0.1/latest.yml", scene.latestYML(url: "Shop-Setup-1.0.1.exe"))
            scene.page("\(base).atom", "<feed><link href=\"\(scene.forge.url)\(base)/tag/v1.0.1\"/></feed>")
            scene.page("\(base)/latest", #"{"tag_name":"v1.0.1"}"#)
            func findings() async -> ReleaseFindings {
                await scene.findings {
                    $0.feeds = [UpdateFeed(.electron, "\(scene.forge.url)\(base)/download/v1.0.1/latest.yml")]
                }
            }
            #expect(await findings().isWhole)
            scene.page("\(base)/latest", #"{"tag_name":"v1.0.0"}"#)
            let other = await findings()
            #expect(other.faults.map(\.code) == [.notOffered])
            #expect(other.faults.first?.found == "v1.0.0")
            scene.page("\(base)/latest", #"{"tag_name":"v2.0.0"}"#)
            let later = await findings()
            #expect(later.isWhole && later.notes.contains { $0.contains("v2.0.0, which is higher") })
            scene.page("\(base).atom", "<feed><link href=\"\(scene.forge.url)\(base)/tag/v1.0.1-rc1\"/></feed>")
            #expect(await findings().faults.map(\.code) == [.notOffered])
            let encoded = "<feed><entry><link href=\"\(base)/tag/v1%2E0.1\"/></entry></feed>"
            scene.page("\(base).atom", encoded)
            #expect(await findings().isWhole)
        }
    }

    @Test("behind the address of the latest release, the feed of the release itself is looked at too")
    func latestPath() async throws {
        try await ReleaseScene.run { scene in
            let base = "/acme/shop/releases"
            let file = scene.downloadURL("Shop-Setup-1.0.1.exe")
            scene.page("\(base)/latest/download/latest.yml", scene.latestYML(url: file))
            scene.page("\(base)/download/v1.0.1/latest.yml", scene.latestYML(url: file))
            scene.page("\(base).atom", "<feed><link href=\"\(scene.forge.url)\(base)/tag/v1.0.1\"/></feed>")
            scene.page("\(base)/latest", #"{"tag_name":"v1.0.1"}"#)
            func findings() async -> ReleaseFindings {
                await scene.findings {
                    $0.feeds = [UpdateFeed(.electron, "\(scene.forge.url)\(base)/latest/download/latest.yml")]
                }
            }
            let good = await findings()
            #expect(good.isWhole, "\(good.lines)")
            scene.page("\(base)/download/v1.0.1/latest.yml", scene.latestYML(version: "1.0.0", url: file))
            #expect(await findings().faults.map(\.code) == [.otherVersion])
        }
    }

    @Test("a feed over plain http to another machine is a fault, and a key that is none the configuration's")
    func insecure() async throws {
        try await ReleaseScene.run { scene in
            let insecure = await scene.findings {
                $0.feeds = [UpdateFeed(.tauri, "http://0.0.0.0:1/latest.json")]
            }
            #expect(insecure.faults.map(\.code) == [.feedInsecure])
            #expect(insecure.unasked.count == 1)
            let keyless = await scene.findings {
                $0.feeds[0].publicKey = "none"
                $0.feeds[2].publicKey = "none"
            }
            #expect(keyless.unasked.count == 2 && keyless.unasked.allSatisfy { $0.isMisconfigured })
        }
    }
}
