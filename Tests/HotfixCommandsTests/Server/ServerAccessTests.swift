import Foundation
import HotfixCommands
import HotfixCore
import HotfixHTTP
import HotfixServer
import HotfixTestSupport
import Testing

@Suite("Who may read and write at a server")
struct ServerAccessTests {
    private static let write = ("/api/v1/exclusions", #"{"interval": "nothing", "reason": "x"}"#)

    /// Tokens of the configuration, the token given, and the statuses of a reading and of a statement that is wrong in itself.
    private static let table: [(settings: String, given: String?, reading: Int, writing: Int)] = [
        ("", nil, 200, 403), ("", "anything-at-all-x", 401, 403),
        (serveSettings, nil, 401, 401), (serveSettings, "wrong-0123456789abcdef", 401, 401),
        (serveSettings, readToken, 200, 403), (serveSettings, writeToken, 200, 400),
        (serveSettings, readToken + "x", 401, 401), (serveSettings, String(writeToken.dropLast()), 401, 401),
        (serveSettings, writeToken + writeToken, 401, 401), (serveSettings, "", 401, 401),
        (#"serve: {write_token: "${WRITE_TOKEN}"}"#, nil, 200, 401),
        (#"serve: {write_token: "${WRITE_TOKEN}"}"#, writeToken, 200, 400),
        (#"serve: {write_token: "${WRITE_TOKEN}"}"#, "wrong-0123456789abcdef", 401, 401),
        (#"serve: {read_token: "${READ_TOKEN}"}"#, nil, 401, 403),
        (#"serve: {read_token: "${READ_TOKEN}"}"#, readToken, 200, 403),
    ]

    @Test("follows from the tokens alone", arguments: table.indices)
    func tokens(row: Int) async throws {
        let (settings, given, reading, writing) = Self.table[row]
        try await withServer(settings) { lab in
            for route in APIRoute.allCases where !route.isWrite && !route.isOpen {
                var path = route.path(["service": "checkout", "guardrail": "error-rate"])
                if route == .gate { path += "?commit=\(commit)" }
                if route == .explain { path = explainPath(service: "checkout") }
                let answer = try await lab.send(.get, path, token: given)
                #expect(answer.status == reading, "\(route)")
                #expect((answer.headers["WWW-Authenticate"] != nil) == (reading == 401))
            }
            for route in APIRoute.allCases where route.isWrite {
                let path = route.path(["episode": "a/b/c", "deployment": "77", "silence": "77"])
                let answer = try await lab.send(.post, path, token: given, body: #"{"bad": 1}"#)
                #expect(answer.status == writing, "\(route)")
                #expect((answer.headers["WWW-Authenticate"] != nil) == (writing == 401))
            }
            #expect(try await lab.send(.get, "/healthz", token: given).status == 200)
            #expect(try await lab.send(.get, "/api/v1/openapi.json", token: given).status == 200)
        }
    }

    @Test("a token of another kind is none")
    func otherSchemes() async throws {
        try await withServer { lab in
            for value in ["Basic \(readToken)", readToken, "Bearer", "Bearer  ", "Token \(readToken)"] {
                let answer = try await lab.send(.get, "/api/v1/readiness", [("Authorization", value)])
                #expect(answer.status == 401, "\(value)")
            }
            let lower = try await lab.send(.get, "/api/v1/readiness", [("Authorization", "bearer \(readToken)")])
            #expect(lower.status == 200)
            let inQuery = try await lab.send(.get, "/api/v1/readiness?access_token=\(readToken)")
            #expect(inQuery.status == 401)
        }
    }

    @Test("where a proxy asks who calls, its own credentials stop nobody from reading, and let nobody write")
    func credentialsOfAProxy() async throws {
        for settings in ["", #"serve: {write_token: "${WRITE_TOKEN}"}"#] {
            try await withServer(settings) { lab in
                for value in ["Basic YW5uOmh1bnRlcjI=", "Digest username=ann", "Negotiate abc"] {
                    let headers = [(name: "Authorization", value: value)]
                    #expect(try await lab.send(.get, "/api/v1/readiness", headers).status == 200, "\(value)")
                    let (path, body) = Self.write
                    let answer = try await lab.send(.post, path, body: body, headers)
                    #expect(answer.status == (settings.isEmpty ? 403 : 401), "\(value)")
                }
                let wrong = try await lab.send(.get, "/api/v1/readiness", token: "wrong-0123456789abcdef")
                #expect(wrong.status == 401)
            }
        }
    }

    @Test(
        "where no token is asked for, the server answers to the names of this machine alone",
        arguments: [
            ("127.0.0.1:1", 200), ("localhost", 200), ("LOCALHOST:8321", 200), ("[::1]:8321", 200), ("127.9.9.9", 200),
            ("evil.example", 421), ("evil.example:8321", 421), ("127.0.0.1.evil.example", 421), ("127.0.0.evil", 421),
            ("localhost.evil.example", 421), ("0.0.0.0", 421), ("127.0.0.1@evil.example", 421),
            ("[::1].evil.example", 421), ("localhost:80@evil.example", 421), ("localhost:x", 421),
        ])
    func hosts(host: String, status: Int) async throws {
        try await withServer("") { lab in
            let answer = try await lab.send(.get, "/api/v1/readiness", [("Host", host)])
            #expect(answer.status == status)
        }
        try await withServer { lab in
            let answer = try await lab.send(.get, "/api/v1/readiness", token: readToken, [("Host", host)])
            #expect(answer.status == 200)
        }
    }

    @Test(
        "behind a proxy that asks who calls, it answers to the names that it was given, wherever it listens",
        arguments: [
            ("127.0.0.1:0", "hotfix.example.com", 200), ("127.0.0.1:0", "HOTFIX.example.com:443", 200),
            ("127.0.0.1:0", "second.example.com", 200), ("127.0.0.1:0", "localhost", 200),
            ("127.0.0.1:0", "evil.example", 421), ("127.0.0.1:0", "10.0.0.1", 421),
            ("0.0.0.0:0", "hotfix.example.com", 200), ("0.0.0.0:0", "evil.example", 421),
            ("0.0.0.0:0", "hotfix.example.com.evil.example", 421), ("0.0.0.0:0", "10.0.0.1:8321", 200),
        ])
    func names(listen: String, host: String, status: Int) async throws {
        try await withSentry(now: noon) { lab in
            await lab.commands.run("check")
            try await lab.commands.served(
                "--listen", listen, "--no-auth-behind-proxy", "--host", "hotfix.example.com", "--host",
                "Second.example.com"
            ) { served in
                let answer = try await served.send(.get, "/api/v1/readiness", [("Host", host)])
                #expect(answer.status == status)
            }
        }
    }

    @Test("without a token it has to be told the names, and none that is none is taken")
    func unnamed() async throws {
        try await withServer("") { lab in
            for listen in ["127.0.0.1:0", "0.0.0.0:0"] {
                let run = await lab.here.run("serve", "--listen", listen, "--no-auth-behind-proxy")
                #expect(run.status == .wrong)
                #expect(run.errors.contains("needs --host NAME"))
            }
            for name in ["https://hotfix.example.com", "hotfix.example.com:443", "a@b", "a b", "[::1].example"] {
                let run = await lab.here.run("serve", "--listen", "127.0.0.1:0", "--host", name)
                #expect(run.status == .wrong)
                #expect(run.errors.contains("is not the name of a host"), "\(name)")
            }
        }
        // Where names are given, a token does not make up for a foreign one.
        try await withServer { lab in
            let tokens = ["READ_TOKEN": readToken, "WRITE_TOKEN": writeToken]
            let here = CommandLab(directory: lab.here.directory, environment: tokens, now: lab.here.now)
            try await here.served("--host", "hotfix.example.com") { served in
                for (host, status) in [("hotfix.example.com", 200), ("evil.example", 421)] {
                    let answer = try await served.send(
                        .get, "/api/v1/readiness", token: readToken, [("Host", host)])
                    #expect(answer.status == status)
                }
            }
        }
    }

    @Test("a page of another origin states nothing, whatever token it has")
    func origins() async throws {
        try await withServer { lab in
            let (path, body) = Self.write
            let foreign: [[(name: String, value: String)]] = [
                [("Origin", "https://evil.example")], [("Origin", "null")], [("Origin", "http://127.0.0.1:1")],
                [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")],
            ]
            for headers in foreign {
                let answer = try await lab.send(.post, path, token: writeToken, body: body, headers)
                #expect(answer.status == 403, "\(headers)")
            }
            let own = try await lab.send(.post, path, token: writeToken, body: body, [("Origin", lab.url)])
            #expect(own.status == 400)
            for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"]
            {
                let answer = try await lab.send(.post, path, token: writeToken, body: body, [("Content-Type", type)])
                #expect(answer.status == 415, "\(type)")
            }
            let charset = [(name: "Content-Type", value: "application/json; charset=utf-8")]
            #expect(try await lab.send(.post, path, token: writeToken, body: body, charset).status == 400)
            let answer = try await lab.send(
                .get, "/api/v1/readiness", token: readToken, [("Origin", "https://x.example")])
            #expect(answer.headers["Access-Control-Allow-Origin"] == nil)
        }
    }

    @Test("beyond this machine it listens with a token, or where a proxy is said to ask for one")
    func listening() async throws {
        try await withServer("") { lab in
            for address in ["0.0.0.0:0", "[::]:0", "example.invalid:0", "127.0.0.1.example.invalid:0"] {
                let run = await lab.here.run("serve", "--listen", address)
                #expect(run.status == .wrong)
                #expect(run.errors.contains("nobody is asked for a token"), "\(address)")
            }
            for address in ["", ":", "x", "127.0.0.1:", "127.0.0.1:99999", "::1:80", "127.0.0.1:-1"] {
                let run = await lab.here.run("serve", "--listen", address)
                #expect(run.status == .wrong)
                #expect(run.errors.contains("is not HOST:PORT"), "\(address)")
            }
            let taken = await lab.here.run("serve", "--listen", "127.0.0.1:\(lab.port)")
            #expect(taken.status == .unfinished)
            #expect(taken.errors.contains("No server at 127.0.0.1:\(lab.port)"))
            let unknown = await lab.here.run(
                "serve", "--listen", "nowhere.invalid:0", "--no-auth-behind-proxy", "--host", "a.example")
            #expect(unknown.status == .unfinished)
            #expect(unknown.errors.contains("No server at nowhere.invalid:0"))
        }
    }

    @Test("whoever may state nothing is told so without waiting for what they send")
    func refusedBody() async throws {
        try await withServer { lab in
            let began = ContinuousClock.now
            let answer = await lab.raw(
                "POST /api/v1/silences HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 1073741824\r\n\r\n{")
            #expect(answer.hasPrefix("HTTP/1.1 401 "), "\(answer)")
            // A body that is looked at has ten seconds.
            #expect(.now - began < .seconds(8))
        }
    }

    @Test("a number is digits alone, and what may be asked of an address is told whole")
    func numbers() async throws {
        try await withServer { lab in
            for query in ["episodes?limit=%2B5", "deployments?cursor=%2B0", "deployments?limit=-1"] {
                #expect(try await lab.send(.get, "/api/v1/\(query)", token: readToken).status == 400, "\(query)")
            }
            let answer = try await lab.send(.post, "/api/v1/readiness", token: writeToken, body: "{}")
            #expect(answer.status == 405 && answer.headers["Allow"] == "GET, HEAD")
        }
    }

    @Test("no token is ever printed, by the server or by a command")
    func secrecy() async throws {
        try await withServer(arguments: "--verbose") { lab in
            var said = ""
            for token in [readToken, writeToken, "wrong-0123456789abcdef"] {
                let elsewhere = try lab.elsewhere(token: token)
                for arguments in [
                    ["readiness"], ["deployed", "--close"], ["ledger", "export"], ["gate", "--commit", "x"],
                ] {
                    let run = await elsewhere.run(arguments + ["--verbose"])
                    said += run.output + run.errors
                }
                let broken = try lab.elsewhere(token: token, url: "http://127.0.0.1:1")
                let run = await broken.run("readiness")
                #expect(run.status == .unfinished)
                said += run.output + run.errors
            }
            said += lab.said()
            for token in [readToken, writeToken, "wrong-0123456789abcdef"] { #expect(!said.contains(token)) }
        }
    }
}
