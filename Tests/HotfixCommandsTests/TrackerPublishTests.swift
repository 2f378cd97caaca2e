import Foundation
import HotfixCommands
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("Publishing the tracker by a check", .heavy)
struct TrackerPublishTests {
    /// Runs a body with a lab whose status file lies in a repository with an origin, and is pushed from there.
    private func withPublishing(
        _ publish: String = "push", environment: [String: String]? = nil, at now: Instant = noon,
        _ body: (CommandLab, TestRepository) async throws -> Void
    ) async throws {
        try await withTestRepository { repository in
            let tracker = """
                tracker:
                  status_file: \(repository.directory)/docs/status.json
                  outstanding_file: \(repository.directory)/docs/report.md
                  publish: \(publish)
                """
            try await withSentry(
                [project { $0 == noon ? 70 : 50 }], more: tracker, now: now,
                environment: environment ?? repository.environment
            ) { lab in
                try await body(lab.commands, repository)
            }
        }
    }

    private let branch = "refs/heads/hotfix-tracker"
    /// What hotfix doctor may find of the tracker.
    private let codes: Set = ["origin-unreachable", "unpublishable", "tracker-differs", "no-identity"]

    @Test("a change of state is at origin after the check that found it, and progress is not")
    func publishes() async throws {
        try await withPublishing { commands, repository in
            await commands.run("deployed", "--commit", commit, "--no-incident")
            let run = await commands.checks(from: noon, to: noon + 300)
            #expect(run.errors == "")
            #expect(run.status == .done)
            let first = try await repository.id(branch, in: repository.origin)
            let state = try await repository.git("log", "-1", "--format=%s", branch, in: repository.origin)
            #expect(state == "hotfix tracker: breaching, 0 min of 30 min proven")
            let file = try String(contentsOfFile: "\(repository.directory)/docs/status.json", encoding: .utf8)
            let published = try await repository.git("cat-file", "blob", "\(branch):docs/status.json")
            #expect(published + "\n" == file)
            #expect(try await repository.git("status", "--porcelain") == "?? docs/")
            await commands.checks(from: noon + 300, to: noon + 600)
            #expect(try await repository.id(branch, in: repository.origin) == first)
            let later = try String(contentsOfFile: "\(repository.directory)/docs/status.json", encoding: .utf8)
            #expect(later != file)
            try repository.write(
                later.replacing(#""scheduled": false"#, with: #""scheduled": true"#), to: "docs/status.json")
            await commands.checks(from: noon + 600, to: noon + 900)
            #expect(try await repository.git("rev-parse", "\(branch)^", in: repository.origin) == first)
            let second = try await repository.git("cat-file", "blob", "\(branch):docs/status.json")
            #expect(second.contains(#""scheduled": true"#))
        }
    }

    @Test(
        "an origin that does not take it leaves work for the next check, which makes up for it; the verdicts are kept")
    func refused() async throws {
        try await withPublishing { commands, repository in
            await commands.run("deployed", "--commit", commit, "--no-incident")
            try await repository.hook("pre-receive", "exit 1", in: repository.origin)
            let run = await commands.checks(from: noon, to: noon + 300)
            #expect(run.status == .unfinished)
            #expect(run.errors.hasPrefix("hotfix: The tracker could not be published: git push "), "\(run.errors)")
            #expect(run.errors.hasSuffix(" Nothing is lost: the next check tries again.\n"))
            #expect(run.errors.split(separator: "\n").count == 1)
            #expect(await commands.verdicts() == ["12:00 breach"])
            try FileManager.default.removeItem(atPath: "\(repository.origin)/hooks/pre-receive")
            #expect(await commands.run(at: noon + 440, "check").status == .done)
            #expect(
                try await repository.git("log", "--format=%s", branch, in: repository.origin)
                    == "hotfix tracker: breaching, 0 min of 30 min proven")
        }
    }

    @Test("without git, or without a repository, a check says so and does all else")
    func impossible() async throws {
        try await withPublishing("commit", environment: ["PATH": "/nowhere"]) { commands, repository in
            let run = await commands.run(at: noon + 430, "check")
            #expect(run.status == .unfinished)
            #expect(run.errors.contains("git is not installed, or not in PATH."), "\(run.errors)")
            #expect(await commands.verdicts() == ["12:00 breach"])
        }
    }

    @Test("a dry run publishes nothing, and neither does a configuration that does not ask for it")
    func silent() async throws {
        for (publish, arguments) in [("push", ["check", "--dry-run"]), ("none", ["check"])] {
            try await withPublishing(publish) { commands, repository in
                commands.now = noon + 430
                await commands.run(arguments)
                let isThere = try await repository.succeeds("rev-parse", "--verify", "--quiet", branch)
                #expect(!isThere)
            }
        }
    }

    @Test("hotfix doctor goes the way of a publication, and changes nothing on it")
    func doctor() async throws {
        try await withPublishing(at: noon + 430) { commands, repository in
            await commands.run("check")
            let state = try await repository.state()
            let well = try await commands.doctor()
            #expect(codes.isDisjoint(with: well.report.codes), "\(well.run.output)")
            let verbose = await commands.run("doctor", "--verbose")
            #expect(
                verbose.output.contains(
                    "It can be committed to the tracker's branch in \(repository.directory), as Ada"))
            #expect(verbose.output.contains("Origin lets this user push, as far as it tells before a push."))
            #expect(try await repository.state() == state)

            try await repository.git("remote", "set-url", "origin", "https://ada:swordfish@127.0.0.1:1/shop")
            let gone = try await commands.doctor()
            #expect(codes.intersection(gone.report.codes) == ["origin-unreachable"])
            #expect(gone.run.status == .unfinished)
            #expect(!gone.run.output.contains("swordfish"))
            try await repository.git("symbolic-ref", "HEAD", branch)
            let taken = try await commands.doctor()
            #expect(codes.intersection(taken.report.codes) == ["unpublishable"])
            #expect(taken.run.status == .wrong)
        }
    }

