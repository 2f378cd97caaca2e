import HotfixCore
import Testing

@testable import HotfixConfiguration

private let file = "/etc/hotfix/hotfix.yaml"
private let gate = "gate: {type: github, repository: acme/shop, token: \"${GATE}\"}\n"

@Suite struct TrackerSettingsTests {
    private func tracker(
        _ lines: String, uses: Set<SecretUse> = SecretUse.all,
        environment: [String: String] = ["T": "s3cr3t", "GATE": "g4te"]
    ) throws -> TrackerSettings {
        let settings = try SettingsLoader.load(
            text: small + lines, path: file, environment: environment, secrets: uses
        ) { path in
            guard let text = smallFiles[path] else { throw FileProblem(description: "does not exist") }
            return text
        }
        return try #require(settings.tracker)
    }

    @Test func whatIsNotSaidIsTheUsual() throws {
        let tracker = try tracker("tracker: {}\n")
        #expect(tracker.main == "main" && tracker.develop == "develop" && tracker.releaseBranches == "release/*")
        #expect(tracker.approvals == 1 && tracker.forge == nil)
    }

    @Test func everyKeyIsRead() throws {
        let tracker = try tracker(
            """
            tracker:
              main: trunk
              develop: next/all
              release_branches: rel/*/lts
              approvals: 10
              github: {repository: acme/shop.js, token: "${T}", url: "https://github.acme.example/api/v3/"}
            """)
        #expect(tracker.main == "trunk" && tracker.develop == "next/all" && tracker.releaseBranches == "rel/*/lts")
        #expect(tracker.approvals == 10)
        #expect(
            tracker.forge
                == .init(
                    repository: "acme/shop.js", token: Secret("s3cr3t"), url: "https://github.acme.example/api/v3"))
    }

    @Test func theGateLendsItsRepository() throws {
        #expect(
            try tracker("tracker: {}\n" + gate).forge == .init(repository: "acme/shop", token: Secret("g4te")))
        #expect(
            try tracker("tracker: {github: {repository: a/b, token: \"${T}\"}}\n" + gate).forge
                == .init(repository: "a/b", token: Secret("s3cr3t")))
        #expect(
            try tracker("tracker: {}\ngate: {type: gitlab, project: acme/shop, token: \"${GATE}\"}\n").forge == nil)
    }

    @Test func onlyTheSecretThatIsNeededIsLookedUp() throws {
        let own = "tracker: {github: {repository: a/b, token: \"${T}\"}}\n" + gate
        #expect(try tracker(own, uses: [.forge], environment: ["T": "s3cr3t"]).forge?.token == Secret("s3cr3t"))
        #expect(try tracker(own, uses: [], environment: [:]).forge?.token == Secret(""))
        #expect(throws: SettingsError.self) { try tracker(own, uses: [.forge], environment: ["GATE": "g4te"]) }
        let lent = "tracker: {}\n" + gate
        #expect(try tracker(lent, uses: [.forge], environment: ["GATE": "g4te"]).forge?.token == Secret("g4te"))
        #expect(try tracker(lent, uses: [], environment: [:]).forge?.token == Secret(""))
        #expect(throws: SettingsError.self) { try tracker(lent, uses: [.forge], environment: [:]) }
    }

    @Test(arguments: [
        (
            "main: origin/main",
            "main: 'origin/main' begins with 'origin/'. Write the name that the branch has at origin, such as main."
        ),
        ("main: -x", "main: '-x' is not the name of a branch: it begins with '-'."),
        ("main: a b", "main: 'a b' is not the name of a branch: it holds ' '."),
        ("main: [main]", "main: must be the name of a branch, not a list."),
        (
            "develop: refs/heads/d",
            "develop: 'refs/heads/d' begins with 'refs/'. Write the name that the branch has at origin, such as main."
        ),
        ("develop: a..b", "develop: 'a..b' is not the name of a branch: it holds '..'."),
        (
            "release_branches: 'release/?'",
            "release_branches: 'release/?' is not a pattern of branches such as release/*: it holds '?'."
        ),
        ("approvals: 0", "approvals: '0' is not a whole number from 1 to 100000."),
        ("approvals: two", "approvals: 'two' is not a whole number from 1 to 100000."),
        ("approvals: 11", "approvals: '11' is more than 10. Write how many people have to approve."),
        ("github: acme/shop", "github: must be a mapping of keys to values, not a single value."),
        ("github: {token: '${T}'}", "github: 'repository' is missing."),
        ("github: {repository: acme/shop}", "github: 'token' is missing."),
        (
            "github: {repository: acme, token: '${T}'}",
            "github.repository: 'acme' is not a repository. Write OWNER/NAME, such as acme/shop."
        ),
        (
            "github: {repository: acme/shop, token: ghp_abc}",
            "github.token: a secret is never written in the file. Write ${NAME}, file:PATH or credential:NAME."
        ),
        (
            "github: {repository: acme/shop, token: '${T}', url: 'http://github.acme.example/api/v3'}",
            "github.url: is plain http to another machine: anybody on the way could read the secret. Write https."
        ),
        (
            "github: {repository: acme/shop, token: '${T}', user: x}",
            "github.user: unknown key 'user'. Known keys: repository, token, url."
        ),
    ])
    func whatIsWrongIsNamed(line: String, expected: String) {
        #expect(problems(small + "tracker:\n  \(line)\n", files: smallFiles) == ["\(file):6: tracker.\(expected)"])
    }

    @Test func twoBranchesAreTwo() {
        #expect(
            problems(small + "tracker: {main: trunk, develop: trunk}\n", files: smallFiles) == [
                "\(file):5: tracker.develop: 'main' and 'develop' are the same branch. Name two, or leave 'develop' out."
            ])
    }
}
