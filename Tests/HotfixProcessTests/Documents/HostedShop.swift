import Foundation
import HotfixDemo
import HotfixTestSupport
import Synchronization

/// What stands in for GitHub on a page: a bare repository with pull requests, a workflow that releases what is tagged, and its update feed.
///
/// Merging a pull request really merges. What people do there by hand is a file in a directory: `opened` opens a pull request of
/// the branch that the file names, `approved` is the review of one by Grace.
final class HostedShop: Sendable {
    static let repository = "acme/shop"
    static let token = "github_pat_1"
    static let tag = "v1.0.1-hotfix1"

    private let gitHub = GitHubStandIn(name: repository, token: token)
    private let releases = ReleaseStandIn(name: repository, token: token)
    private let place = Mutex<(origin: String, hands: String)?>(nil)

    /// Says where the bare repository is, and the directory of what is done by hand.
    func open(origin: String, hands: String) { place.withLock { $0 = (origin, hands) } }

    /// Runs a body with the address of the API, below which the update feed is too.
    func run<T>(_ body: (String) async throws -> T) async throws -> T {
        try await releases.run { forge, _ in
            try await withLoopbackServer({ await self.answer($0) }) { server in
                let name = "shop-1.0.1-hotfix1.tar.gz"
                let bytes = Array("the shop".utf8)
                self.releases.withWorld { world in
                    world.pages["/latest.yml"] = .answer(
                        status: 200, body: Array(Self.feed("\(server.url)/\(name)", size: bytes.count).utf8))
                    world.pages["/\(name)"] = .answer(status: 200, body: bytes)
                }
                return try await body(server.url)
            }
        }
    }

    /// The feed of electron-updater that the release's workflow would write.
    private static func feed(_ url: String, size: Int) -> String {
        """
        version: 1.0.1-hotfix1
        files:
          - url: \(url)
            sha512: \(digest)
            size: \(size)
        path: \(url)
        sha512: \(digest)
        releaseDate: '2026-11-24T10:00:00.000Z'

        """
    }

    /// The SHA-512 of the artifact, in base64.
    private static let digest =
        "gWCXeR4zRfKYdTuj0Dmy9S1XOIctuMszhdaceEPHNmQHFIZGkHTyXVjcn6MECGh+MoyLHpPACaZwYKCNYD4ZiQ=="

    private func answer(_ request: LoopbackRequest) async -> LoopbackAnswer {
        guard let (origin, hands) = place.withLock({ $0 }) else { return .answer(status: 503) }
        do {
            try await lookAround(origin, hands)
            let parts = request.path.split(separator: "/").dropFirst(3).map(String.init)
            if ["releases", "git", "actions"].contains(parts.first) || !request.path.hasPrefix("/repos/") {
                return releases.answer(request)
            }
            guard request.method == "PUT", parts.count == 3, parts[0] == "pulls", let number = Int(parts[1]) else {
                return gitHub.answer(request)
            }
            return try await merge(request, number, origin)
        } catch {
            return .answer(status: 500, body: Array("\(error)".utf8))
        }
    }

    /// Takes over what was pushed, and what was done by hand.
    private func lookAround(_ origin: String, _ hands: String) async throws {
        let refs = try await shell(
            "git for-each-ref --format='%(refname) %(objectname) %(*objectname)'", environment: Self.environment,
            in: origin)
        var branches: [String: String] = [:]
        var tags: [String: String] = [:]
        for line in refs.output.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 1 else { continue }
            if words[0].hasPrefix("refs/heads/") { branches[String(words[0].dropFirst(11))] = words[1] }
            if words[0].hasPrefix("refs/tags/") { tags[String(words[0].dropFirst(10))] = words.last }
        }
        let opened = hand("opened", in: hands)
        let approved = hand("approved", in: hands)
        gitHub.withRepository { [branches] repository in
            repository.branches = branches
            if let opened, !repository.pulls.values.contains(where: { $0.branch == opened }) {
                let number = 1 + (repository.pulls.keys.max() ?? 0)
                repository.pulls[number] = (branch: opened, head: nil)
                repository.pullFacts[number] = .init(title: "Mend the checkout")
            }
            if let approved, let number = repository.pulls.first(where: { $0.value.branch == approved })?.key,
                repository.reviews[number] == nil
            {
                repository.reviews[number] = [
                    .init(by: "grace", state: "APPROVED", commit: branches[approved] ?? "")
                ]
            }
        }
        guard let commit = tags[Self.tag] else { return }
        releases.withWorld { world in
            world.tags[Self.tag] = commit
            guard world.runs.isEmpty else { return }
            world.runs = [.init(number: 7, branch: Self.tag, commit: commit)]
            var release = ReleaseStandIn.Release(id: 1, tag: Self.tag)
            release.assets = [
                .init(id: 1, name: "shop-1.0.1-hotfix1.tar.gz", bytes: Array("the shop".utf8), digest: nil)
            ]
            world.releases = [release]
        }
    }

    private func hand(_ name: String, in directory: String) -> String? {
        (try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Merges a pull request as GitHub does: in the bare repository, where nothing objects.
    private func merge(_ request: LoopbackRequest, _ number: Int, _ origin: String) async throws -> LoopbackAnswer {
        let (branch, base) = gitHub.withRepository {
            ($0.pulls[number]?.branch ?? "", $0.pullFacts[number]?.base ?? "main")
        }
        let made = try await shell(
            """
            tree=$(git merge-tree --write-tree 'refs/heads/\(base)' 'refs/heads/\(branch)') || exit 1
            git commit-tree "$tree" -p 'refs/heads/\(base)' -p 'refs/heads/\(branch)' -m 'Merge pull request #\(number)'
            """, environment: Self.environment, in: origin)
        let commit = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
        gitHub.withRepository { $0.merger = { _, _, _ in made.exitStatus == 0 ? commit : nil } }
        let answer = gitHub.answer(request)
        if gitHub.withRepository({ $0.pullFacts[number]?.mergeCommit }) == commit {
            _ = try await shell(
                "git update-ref 'refs/heads/\(base)' '\(commit)'", environment: Self.environment, in: origin)
        }
        return answer
    }

    private static let environment = [
        "PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "GitHub",
        "GIT_AUTHOR_EMAIL": "noreply@github.com", "GIT_COMMITTER_NAME": "GitHub",
        "GIT_COMMITTER_EMAIL": "noreply@github.com",
    ]
}
