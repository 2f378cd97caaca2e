import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Synchronization
import Testing

/// A repository with a bare origin beside it, and a service whose hotfix is made there.
///
/// Everything lies in one directory and names the rest by relative paths, so that a copy of the directory is the same hotfix
/// once more. Dates are fixed: the same commands make the same commits.
struct WalkedHotfix: Sendable {
    /// When the hotfix is begun, deployed, and ready.
    static let begun = Instant(text: "2026-11-20T12:00:00Z") ?? Instant(0)
    static let deployed = begun + 2 * 3600
    static let merged = begun + 3 * 3600
    static let branch = "release/hotfix-20261120"
    static let legacy = "release/hotfix-20260901"

    let directory: String
    let prometheus: String
    /// What Prometheus takes for the time.
    private let clock: SimulatedClock

    /// The work tree.
    var shop: String { "\(directory)/shop" }
    /// The record of the hotfix.
    var statusFile: String { "\(shop)/docs/OPERATIONS/hotfix-status.json" }

    /// The environment of every command.
    var environment: [String: String] {
        [
            "PATH": "/usr/bin:/bin", "HOME": directory, "USER": "ada", "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "Ada Lovelace", "GIT_AUTHOR_EMAIL": "ada@example.com",
            "GIT_COMMITTER_NAME": "Ada Lovelace", "GIT_COMMITTER_EMAIL": "ada@example.com",
            "GIT_AUTHOR_DATE": "2026-11-20T12:00:00Z", "GIT_COMMITTER_DATE": "2026-11-20T12:00:00Z",
        ]
    }

    /// Makes the repositories in an empty directory.
    init(directory: String, prometheus: String, clock: SimulatedClock) async throws {
        self.directory = directory
        self.prometheus = prometheus
        self.clock = clock
        try FileManager.default.createDirectory(atPath: shop, withIntermediateDirectories: true)
        for (name, text) in files { try text.write(toFile: "\(shop)/\(name)", atomically: false, encoding: .utf8) }
        try await git(Self.preparation, in: directory)
    }

    private init(copy directory: String, of other: WalkedHotfix) {
        self.directory = directory
        prometheus = other.prometheus
        clock = other.clock
    }

    /// Runs a body with a copy of all files, which goes with the body.
    func copy<T>(_ body: (WalkedHotfix) async throws -> T) async throws -> T {
        try await withTemporaryDirectory { directory in
            try await git("cp -a '\(self.directory)/.' '\(directory)'", in: "/")
            return try await body(WalkedHotfix(copy: directory, of: self))
        }
    }

    /// Runs a shell's commands in the environment of the hotfix, all of which have to succeed.
    @discardableResult
    func git(_ script: String, in place: String? = nil) async throws -> String {
        let ending = try await shell("set -e\n\(script)", environment: environment, in: place ?? shop)
        try #require(ending.exitStatus == 0, "\(script): \(ending.output)")
        return ending.output
    }

    /// Runs a command of the program at an instant, in this process.
    ///
    /// - Parameters:
    ///   - arguments: Its arguments.
    ///   - at: What the clock shows.
    ///   - git: What stands before git, if anything.
    /// - Returns: What it ends with, and what it prints on both outputs.
    @discardableResult
    func run(
        _ arguments: [String], at: Instant, git: FaultyGit? = nil
    ) async -> (status: HotfixCommands.ExitStatus, output: String) {
        clock.move(to: at)
        let output = Mutex("")
        let write: @Sendable (String) -> Void = { text in output.withLock { $0 += text } }
        var environment = environment
        if let git { environment["PATH"] = "\(git.directory):\(environment["PATH"] ?? "")" }
        let surroundings = Surroundings(
            clock: { Double(at.seconds) }, sleep: { _ in }, environment: environment, directory: shop, write: write,
            writeError: write)
        let status = await Surroundings.$current.withValue(surroundings) { await EntryPoint.run(arguments) }
        return (status, output.withLock(\.self))
    }

    private var files: [String: String] {
        [
            "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n## 1.0.0\n\n- The first release.\n",
            "checkout.conf": "timeout = 2\n", ".gitignore": ".hotfix/\ndocs/OPERATIONS/\n",
            "policy.yaml": """
            baseline: {lookback: 1d}
            streak: {required: 30m}
            guardrails:
              load: {source: otel, query: 'load{service="{service}"}', limit: +20%}

            """,
            "hotfix.yaml": """
            policy: policy.yaml
            sources: {otel: {type: prometheus, url: "\(prometheus)", recheck: 10m}}
            services: [{name: checkout, environment: production, otel: {service: checkout}}]
            notify: [{type: output, name: customers}]
            tracker: {status_file: docs/OPERATIONS/hotfix-status.json}

            """,
        ]
    }

    private static let preparation = """
        git init --quiet --bare --initial-branch=main origin.git
        cd shop
        git init --quiet --initial-branch=main
        git remote add origin ../origin.git
        git add .
        git commit --quiet --message='The first release'
        git tag --annotate --message='Version 1.0.0' v1.0.0
        git branch develop
        git branch release/1.1
        git branch \(legacy)
        git push --quiet --set-upstream origin main develop release/1.1 \(legacy) v1.0.0
        git branch --quiet --delete --force \(legacy)
        """
}

extension WalkedHotfix {
    /// What git itself says, asked by nothing of hotfix's own.
    struct Truth: Equatable, CustomStringConvertible {
        /// What every ref points to, those of origin with `origin:` before them, and what `HEAD` is.
        var refs: [String: String] = [:]
        /// What is changed or untracked in the work tree or the index.
        var changes: [String] = []

        var description: String {
            (refs.map { "\($0.key) \($0.value.prefix(8))" }.sorted() + changes).joined(separator: "\n")
        }

