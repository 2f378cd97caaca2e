import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

@Suite("hotfix verify-release", .heavy)
struct VerifyReleaseCommandTests {
    private static let commit = String(repeating: "c0", count: 20)
    private let call = ["verify-release", "--tag", "v1.0.1", "--by", "Ada Lovelace", "--quick"]

    /// Runs a body with a release of one file and a feed of electron-updater.
    private func withRelease(
        status: String? = "{}\n",
        _ body: (CommandLab, ReleaseStandIn, LoopbackServer) async throws -> Void
    ) async throws {
        let standIn = ReleaseStandIn(name: "acme/shop", token: "forge-token")
        try await standIn.run { forge, _ in
            var published = ReleaseStandIn.Release(id: 7, tag: "v1.0.1")
            published.assets = [
                .init(
                    id: 40, name: "Shop-1.0.1.exe", bytes: Array("MZ...".utf8),
                    digest: "sha256:" + String(repeating: "0", count: 64))
            ]
            let (now, before) = (published, ReleaseStandIn.Release(id: 6, tag: "v1.0.0"))
            let feed = """
                version: 1.0.1
                files:
                  - {url: "acme/shop/releases/download/v1.0.1/Shop-1.0.1.exe", size: 5, sha512: "\(Data(count: 64).base64EncodedString())"}

                """
            standIn.withWorld { world in
                world.releases = [now, before]
                world.tags = ["v1.0.1": Self.commit]
                world.runs = [.init(number: 3, branch: "v1.0.1", commit: Self.commit)]
                world.pages = ["/latest.yml": .answer(status: 200, body: Array(feed.utf8))]
            }
            let configuration = """
                policy: policy.yaml
                sources: {otel: {type: prometheus, url: "http://127.0.0.1:9"}}
                services: [{name: checkout, otel: {service: checkout}}]
                tracker: {status_file: status.json}
                gate: {type: github, repository: acme/shop, token: "${FORGE_TOKEN}", url: "\(forge.url)"}
                heartbeat: {url: "${NEVER_SET}"}
                release:
                  artifacts: ["Shop-{version}.exe"]
                  workflow: release.yml
                  feeds: [{type: electron, url: "\(forge.url)/latest.yml"}]

                """
            let policy = "guardrails: {cpu: {source: otel, measure: cpu, limit: +30%}}\n"
            try await withCommands(
                ["hotfix.yaml": configuration, "policy.yaml": policy].merging(
                    status.map { ["status.json": $0] } ?? [:], uniquingKeysWith: { $1 }),
                environment: ["FORGE_TOKEN": "forge-token", "PATH": "/usr/bin:/bin"]
            ) { lab in try await body(lab, standIn, forge) }
        }
    }

    private func verified(_ lab: CommandLab) throws -> JSONObject {
        let bytes = Array(try #require(try lab.files()["status.json"]))
        return try #require(try JSONParser.value(of: bytes).object)
    }

    @Test("a release that is out is done, and the status file says so with who and when")
    func good() async throws {
        try await withRelease(status: #"{"release": {"tag": "v1.0.1", "commit": "\#(Self.commit)"}}"# + "\n") {
            lab, _, _ in
            let run = await lab.run(call + ["--verbose"])
            #expect(run.status == .done, "\(run)")
            #expect(run.output.contains("well: tag 'v1.0.1': it leads to \(Self.commit)."))
            #expect(run.output.contains("well: artifact 'Shop-1.0.1.exe': 5 bytes, uploaded."))
            #expect(run.output.contains("latest.yml: it announces 1.0.1."))
            #expect(run.output.hasSuffix("What was looked at holds; signatures and digests were not looked at.\n"))
            let status = try verified(lab)
            let expected: JSONObject = [
                "tag": JSONValue("v1.0.1"), "at": JSONValue("2026-11-20T12:07:10.000Z"),
                "by": JSONValue("Ada Lovelace"),
                "ok": .boolean(true), "full": .boolean(false), "faults": .array([]),
                "notes": .array([
                    JSONValue("Files were not downloaded: without --quick, digests and signatures are verified.")
                ]),
            ]
            #expect(status["release"]?.object?["verified"] == .object(expected))
            #expect(status["release"]?.object?["commit"] == JSONValue(Self.commit))
            #expect(
                status["history"].map { $0.text.contains("Verified release 'v1.0.1'. What was looked at holds") }
                    == true)
        }
    }