    @Test("hotfix doctor says where git and the status file differ")
    func differs() async throws {
        try await withPublishing("none", at: noon + 430) { commands, repository in
            let claim = #"{"branch": {"name": "release/hotfix-1", "created": true, "pushed": true}}"#
            try repository.write(claim, to: "docs/status.json")
            let doctor = try await commands.doctor()
            #expect(doctor.report.codes.filter { $0 == "tracker-differs" } != [], "\(doctor.run.output)")
            #expect(doctor.run.status == .done)
        }
    }

    @Test("hotfix doctor names a directory that is no repository, and a missing git")
    func doctorOutside() async throws {
        try await withPublishing("commit", at: noon + 430) { commands, repository in
            try FileManager.default.removeItem(atPath: "\(repository.directory)/.git")
            let report = try await commands.doctor().report
            #expect(report.codes.contains("unpublishable"))
            #expect(
                report.findings.contains { $0.what.contains("is in no work tree of git (fatal: not a git repository") })
        }
        try await withPublishing("commit", environment: ["PATH": "/nowhere"], at: noon + 430) { commands, _ in
            let report = try await commands.doctor().report
            #expect(report.findings.contains { $0.what.contains("git is not installed, or not in PATH") })
        }
    }

    @Test("hotfix doctor says whom the tracker is committed as where git knows nobody")
    func doctorNobody() async throws {
        try await withTestRepository { repository in
            try await repository.git("config", "user.useConfigOnly", "true")
            let nobody = repository.environment.filter { !$0.key.contains("AUTHOR") && !$0.key.contains("COMMITTER") }
            let tracker = "tracker: {status_file: \(repository.directory)/docs/s.json, publish: push}"
            try await withSentry(more: tracker, environment: nobody) { lab in
                let doctor = try await lab.commands.doctor()
                #expect(doctor.report.codes.contains("no-identity"), "\(doctor.run.output)")
            }
        }
    }
}
