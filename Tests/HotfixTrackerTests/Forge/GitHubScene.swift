import HotfixCalls
import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import HotfixTracker

/// A repository with a hotfix branch, and a stand-in for GitHub before its origin: what is merged there is merged in origin.
struct GitHubScene {
    static let now = Instant(1_795_176_000)

    let repository: TestRepository
    let stand: GitHubStandIn
    let server: LoopbackServer
    let pulls: PullRequests
    let branch: GitName
    /// The head of the hotfix.
    let head: String

    /// Runs a body with a hotfix of one commit that is pushed.
    static func with(_ body: (GitHubScene) async throws -> Void) async throws {
        try await withTestRepository { repository in
            let branch = try GitName("release/hotfix-20261120", as: .branch)
            try await repository.git("switch", "--quiet", "--create", branch.text)
            let head = try await repository.commit("Mend the door", ["shop.txt": "open again\n"])
            try await repository.git("push", "--quiet", "origin", branch.text)
            let token = Secret("ghp_canaryOfTheTracker0123456789abc")
            let stand = GitHubStandIn(name: "acme/shop", token: token.value)
            let client = HTTPClient()
            try await withLoopbackServer({ await answer($0, stand, repository) }) { server in
                let api = GitHubAPI(url: server.url, repository: "acme/shop", token: token, client: client)
                try await body(
                    GitHubScene(
                        repository: repository, stand: stand, server: server,
                        pulls: PullRequests(api: api, now: { now }), branch: branch, head: head))
            }
            await client.shutDown()
        }
    }

    /// The repository as hotfix sees it.
    func opened() async throws -> Repository {
        try await Repository(containing: Git(directory: repository.directory, environment: repository.environment))
    }

    private static func answer(
        _ request: LoopbackRequest, _ stand: GitHubStandIn, _ repository: TestRepository
    ) async -> LoopbackAnswer {
        do {
            let listing = try await repository.git(
                "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads", in: repository.origin)
            let heads = listing.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            stand.withRepository { state in
                state.branches = Dictionary(uniqueKeysWithValues: heads.map { ($0[0], $0[1]) })
            }
            guard request.method == "PUT" else { return stand.answer(request) }
            let made = try await merge(stand, repository)
            stand.withRepository { state in state.merger = { _, _, _ in made } }
            let answer = stand.answer(request)
            if let made, stand.withRepository({ $0.pullFacts.values.contains { $0.mergeCommit == made } }) {
                try await repository.git("update-ref", "refs/heads/main", made, in: repository.origin)
            }
            return answer
        } catch {
            return .answer(status: 500, body: Array("\(error)".utf8))
        }
    }

    /// A merge commit at origin that no branch has yet; nil where it conflicts.
    private static func merge(_ stand: GitHubStandIn, _ repository: TestRepository) async throws -> String? {
        let heads = stand.withRepository { ($0.branches["main"], $0.branches["release/hotfix-20261120"]) }
        guard let main = heads.0, let head = heads.1,
            try await repository.succeeds("merge-tree", "--write-tree", main, head, in: repository.origin)
        else { return nil }
        let tree = try await repository.git("merge-tree", "--write-tree", main, head, in: repository.origin)
        return try await repository.git(
            "commit-tree", tree, "-p", main, "-p", head, "-m", "Merged at GitHub", in: repository.origin)
    }
}

/// What a body's error says; nil where it throws none.
func complaint<T>(_ body: () async throws -> T) async -> String? {
    do {
        _ = try await body()
        return nil
    } catch let error as ForgeFailure {
        return error.message
    } catch {
        return "\(error)"
    }
}
