import Crypto
import Foundation
import HotfixDemo
import HotfixRelease
import Testing

/// A change of what is served, and the fault that it has to be found as.
struct ServedFault: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var code: ReleaseFault.Code
    /// What the place of the fault holds.
    var place: String
    var change: @Sendable (ReleaseScene) -> Void

    init(
        _ name: String, _ code: ReleaseFault.Code, at place: String,
        _ change: @escaping @Sendable (ReleaseScene) -> Void
    ) {
        testDescription = name
        self.code = code
        self.place = place
        self.change = change
    }

    static func world(
        _ name: String, _ code: ReleaseFault.Code, at place: String,
        _ change: @escaping @Sendable (inout ReleaseStandIn.World) -> Void
    ) -> ServedFault {
        ServedFault(name, code, at: place) { scene in scene.standIn.withWorld { change(&$0) } }
    }

    static let release: [ServedFault] = [
        .world("there is no release", .releaseMissing, at: "release 'v1.0.1'") { $0.releases.removeFirst() },
        .world("a draft", .draft, at: "release 'v1.0.1'") { $0.releases[0].isDraft = true },
        .world("a prerelease", .prerelease, at: "release 'v1.0.1'") { $0.releases[0].isPrerelease = true },
        .world("no notes", .notesMissing, at: "release 'v1.0.1'") { $0.releases[0].notes = " \n" },
        .world("an artifact is missing", .assetMissing, at: "Shop-1.0.1.zip") { $0.releases[0].assets.removeFirst() },
        .world("two have a name", .assetAmbiguous, at: "*.app.tar.gz") { world in
            var other = world.releases[0].assets[2]
            other.id = 50
            other.name = "Other.app.tar.gz"
            world.releases[0].assets.append(other)
        },
        .world("an upload is unfinished", .assetUnfinished, at: "Shop-1.0.1.zip") {
            $0.releases[0].assets[0].state = "open"
        },
        .world("an artifact is empty", .size, at: "Shop-1.0.1.zip") { $0.releases[0].assets[0].size = 0 },
        .world("an artifact has another size", .size, at: "Shop-1.0.1.zip") { $0.releases[0].assets[0].size = 5001 },
        .world("an artifact is larger", .size, at: "Shop-1.0.1.zip") { $0.releases[0].assets[0].size = 4000 },
        .world("an artifact has another digest", .digest, at: "artifact 'Shop-1.0.1.zip'") {
            $0.releases[0].assets[0].digest = "sha256:" + String(repeating: "0", count: 64)
        },
        .world("an artifact is lost", .deadURL, at: "artifact 'Shop-1.0.1.zip'") {
            $0.releases[0].assets[0].isLost = true
        },
        .world("the tag leads elsewhere", .otherCommit, at: "tag 'v1.0.1'") {
            $0.tags["v1.0.1"] = String(repeating: "d", count: 40)
            $0.runs[0].commit = String(repeating: "d", count: 40)
        },
        .world("there is no tag", .otherCommit, at: "tag 'v1.0.1'") { $0.tags = [:] },
        .world("the workflow failed", .workflowFailed, at: "release.yml") { $0.runs[0].conclusion = "failure" },
        .world("the workflow was cancelled", .workflowFailed, at: "release.yml") {
            $0.runs[0].conclusion = "cancelled"
        },
        .world("the workflow runs", .workflowUnfinished, at: "release.yml") {
            $0.runs[0].status = "in_progress"
            $0.runs[0].conclusion = nil
        },
        .world("the newest run failed", .workflowFailed, at: "release.yml") { world in
            var run = world.runs[0]
            run.number = 13
            run.conclusion = "timed_out"
            world.runs.insert(run, at: 0)
        },
        .world("the workflow failed for the tag, and ran well by hand elsewhere", .workflowFailed, at: "release.yml") {
            $0.runs[0].conclusion = "failure"
            var run = $0.runs[0]
            (run.number, run.branch, run.event, run.conclusion) = (14, "main", "workflow_dispatch", "success")
            $0.runs.insert(run, at: 0)
        },
        .world("the workflow ran for the branch alone", .workflowMissing, at: "release.yml") {
            $0.runs[0].branch = "main"
        },
        .world("the workflow never ran", .workflowMissing, at: "release.yml") { $0.runs = [] },
    ]

    private static func page(
        _ name: String, _ path: String, _ code: ReleaseFault.Code, at place: String? = nil,
        _ text: @escaping @Sendable (ReleaseScene) -> String
    ) -> ServedFault {
        ServedFault(name, code, at: place ?? path) { $0.page(path, text($0)) }
    }

    static let sparkle: [ServedFault] = [
        page("the old version", "/appcast.xml", .otherVersion) { $0.appcast(version: "1201", shown: "1.0.0") },
        page("a build number below the previous one", "/appcast.xml", .otherVersion) { $0.appcast(version: "1100") },
        page("a length that no file has", "/appcast.xml", .size, at: "Shop-1.0.1.zip") { $0.appcast(length: .max) },
        page("a version too long to compare", "/appcast.xml", .feedUnreadable) {
            $0.appcast(version: String(repeating: "1", count: 1000))
        },
        page("too many attributes", "/appcast.xml", .feedUnreadable) {
            let attributes = (0...1000).map { " a\($0)=''" }.joined()
            return $0.appcast().replacing("<channel>", with: "<channel\(attributes)>")
        },
        page("too many namespaces", "/appcast.xml", .feedUnreadable) {
            let names = (0...100).map { " xmlns:a\($0)='a'" }.joined()
            return $0.appcast().replacing("<channel>", with: "<channel\(names)>")
        },
        page("a number with a sign", "/appcast.xml", .feedUnreadable) {
            $0.appcast().replacing("&amp;", with: "&#x+41;")
        },
        page("a character that is none", "/appcast.xml", .feedUnreadable) {
            $0.appcast().replacing("&amp;", with: "&#0;")
        },
        page("an item for old systems alone", "/appcast.xml", .otherVersion) {
            $0.appcast().replacing(
                "<title><![CDATA[1.0.1 <fixed>]]></title>",
                with: "<sparkle:maximumSystemVersion>13</sparkle:maximumSystemVersion>")
        },
        page("a version that is only told of", "/appcast.xml", .notOffered) {
            $0.appcast().replacing(
                "<title><![CDATA[1.0.1 <fixed>]]></title>", with: "<sparkle:informationalUpdate/>")
        },
        page("a wrong length", "/appcast.xml", .size, at: "Shop-1.0.1.zip") { $0.appcast(length: 4999) },
        page("a dead URL", "/appcast.xml", .deadURL, at: "gone.zip") { $0.appcast(url: "gone.zip") },
        page("a URL that is none", "/appcast.xml", .deadURL) { $0.appcast(url: "file:///etc/passwd") },
        page("a wrong signature", "/appcast.xml", .signature, at: "Shop-1.0.1.zip") {
            $0.appcast(signature: Data(repeating: 7, count: 64).base64EncodedString())
        },
        page("a signature that is none", "/appcast.xml", .signature, at: "Shop-1.0.1.zip") {
            $0.appcast(signature: "abc")
        },
        page("a login page", "/appcast.xml", .feedUnreadable) { _ in
            "<!DOCTYPE html><html><head><meta charset=utf-8></head><body>Sign in</body></html>"
        },
        page("a login page that is XML", "/appcast.xml", .feedUnreadable) { _ in "<html><body>Sign in</body></html>" },
        page("a truncated feed", "/appcast.xml", .feedUnreadable) { String($0.appcast().dropLast(90)) },
        page("a bomb of entities", "/appcast.xml", .feedUnreadable) { _ in
            #"<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss>&b;</rss>"#
        },
        page("an external entity", "/appcast.xml", .feedUnreadable) { _ in
            #"<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss>&x;</rss>"#
        },
        page("deep nesting", "/appcast.xml", .feedUnreadable) { _ in String(repeating: "<a>", count: 200_000) },
        .world("100 MB", .feedUnreadable, at: "/appcast.xml") {
            $0.pages["/appcast.xml"] = .answer(status: 200, body: [UInt8](repeating: 0x20, count: 100 << 20))
        },
        .world("a feed that is gone", .deadURL, at: "/appcast.xml") { $0.pages["/appcast.xml"] = nil },
        .world("notes that are gone", .deadURL, at: "/notes.html") { $0.pages["/notes.html"] = nil },
    ]

    static let electron: [ServedFault] = [
        page("the old version", "/latest.yml", .otherVersion) { $0.latestYML(version: "1.0.0") },
        page("a wrong size", "/latest.yml", .size, at: "Shop-Setup-1.0.1.exe") { $0.latestYML(size: 69_999) },
        page("a size that no file has", "/latest.yml", .size, at: "Shop-Setup-1.0.1.exe") { $0.latestYML(size: .max) },
        page("an entry that is no file", "/latest.yml", .feedUnreadable) {
            $0.latestYML().replacing("releaseDate:", with: "  - nothing\nreleaseDate:")
        },
        page("a bomb of aliases with dashes", "/latest.yml", .feedUnreadable) { scene in
            let levels = (1...9).map { level in
                "a\(level): &-\(level) [\(Array(repeating: "*-\(level - 1)", count: 9).joined(separator: ", "))]"
            }
            return "a0: &-0 [x]\n" + levels.joined(separator: "\n") + "\n" + scene.latestYML()
        },
        page("deep nesting within a line", "/latest.yml", .feedUnreadable) { scene in
            "a: \(String(repeating: "[", count: 200))\(String(repeating: "]", count: 200))\n" + scene.latestYML()
        },
        page("a size that is too large", "/latest.yml", .size, at: "Shop-Setup-1.0.1.exe") {
            $0.latestYML(size: 70_001)
        },
        page("a share of nobody", "/latest.yml", .notOffered) { $0.latestYML() + "stagingPercentage: 0\n" },
        ServedFault("the file of the release before", .digest, at: "Shop-Setup-1.0.0.exe") { scene in
            let old = Array(scene.installer.reversed())
            scene.standIn.withWorld { $0.pages["/Shop-Setup-1.0.0.exe"] = .answer(status: 200, body: old) }
            scene.page(
                "/latest.yml",
                scene.latestYML(
                    size: old.count, sha512: Data(SHA512.hash(data: old)).base64EncodedString(),
                    url: "Shop-Setup-1.0.0.exe"))
        },
        page("a file at another tag", "/latest.yml", .digest, at: "Shop-Setup-1.0.1.exe") {
            $0.latestYML(url: $0.downloadURL("Shop-Setup-1.0.1.exe").replacing(ReleaseScene.tag, with: "v1.0.0"))
        },
        page("a wrong digest", "/latest.yml", .digest, at: "Shop-Setup-1.0.1.exe") {
            $0.latestYML(sha512: Data(repeating: 1, count: 64).base64EncodedString())
        },
        page("a digest that is none", "/latest.yml", .digest, at: "Shop-Setup-1.0.1.exe") {
            $0.latestYML(sha512: "abc")
        },
        page("a dead URL", "/latest.yml", .deadURL, at: "gone.exe") { $0.latestYML(url: "gone.exe") },
        page("a login page", "/latest.yml", .feedUnreadable) { _ in "<html><body>Sign in</body></html>" },
        page("a truncated feed", "/latest.yml", .feedUnreadable) { _ in "version: \"1.0.1\nfiles:\n  - url" },
        page("a feed without files", "/latest.yml", .deadURL) { _ in "version: 1.0.1\n" },
        page("a bomb of aliases", "/latest.yml", .feedUnreadable) { _ in
            let levels = (1...9).map { level in
                "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]"
            }
            return "a0: &a0 [x]\n" + levels.joined(separator: "\n") + "\nversion: 1.0.1\n"
        },
        page("deep nesting", "/latest.yml", .feedUnreadable) { _ in String(repeating: "[", count: 500_000) },
        page("deep lists", "/latest.yml", .feedUnreadable) { _ in String(repeating: "- ", count: 500_000) },
    ]

    static let tauri: [ServedFault] = [
        page("the old version", "/latest.json", .otherVersion) { $0.latestJSON(version: "1.0.0") },
        page("a date that is none", "/latest.json", .feedUnreadable) {
            $0.latestJSON().replacing("2026-11-20T10:00:00Z", with: "20 November")
        },
        page("an address that is not whole", "/latest.json", .feedUnreadable) {
            $0.latestJSON().replacing($0.forge.url, with: "")
        },
        page("an entry of a bundle is wrong", "/latest.json", .feedUnreadable) {
            $0.latestJSON().replacing(#""platforms":{"#, with: #""platforms":{"darwin-aarch64-app":{},"#)
        },
        page("an entry of another platform lacks its signature", "/latest.json", .feedUnreadable) {
            $0.latestJSON().replacing(
                #""platforms":{"#, with: #""platforms":{"linux-x86_64":{"url":"https://example.com/a"},"#)
        },
        page("notes that are no text", "/latest.json", .feedUnreadable) {
            $0.latestJSON().replacing(#""notes":"Fixes the crash""#, with: #""notes":5"#)
        },
        page("platforms in a list", "/latest.json", .feedUnreadable) {
            $0.latestJSON().replacing(#""platforms":{"#, with: #""platforms":[],"others":{"#)
        },
        page("a signature with a line's end", "/latest.json", .signature, at: "Shop.app.tar.gz") {
            $0.latestJSON(signature: $0.minisignature() + #"\n"#)
        },
        page("a signature that is not wrapped", "/latest.json", .signature, at: "Shop.app.tar.gz") { scene in
            let text = Data(base64Encoded: scene.minisignature()).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return scene.latestJSON(signature: text.replacing("\n", with: #"\n"#))
        },
        ServedFault("the file of the release before", .digest, at: "Old.app.tar.gz") { scene in
            let old = Array(scene.bundle.reversed())
            scene.standIn.withWorld { $0.pages["/Old.app.tar.gz"] = .answer(status: 200, body: old) }
            let feed = scene.latestJSON(signature: scene.minisignature(of: old))
            scene.page(
                "/latest.json",
                feed.replacing(scene.downloadURL("Shop.app.tar.gz"), with: "\(scene.forge.url)/Old.app.tar.gz"))
        },
        page("a platform is missing", "/latest.json", .platformMissing) { $0.latestJSON(platform: "linux-x86_64") },
        page("a wrong signature", "/latest.json", .signature, at: "Shop.app.tar.gz") {
            $0.latestJSON(signature: $0.minisignature(of: [1, 2, 3]))
        },
        page("a wrong key", "/latest.json", .otherKey, at: "Shop.app.tar.gz") {
            $0.latestJSON(signature: $0.minisignature(id: [9, 9, 9, 9, 9, 9, 9, 9]))
        },
        page("a signature that is an address", "/latest.json", .signature, at: "Shop.app.tar.gz") {
            $0.latestJSON(signature: "https://example.com/Shop.app.tar.gz.sig")
        },
        page("a login page", "/latest.json", .feedUnreadable) { _ in "<html><body>Sign in</body></html>" },
        page("a truncated feed", "/latest.json", .feedUnreadable) { String($0.latestJSON().dropLast(5)) },
        .world("a feed that answers 204", .notOffered, at: "/latest.json") {
            $0.pages["/latest.json"] = .answer(status: 204)
        },
    ]
}