    @Test("a fault ends with 1, is named with what to do, and is kept")
    func faults() async throws {
        let other = String(repeating: "d1", count: 20)
        try await withRelease(status: #"{"release": {"tag": "v1.0.1", "commit": "\#(other)"}}"# + "\n") {
            lab, standIn, _ in
            standIn.withWorld { $0.releases[0].isDraft = true }
            let run = await lab.run(call)
            #expect(run.status == .no)
            #expect(
                run.output.contains("fault: release 'v1.0.1': It is a draft, which nobody but the team sees. [draft]"))
            #expect(run.output.contains("    expected: \(other)\n    found: \(Self.commit)\n    → "))
            let record = try #require(try verified(lab)["release"]?.object?["verified"]?.object)
            #expect(record["ok"] == .boolean(false))
            guard case .array(let faults)? = record["faults"] else { throw Unexpected() }
            #expect(
                faults.first
                    == JSONValue(
                        "release 'v1.0.1': It is a draft, which nobody but the team sees. (expected published; found draft)"
                    ))
            let json = await lab.run(call + ["--format", "json"])
            let answer = try #require(try JSONParser.value(of: Array(json.output.utf8)).object)
            #expect(answer["ok"] == .boolean(false) && json.output.contains(#""code": "other-commit""#))
        }
    }

    private struct Unexpected: Error {}

    @Test("without --quick the bytes are compared with the digest of GitHub and of the feed")
    func full() async throws {
        try await withRelease { lab, _, _ in
            let run = await lab.run(Array(call.dropLast()))
            #expect(run.status == .no)
            #expect(
                run.output.contains("artifact 'Shop-1.0.1.exe': Its bytes are not those that GitHub took. [digest]"))
            #expect(run.output.contains("Its SHA-512 is not that of the feed"))
        }
    }

    @Test("what cannot be asked ends with 3 and is kept as not verified; what is misconfigured ends with 2 and is not")
    func unasked() async throws {
        try await withRelease { lab, standIn, _ in
            standIn.withWorld { $0.faults = [.json("{}", status: 429, headers: [("Retry-After", "30")])] }
            let limited = await lab.run(call)
            #expect(limited.status == .unfinished)
            #expect(limited.output.contains("not asked: release 'v1.0.1': GitHub: "))
            #expect(try verified(lab)["release"]?.object?["verified"]?.object?["ok"] == .boolean(false))
            let before = try lab.files()["status.json"]
            standIn.withWorld { $0.faults = [.json(#"{"message":"Bad credentials"}"#, status: 401)] }
            let refused = await lab.run(call)
            #expect(refused.status == .wrong)
            #expect(!"\(refused)".contains("forge-token"))
            let after = try lab.files()["status.json"]
            #expect(after == before)
        }
    }

    @Test("a feed given on the command line is looked at too, beside those of the configuration")
    func feedGiven() async throws {
        try await withRelease { lab, standIn, forge in
            standIn.withWorld { $0.pages["/old.json"] = .json(#"{"version":"1.0.0","platforms":{}}"#) }
            let run = await lab.run(call + ["--feed", "\(forge.url)/old.json", "--feed", "\(forge.url)/latest.yml"])
            #expect(run.status == .no)
            #expect(
                run.output.contains(
                    "fault: feed \(forge.url)/old.json: It does not announce the release. [other-version]"))
            #expect(forge.requests().filter { $0.path == "/latest.yml" }.count == 1)
        }
    }

    @Test("calls that are wrong ask nobody, and change nothing")
    func wrongCalls() async throws {
        try await withRelease { lab, _, forge in
            let calls = [
                ["--tag", "-x"], ["--tag", "a..b"], ["--tag", ""], ["--tag", "v1", "--feed", "ftp://x"],
                ["--tag", "v1", "--previous", ""], ["--tag", "v1", "--by", ""], [],
            ]
            for arguments in calls {
                let run = await lab.run(["verify-release", "--by", "Ada"] + arguments)
                #expect(run.status == .wrong, "\(arguments)")
            }
            #expect(forge.requests().isEmpty)
            let status = try lab.files()["status.json"]
            #expect(status == Data("{}\n".utf8))
        }
    }

    @Test("a status file that cannot be written hides nothing of what was found")
    func unwritable() async throws {
        try await withRelease { lab, standIn, _ in
            standIn.withWorld { $0.releases[0].isDraft = true }
            let run = await lab.run(call + ["--status-file", "/proc/hotfix/status.json"])
            #expect(run.status == .unusable)
            #expect(run.output.contains("[draft]") && !run.errors.isEmpty)
        }
    }

    @Test("the same result again replaces its entry of the history, and another one is added")
    func again() async throws {
        try await withRelease { lab, standIn, _ in
            for _ in 0..<3 { _ = await lab.run(call) }
            func entries() throws -> Int {
                guard case .array(let entries)? = try verified(lab)["history"] else { return 0 }
                return entries.count
            }
            let once = try entries()
            #expect(once == 1)
            standIn.withWorld { $0.releases[0].isDraft = true }
            _ = await lab.run(call)
            let both = try entries()
            #expect(both == 2)
        }
    }

    @Test("where no hotfix is tracked no file is made, and the result says so")
    func untracked() async throws {
        try await withRelease(status: nil) { lab, _, _ in
            let run = await lab.run(call)
            #expect(run.status == .done)
            #expect(run.output.contains("note: No hotfix is tracked here, so that the result was not recorded"))
            let files = try lab.files()
            #expect(files["status.json"] == nil)
            #expect(await lab.run(call + ["--status-file", "here.json"]).status == .done)
            let told = try lab.files()
            #expect(told["here.json"] != nil)
        }
    }

    @Test("of very many faults the status file keeps some, and how many there were")
    func many() async throws {
        try await withRelease { lab, standIn, _ in
            standIn.withWorld { world in
                for id in 100..<180 {
                    world.releases[0].assets.append(.init(id: id, name: "\(id)", bytes: [], digest: nil))
                }
            }
            #expect(await lab.run(call).status == .no)
            let record = try #require(try verified(lab)["release"]?.object?["verified"]?.object)
            guard case .array(let faults)? = record["faults"] else { throw Unexpected() }
            #expect(faults.count == 51)
            #expect(faults.last?.text.contains("30 more were left out") == true)
        }
    }

    @Test("a status file that does not parse is unusable, and nothing is asked")
    func damaged() async throws {
        try await withRelease(status: "{]") { lab, _, forge in
            #expect(await lab.run(call).status == .unusable)
            #expect(forge.requests().isEmpty)
        }
    }
}
