import Foundation
import HotfixDemo
import HotfixRelease
import HotfixTestSupport
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
        page("a size that is too large", "/latest.yml", .size, at: "Shop-Setup-1.0.1.exe") {
            $0.latestYML(size: 70_001)
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

@Suite("The verification of a release", .heavy)
struct ReleaseVerifierTests {
    @Test(
        "a release that is as it should be holds, with all three feeds, files downloaded or not",
        arguments: [true, false])
    func good(isFull: Bool) async throws {
        try await ReleaseScene.run { scene in
            let findings = await scene.findings { $0.isFull = isFull }
            #expect(findings.faults == [] && findings.unasked == [])
            for file in ["Shop-1.0.1.zip", "Shop-Setup-1.0.1.exe", "Shop.app.tar.gz"] {
                #expect(findings.held.contains { $0.hasPrefix("artifact '\(file)'") })
                #expect(findings.held.contains { $0.hasPrefix("file ") && $0.contains(file) })
            }
            for feed in ["appcast.xml", "latest.yml", "latest.json"] {
                #expect(findings.held.contains { $0.contains("/\(feed): it announces 1.0.1.") })
            }
            #expect(findings.notes.contains { $0.contains("--full") } == !isFull)
            let sizes = scene.storage.requests().filter { $0.header("Range") == "bytes=0-0" }.count
            #expect(sizes == (isFull ? 0 : 3))
        }
    }

    @Test("the token goes to the API alone, and nothing asks for packed or kept bytes")
    func token() async throws {
        try await ReleaseScene.run { scene in
            for isFull in [true, false] { _ = await scene.findings { $0.isFull = isFull } }
            #expect(scene.storage.requests().count == 9)
            for request in scene.storage.requests() {
                #expect(request.header("Authorization") == nil)
                #expect(request.header("Accept-Encoding") == "identity")
                #expect(request.header("Cache-Control") == "no-cache")
            }
            for request in scene.forge.requests() {
                let isAPI = request.path.hasPrefix("/repos/")
                #expect((request.header("Authorization") == "Bearer forge-token") == isAPI, "\(request.path)")
                #expect(request.method == "GET")
                if !isAPI { #expect(request.header("Cache-Control") == "no-cache") }
            }
        }
    }

    @Test(
        "what is wrong is named, and nothing else is",
        arguments: ServedFault.release + ServedFault.sparkle + ServedFault.electron + ServedFault.tauri)
    func fault(served: ServedFault) async throws {
        try await ReleaseScene.run { scene in
            served.change(scene)
            let findings = await scene.findings()
            #expect(!findings.isWhole)
            let fault = try #require(findings.faults.first { $0.code == served.code }, "\(findings.faults)")
            #expect(fault.place.contains(served.place))
            #expect(!fault.what.isEmpty && !fault.remedy.isEmpty)
            #expect(findings.faults.allSatisfy { $0.code == served.code || $0.code == .deadURL || $0.code == .size })
            #expect(findings.unasked == [])
        }
    }

    @Test("what cannot be asked is neither a fault nor well")
    func unasked() async throws {
        try await ReleaseScene.run { scene in
            let limited = LoopbackAnswer.json(
                #"{"message":"API rate limit exceeded"}"#, status: 403,
                headers: [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "1795179600")])
            scene.standIn.withWorld { world in
                world.faults = [limited]
                world.pages["/latest.yml"] = .answer(status: 503)
                world.pages["/latest.json"] = .reset
            }
            let findings = await scene.findings()
            #expect(findings.faults == [])
            #expect(findings.unasked.count == 3)
            #expect(!findings.isWhole && findings.unasked.allSatisfy { !$0.isMisconfigured })
            #expect(findings.unasked[0].reason.contains("asks for patience"))
        }
    }

    @Test("a wrong token, a wrong repository and an answer of something else are the configuration's")
    func misconfigured() async throws {
        let answers: [LoopbackAnswer] = [
            .json(#"{"message":"Bad credentials"}"#, status: 401), .answer(status: 200, body: Array("<html>".utf8)),
            .json("[]"), .json(#"{"message":"Resource not accessible"}"#, status: 403),
        ]
        for answer in answers {
            try await ReleaseScene.run { scene in
                scene.standIn.withWorld { $0.faults = [answer] }
                let findings = await scene.findings { $0.feeds = [] }
                #expect(findings.unasked.contains { $0.isMisconfigured })
                #expect(!findings.isWhole && !"\(findings)".contains("forge-token"))
            }
        }
    }

    @Test("a file without a digest is downloaded without being asked to")
    func digestMissing() async throws {
        try await ReleaseScene.run { scene in
            scene.standIn.withWorld { $0.releases[0].assets[0].digest = nil }
            let findings = await scene.findings {
                $0.isFull = false
                $0.feeds = []
            }
            #expect(findings.isWhole)
            #expect(scene.storage.requests().map(\.path) == ["/files/40"])
            scene.standIn.withWorld { $0.releases[0].assets[0].size = 4999 }
            let wrong = await scene.findings {
                $0.isFull = false
                $0.feeds = []
            }
            #expect(wrong.faults.map(\.code) == [.size])
        }
    }
}