        /// The refs that are neither as they were before nor as they are to be in the end.
        func strays(between before: Truth, and after: Truth) -> [String] {
            Set(refs.keys).union(before.refs.keys).filter { name in
                refs[name] != before.refs[name] && refs[name] != after.refs[name]
            }.sorted()
        }
    }

    /// Asks git for everything that a command could have changed.
    func truth() async throws -> Truth {
        let text = try await git(
            """
            git for-each-ref --format='ref %(refname) %(objectname)'
            git -C ../origin.git for-each-ref --format='ref origin:%(refname) %(objectname)'
            echo "ref HEAD $(git symbolic-ref HEAD)"
            git status --porcelain --untracked-files=all
            """)
        var truth = Truth()
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.first == "ref", words.count == 3 {
                truth.refs[String(words[1])] = String(words[2])
            } else {
                truth.changes.append(String(line))
            }
        }
        return truth
    }

    /// What the record claims and git denies, and what git has and the record does not say.
    ///
    /// - Parameter known: What git says; asked where nil.
    ///
    func discord(_ known: Truth? = nil) async throws -> (claimed: [String], unsaid: [String]) {
        let record = try record()
        let head = try? head()
        var truth = known ?? Truth()
        if known == nil { truth = try await self.truth() }
        let branch = record["branch"] as? [String: Any] ?? [:]
        let end = record["decommission"] as? [String: Any] ?? [:]
        var facts: [(says: Bool, is: Bool, what: String)] = []
        var isMerged = false
        if let head, let main = truth.refs["origin:refs/heads/main"] {
            let answer = try await shell(
                "git merge-base --is-ancestor \(head) \(main)", environment: environment, in: "\(directory)/origin.git")
            isMerged = answer.exitStatus == 0
        }
        let name = branch["name"] as? String ?? Self.branch
        let isPushed = truth.refs["origin:refs/heads/\(name)"] != nil
        facts.append(
            (branch["created"] as? Bool ?? false, truth.refs["refs/heads/\(name)"] != nil || isMerged, "created"))
        facts.append((branch["pushed"] as? Bool ?? false, isPushed || isMerged, "pushed"))
        facts.append((end["mergedToMain"] as? Bool ?? false, isMerged, "merged"))
        let legacy = truth.refs.keys.filter { $0.hasPrefix("origin:refs/heads/release/hotfix-") && !$0.hasSuffix(name) }
        facts.append((end["legacyBranchesRemoved"] as? Bool ?? false, legacy.isEmpty, "removed legacy branches"))
        let listed = (branch["milestoneTags"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
        let prefix = "refs/tags/"
        let tags = truth.refs.keys.map { $0.hasPrefix("origin:") ? String($0.dropFirst(7)) : $0 }
            .filter { $0.hasPrefix(prefix + "milestone/") }.map { String($0.dropFirst(prefix.count)) }
        for tag in Set(listed + tags) { facts.append((listed.contains(tag), tags.contains(tag), "tag \(tag)")) }
        return (facts.filter { $0.says && !$0.is }.map(\.what), facts.filter { !$0.says && $0.is }.map(\.what))
    }

    /// What the record holds; empty where there is none.
    func record() throws -> [String: Any] {
        guard let data = FileManager.default.contents(atPath: statusFile) else { return [:] }
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
}

extension WalkedHotfix {
    /// What there is in the end: in git, and in the record without its history, whose length is how often something was done.
    struct Outcome: Equatable {
        var truth: Truth
        var record: String
    }

    /// What there is now.
    func outcome() async throws -> Outcome {
        var record = try record()
        record["history"] = nil
        // A step whose answer was lost is found done by the next run.
        record["lastUpdated"] = nil
        let data = try JSONSerialization.data(withJSONObject: record, options: [.sortedKeys, .prettyPrinted])
        return Outcome(truth: try await truth(), record: String(decoding: data, as: UTF8.self))
    }

    /// Begins the hotfix, and commits and pushes its fix.
    func begin() async throws {
        let begun = await run(["init", "--yes"], at: Self.begun)
        try #require(begun.status == .done, "\(begun.output)")
        try await mend()
    }

    /// Commits and pushes the fix.
    func mend() async throws {
        try await git(
            """
            echo 'timeout = 5' >checkout.conf
            git commit --quiet --all --message='Wait longer for the bank'
            git push --quiet
            git rev-parse HEAD | tr -d '\\n' >../head
            """)
    }

    /// The head of the hotfix, whose branch may be deleted by now.
    func head() throws -> String { try String(contentsOfFile: "\(directory)/head", encoding: .utf8) }

    /// Deploys the hotfix, and has its streak proven.
    func prove() async throws {
        let head = try head()
        await run(["deployed", "--commit", head, "--branch", Self.branch, "--no-incident"], at: Self.deployed)
        let checked = await run(["check", "--quiet"], at: Self.merged)
        let ready = await run(["readiness"], at: Self.merged)
        try #require(ready.status == .done, "\(checked.output)\(ready.output)")
    }
}

/// Runs a body with a hotfix that is not begun, and with a git that can be made to fail.
func withWalkedHotfix(_ body: (WalkedHotfix, FaultyGit) async throws -> Void) async throws {
    let prometheus = SimulatedPrometheus(given: [.init { _, _ in 1 }])
    let clock = SimulatedClock(Instant(Int(Date().timeIntervalSince1970)))
    try await withLoopbackServer({ prometheus.answer($0) }, date: { .at(clock.seconds) }) { server in
        try await withTestRepository { repository in
            let directory = "\(repository.root)/hotfix"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try await body(
                try await WalkedHotfix(directory: directory, prometheus: server.url, clock: clock),
                try await FaultyGit(in: repository))
        }
    }
}
