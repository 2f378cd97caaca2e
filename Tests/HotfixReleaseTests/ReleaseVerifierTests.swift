import Foundation
import HotfixDemo
import HotfixRelease
import HotfixTestSupport
import Testing

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
            #expect(findings.skipped.contains { $0.contains("--quick") } == !isFull)
            #expect(findings.summary.hasPrefix("All holds") == isFull)
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

    @Test("a release of nothing is none")
    func empty() async throws {
        try await ReleaseScene.run { scene in
            scene.standIn.withWorld { $0.releases[0].assets = [] }
            let findings = await scene.findings {
                $0.artifacts = []
                $0.feeds = []
            }
            #expect(findings.faults.map(\.code) == [.assetMissing])
        }
    }

    @Test("a run that was skipped is well, unless it is of the workflow that builds the release")
    func skipped() async throws {
        try await ReleaseScene.run { scene in
            for conclusion in ["skipped", "neutral"] {
                scene.standIn.withWorld { $0.runs[0].conclusion = conclusion }
                #expect(await scene.findings { $0.workflow = nil }.isWhole)
                #expect(await scene.findings().faults.map(\.code) == [.workflowFailed])
            }
        }
    }

    @Test(
        "clients come from the highest version below, whatever was released since, and from no tag that is no version")
    func previous() async throws {
        try await ReleaseScene.run { scene in
            scene.standIn.withWorld { world in
                for (id, tag) in [(8, "v2.0.0"), (9, "nightly"), (10, "v0.9.0")] {
                    var release = ReleaseStandIn.Release(id: id, tag: tag)
                    release.publishedAt = "2026-11-19T10:00:00Z"
                    world.releases.append(release)
                }
            }
            let findings = await scene.findings()
            #expect(findings.isWhole && findings.skipped == [], "\(findings.lines) \(findings.skipped)")
            #expect(findings.summary.hasPrefix("All holds"))
            let unknown = await scene.findings { $0.previous = "nightly" }
            #expect(
                unknown.unasked.count == 2 && unknown.unasked.allSatisfy { $0.reason.contains("none of semver.org") })
            scene.standIn.withWorld { $0.releases.removeAll { $0.tag != ReleaseScene.tag } }
            let first = await scene.findings()
            #expect(first.isWhole && first.summary == "What was looked at holds; 3 things were not.")
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
