import HotfixCore
import Testing

@testable import HotfixConfiguration

@Suite struct ServeSettingsTests {
    private let secrets = ["READ": "reads-0123456789", "WRITE": "writes-0123456789", "SHORT": "0123456789abcde"]

    private func found(_ line: String, _ environment: [String: String]? = nil) -> [String] {
        problems(small + line, environment: environment ?? secrets, files: smallFiles)
    }

    @Test func tokensAreReadFromElsewhere() throws {
        let text = small + "serve: {read_token: \"${READ}\", write_token: \"file:w\"}"
        var files = smallFiles
        files["/etc/hotfix/w"] = "writes-0123456789\n"
        let serve = try settings(text, environment: secrets, files: files).serve
        #expect(serve.readToken == Secret("reads-0123456789"))
        #expect(serve.writeToken == Secret("writes-0123456789"))
        #expect(try settings(small, environment: secrets, files: smallFiles).serve == ServeSettings())
    }

    @Test(arguments: [
        ("serve: {read_token: reads-0123456789}", "serve.read_token: a secret is never written in the file."),
        ("serve: {read_token: \"${SHORT}\"}", "serve.read_token: the token is shorter than 16 characters."),
        ("serve: {write_token: \"${GONE}\"}", "serve.write_token: the environment variable 'GONE' is not set."),
        (
            "serve: {write_tokn: \"${WRITE}\"}",
            "serve.write_tokn: unknown key 'write_tokn'. Did you mean 'write_token'?"
        ),
        (
            "serve: {read_token: \"${READ}\", write_token: \"${READ}\"}",
            "serve: 'read_token' and 'write_token' are the same."
        ),
        ("serve: yes", "serve: must be a mapping of keys to values, not a single value."),
    ])
    func whatIsWrongIsSaid(line: String, expected: String) throws {
        let found = found(line)
        #expect(found.count == 1)
        #expect(found.first?.contains(expected) == true, "\(found)")
        #expect(found.allSatisfy { !$0.contains("0123456789") })
    }

    @Test func aTokenThatCannotBeAHeaderIsRefused() {
        let found = found("serve: {read_token: \"${READ}\"}", ["READ": "has a blank in it, and is long"])
        #expect(found.first?.contains("holds a blank") == true)
    }

    @Test("who asks sources needs no token of the server, and the server none of a source")
    func secretsByUse() throws {
        let text = """
            sources: {sentry: {type: sentry, organization: acme, token: "${SENTRY}"}}
            services: [{name: checkout, environment: production, sentry: {project: checkout}}]
            policy: policy.yaml
            serve: {write_token: "${WRITE}"}
            """
        func load(_ uses: Set<SecretUse>, _ environment: [String: String]) throws -> Settings {
            try SettingsLoader.load(
                text: text, path: "/etc/hotfix/hotfix.yaml", environment: environment, secrets: uses
            ) { _ in "guardrails: {errors: {source: sentry, measure: error-rate, limit: +25%}}" }
        }
        let server = try load([.server], ["WRITE": "writes-0123456789"])
        #expect(server.serve.writeToken == Secret("writes-0123456789"))
        let agent = try load([.sources], ["SENTRY": "sesame-open"])
        #expect(agent.serve == ServeSettings())
        #expect(throws: SettingsError.self) { try load([.server], ["SENTRY": "sesame-open"]) }
        #expect(throws: SettingsError.self) { try load([.sources], ["WRITE": "writes-0123456789"]) }
        #expect(throws: SettingsError.self) { try load(SecretUse.all, ["WRITE": "writes-0123456789"]) }
    }
}
