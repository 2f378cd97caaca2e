import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Synchronization
import Testing

/// A hotfix on its branch at origin, with the commands of the second runbook.
struct CriticalLab: Sendable {
    static let branch = "hotfix/v1.0.1-hotfix1"
    static let tag = "v1.0.1-hotfix1"
    static let token = "github_pat_s3cr3t"
    static let file = "docs/OPERATIONS/hotfix-status.json"

    var test: TestRepository
    var commands: CommandLab

    /// The head of the hotfix branch here.
    func head() async throws -> String { try await test.id(Self.branch) }

    /// The text of the status file.
    func status() throws -> String { try String(contentsOfFile: commands.path(Self.file), encoding: .utf8) }

    /// What stands at a path of keys of the status file.
    func value(_ path: JSONString...) throws -> JSONValue? {
        path.reduce(try JSONParser.value(of: Array(try status().utf8)) as JSONValue?) { $0?.object?[$1] }
    }

    /// Assesses, approves and reviews.
    func prepare() async {
        #expect(
            await commands.run("assess", "--kind", "crash", "--affected", "All", "--why-now", "It stops.").status
                == .done)
        #expect(await commands.run("approve", "--by", "Bob").status == .done)
        let review = await commands.run("review", "--by", "Bob", "--kind", "code")
        #expect(review.status == .done, "\(review.errors)")
    }

    /// Runs a command line with somebody at the terminal who answers.
    func run(answering answer: String, _ arguments: String...) async -> Run {
        let written = Mutex((output: "", errors: ""))
        var surroundings = Surroundings(
            clock: { commands.clock }, environment: commands.environment, directory: commands.directory,
            write: { text in written.withLock { $0.output += text } },
            writeError: { text in written.withLock { $0.errors += text } })
        surroundings.ask = { _ in answer }
        let status = await Surroundings.$current.withValue(surroundings) { await EntryPoint.run(arguments) }
        let (output, errors) = written.withLock { $0 }
        return Run(status, output, errors: errors)
    }
}

/// Runs a body with a hotfix branch of one commit that is pushed, and a status file that names it.
///
/// - Parameters:
///   - configuration: What `hotfix.yaml` says beside a source and a service; nil writes none.
///   - secrets: Variables of the environment.
///   - body: What is done.
/// - Throws: What the body throws, and what making them throws.
func withCritical(
    _ configuration: String? = nil, secrets: [String: String] = [:], _ body: (CriticalLab) async throws -> Void
) async throws {
    try await withTestRepository { test in
        try await test.git("switch", "--quiet", "--create", CriticalLab.branch)
        try await test.commit("Mend the till", ["till.txt": "closed\n"])
        try await test.git("push", "--quiet", "origin", CriticalLab.branch)
        let commands = CommandLab(
            directory: test.directory, environment: test.environment.merging(secrets) { $1 }, now: noon)
        try commands.write(
            "{\n  \"branch\": {\n    \"name\": \"\(CriticalLab.branch)\"\n  }\n}\n", to: CriticalLab.file)
        if let configuration {
            try commands.write(
                """
                sources:
                  otel: {type: prometheus, url: "http://localhost:9090"}
                services:
                  - {name: checkout, otel: {service: checkout}, policy: policy.yaml}

                """ + configuration, to: "hotfix.yaml")
            try commands.write(
                "guardrails: {cpu: {source: otel, measure: cpu, limit: +30%}}\n", to: "policy.yaml")
        }
        try await body(CriticalLab(test: test, commands: commands))
    }
}

/// Runs a body with a hotfix whose repository is at a stand-in for GitHub, with pull request 7 of the hotfix into main.
func withCriticalAtGitHub(_ body: (CriticalLab, GitHubStandIn) async throws -> Void) async throws {
    let forge = GitHubStandIn(name: "acme/shop", token: CriticalLab.token)
    try await withLoopbackServer({ forge.answer($0) }) { server in
        let configuration = """
            tracker:
              github: {repository: acme/shop, token: "${GITHUB_TOKEN}", url: "\(server.url)"}
            """
        try await withCritical(configuration, secrets: ["GITHUB_TOKEN": CriticalLab.token]) { lab in
            let head = try await lab.head()
            let main = try await lab.test.id("main")
            let (origin, environment) = (lab.test.origin, lab.test.environment)
            forge.withRepository { repository in
                repository.branches = [CriticalLab.branch: head, "main": main]
                repository.pulls[7] = (branch: CriticalLab.branch, head: nil)
                repository.pullFacts[7] = .init(base: "main", title: "Mend the till")
                repository.merger = { base, head, title in
                    merged(base: base, head: head, title: title, in: origin, environment)
                }
            }
            try await body(lab, forge)
        }
    }
}

/// Merges at origin as GitHub does; nil where that conflicts.
private func merged(
    base: String, head: String, title: String, in origin: String, _ environment: [String: String]
) -> String? {
    func git(_ arguments: String...) -> String? {
        let process = Foundation.Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", origin] + arguments
        process.environment = environment
        let pipe = Pipe()
        process.standardOutput = pipe
        do { try process.run() } catch { return nil }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    guard let tip = git("rev-parse", "refs/heads/\(base)"), let tree = git("merge-tree", "--write-tree", tip, head),
        let commit = git("commit-tree", tree, "-p", tip, "-p", head, "-m", title),
        git("update-ref", "refs/heads/\(base)", commit, tip) != nil
    else { return nil }
    return commit
}
