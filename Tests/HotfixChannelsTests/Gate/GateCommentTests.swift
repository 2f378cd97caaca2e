import HotfixChannels
import HotfixDemo
import HotfixHTTP
import Testing

@testable import HotfixCore

/// Clients for tests that end them.
enum HTTPClientLab {
    static var client: HTTPClient { HTTPClient() }
}

@Suite("The gate's comment on a pull request")
struct GateCommentTests {
    private let start = Instant(1_000_000)

    @Test("There is one, kept up to date in place: at once when something happens, else every hour")
    func inPlace() async throws {
        try await GateScene.with { scene in
            for check in 0..<25 {
                _ = await scene.update(readiness(.counting, proven: check * 300), at: start + check * 300)
            }
            #expect(scene.comments().count == 1)
            #expect(scene.comments().first?.edits == 2)
            _ = await scene.update(readiness(.breaching, episodes: [openEpisode()]), at: start + 25 * 300)
            #expect(scene.comments().count == 1)
            #expect(scene.comments().first?.edits == 3)
            #expect(scene.comments().first?.body.contains("not ready, breaching") == true)
        }
    }

    @Test("One that was written before everything was forgotten is found by its mark, on whichever page")
    func found() async throws {
        try await GateScene.with { scene in
            scene.stand.withRepository { repository in
                repository.comments[17] = (1...230).map { GitHubStandIn.Comment(id: $0, body: "remark \($0)") }
            }
            _ = await scene.update(readiness(.counting), at: start)
            let first = scene.comments().last
            for subject in try scene.shelf.receipts(of: "gate").keys {
                try scene.shelf.keep(nil, of: subject, for: "gate")
            }
            _ = await scene.update(readiness(.ready, proven: 172_800), at: start + 300)
            #expect(scene.comments().count == 231)
            #expect(scene.comments().last?.id == first?.id)
            #expect(scene.comments().last?.edits == 1)
        }
    }

    @Test("One whose answer was lost is not written twice")
    func lostAnswer() async throws {
        try await GateScene.with { scene in
            // The first change is the status, the second the comment.
            scene.stand.withRepository { $0.faults = [.refused(status: 502, body: ""), .answerLost] }
            _ = await scene.update(readiness(.counting), at: start)
            _ = await scene.update(readiness(.counting), at: start + 300)
            #expect(scene.comments().count == 1)
        }
    }

    @Test("One that somebody removed is written anew")
    func removed() async throws {
        try await GateScene.with { scene in
            _ = await scene.update(readiness(.counting), at: start)
            scene.stand.withRepository { $0.comments[17] = [] }
            _ = await scene.update(readiness(.ready, proven: 172_800), at: start + 300)
            #expect(scene.comments().count == 1)
        }
    }

    @Test("Names from outside are text in it: nobody is called, nothing is linked, no tag is opened")
    func hostileNames() async throws {
        try await GateScene.with { scene in
            let name = "@everyone <script>alert(1)</script> #17 [x](https://evil.example) \r\n# head `|` <!-- x"
            _ = await scene.update(
                readiness(.breaching, service: name, episodes: [openEpisode(name)]), at: start)
            let body = try #require(scene.comments().first?.body)
            for marks in ["@everyone", "<script", "#17", "](", "\r", "\n# head", "`", "<!-- x"] {
                #expect(!body.contains(marks), "\(marks)")
            }
        }
    }
}
