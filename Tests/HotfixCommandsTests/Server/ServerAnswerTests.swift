import Foundation
import HotfixCommands
import HotfixCore
import HotfixHTTP
import HotfixServer
import HotfixTestSupport
import Testing

@Suite("The answers of a server")
struct ServerAnswerTests {
    private func json(_ answer: HTTPAnswer) throws -> JSONObject {
        try #require(try JSONParser.value(of: answer.body).object)
    }

    @Test("readiness comes as the command prints it")
    func readiness() async throws {
        try await withServer { lab in
            let answer = try await lab.send(.get, "/api/v1/readiness?service=checkout&max_age=1h", token: readToken)
            let command = await lab.here.run(
                "readiness", "--service", "checkout", "--max-age", "1h", "--format", "json")
            #expect(String(decoding: answer.body, as: UTF8.self) == command.output)
            #expect(answer.contentType == "application/json")
            #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
            #expect(answer.headers["Hotfix-API"] == "1")
        }
    }

    @Test("an error carries the sentence and the exit status of the command")
    func problems() async throws {
        try await withServer { lab in
            let table: [(path: String, status: Int, arguments: [String])] = [
                ("/api/v1/readiness?service=nobody", 404, ["readiness", "--service", "nobody"]),
                ("/api/v1/readiness?at=never", 400, ["readiness", "--at", "never"]),
                ("/api/v1/readiness?max_age=soon", 400, ["readiness", "--max-age", "soon"]),
                ("/api/v1/gate?commit=a1", 400, ["gate", "--commit", "a1"]),
                ("/api/v1/services/nobody/explanations", 404, ["explain", "nobody"]),
                ("/api/v1/services/checkout/guardrails/cpu/explanation", 404, ["explain", "checkout", "cpu"]),
                ("/api/v1/ledger?from=x", 400, ["ledger", "export", "--from", "x"]),
                ("/explain?service=nobody", 404, ["explain", "nobody"]),
                ("/explain?service=checkout&guardrail=cpu", 404, ["explain", "checkout", "cpu"]),
                ("/explain?service=checkout&at=never", 400, ["explain", "checkout", "--at", "never"]),
            ]
            for (path, status, arguments) in table {
                let answer = try await lab.send(.get, path, token: readToken)
                #expect(answer.status == status, "\(path)")
                #expect(answer.contentType == "application/problem+json")
                let problem = try json(answer)
                let run = await lab.here.run(arguments)
                #expect(problem["exit_status"] == JSONValue(Int(run.status.rawValue)))
                #expect(problem["status"] == JSONValue(status))
                guard case .string(let detail)? = problem["detail"] else {
                    Issue.record("no detail: \(path)")
                    continue
                }
                #expect(run.errors == "hotfix: \(detail.text)\n")
            }
        }
    }

    @Test(
        "what cannot be asked is refused for what it is",
        arguments: [
            ("GET", "/api/v1", 404), ("GET", "/api/v1/readiness/", 404),
            ("GET", "/api/v2/readiness", 404),
            ("GET", "/api/v1/services//explanations", 404), ("POST", "/api/v1/readiness", 405),
            ("DELETE", "/api/v1/deployments", 405), ("GET", "/api/v1/exclusions", 405),
            ("GET", "/api/v1/readiness?x=1", 400),
            ("GET", "/api/v1/readiness?at=@1&at=@2", 400), ("GET", "/api/v1/readiness?at=%zz", 400),
            ("GET", "/api/v1/readiness?at=%ff%fe", 400), ("GET", "/api/v1/services/%c3%28/explanations", 400),
            ("GET", "/explain", 400), ("GET", "/explain?guardrail=error-rate", 400), ("POST", "/explain", 405),
            ("GET", "/explain?service=checkout&service=checkout", 400), ("GET", "/explain/", 404),
            ("GET", "/api/v1/messages?limit=0", 400), ("GET", "/api/v1/messages?limit=x", 400),
            ("GET", "/api/v1/silences/1/lift", 405), ("DELETE", "/api/v1/silences", 405),
            ("GET", "/api/v1/gate", 400), ("GET", "/api/v1/ledger?format=xml", 400),
            ("GET", "/api/v1/episodes?limit=0", 400), ("GET", "/api/v1/episodes?limit=1001", 400),
            ("GET", "/api/v1/episodes?cursor=x", 400),
            ("GET", "/api/v1/services/checkout/guardrails/error-rate/verdicts?cursor=1", 400),
            ("GET", "/api/v1/services/checkout/guardrails/error-rate/verdicts?cursor=9999999999999999.1", 400),
            ("GET", "/api/v1/services/checkout/guardrails/error-rate/verdicts?cursor=-9223372036854775808.0", 400),
            (
                "GET",
                "/api/v1/services/checkout/guardrails/error-rate/verdicts?cursor=9223372036854775807.9223372036854775807",
                400
            ),
            (
                "GET", "/api/v1/services/checkout/guardrails/error-rate/explanation?at=9999-12-31T23:59:59Z", 400
            ),
            ("GET", "/api/v1/services/checkout/explanations?at=0001-01-01T00:00:00Z", 400),
            ("GET", "/api/v1/readiness?at=@-62167219200", 400), ("GET", "/api/v1/ledger?to=9999-01-01T00:00:00Z", 400),
            ("GET", "/api/v1/services/..%2f..%2fetc%2fpasswd/explanations", 404),
            ("GET", "/api/v1/../../etc/passwd", 404), ("GET", "/..%2f..%2fetc/passwd", 404),
            ("GET", "/api/v1/services/%3Cscript%3Ealert(1)%3C%2Fscript%3E/explanations", 404),
            ("GET", "/api/v1/readiness?service=%3Cscript%3E", 404), ("GET", "/api/v1/readiness?service=%00", 404),
        ])
    func refusals(method: String, path: String, status: Int) async throws {
        try await withServer { lab in
            // As it stands: a client of ours would mend the path first.
            let answer = await lab.raw(
                "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(writeToken)\r\n"
                    + "Connection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
            #expect(answer.contains("application/problem+json"))
            #expect(!answer.contains("root:"))
            if status == 405 { #expect(answer.lowercased().contains("\r\nallow: ")) }
        }
    }

    @Test(
        "a statement that cannot be read is refused, and nothing is recorded",
        arguments: [
            "", "{", "[]", "null", "1", #"{"commit": 1}"#, #"{"commit": null}"#, #"{}"#,
            #"{"commit": "abc", "comit": 1}"#,
            #"{"commit": "abcabca", "services": "checkout"}"#, #"{"commit": "abcabca", "services": [1]}"#,
            #"{"commit": "abcabca", "no_incident": "yes"}"#, #"{"commit": "abcabca", "commit": "abcabcb"}"#,
            #"{"commit": "abcabca", "at": 5}"#, "{\"commit\": \"\u{0}\"}", String(repeating: "[", count: 10_000),
            #"{"commit": "abcabca", "no_incident": true, "incident": "2026-11-20T10:00:00Z", "reason": "x"}"#,
            #"{"commit": "abcabca", "services": [], "no_incident": true}"#,
            "{\"commit\": \"abcabca\", \"incident\": \"2026-11-20T10:00:00Z\", \"reason\": \"\u{200B}\u{2060}\"}",
            #"{"commit": "abcabca", "new_baseline": true}"#, #"{"commit": "abcabca", "reason": "without cause"}"#,
        ])
    func badStatements(body: String) async throws {
        try await withServer { lab in
            let before = await lab.here.run("deployed", "--list")
            let answer = try await lab.send(.post, "/api/v1/deployments", token: writeToken, body: body)
            #expect(answer.status == 400)
            #expect(try json(answer)["exit_status"] == JSONValue(2))
            #expect(await lab.here.run("deployed", "--list") == before)
        }
    }

    @Test("bytes that are not UTF-8 are refused")
    func badBytes() async throws {
        try await withServer { lab in
            let client = HTTPClient()
            let answer = try await client.send(
                HTTPCall(
                    .post, lab.url + "/api/v1/deployments", headers: [("Content-Type", "application/json")],
                    body: Array(#"{"commit": ""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8),
                    credentials: .bearer(writeToken), retry: .none))
            await client.shutDown()
            #expect(answer.status == 400)
        }
    }

    @Test("a body that is too large, a head that is too large and a head that never ends come to nothing")
    func limits() async throws {
        try await withServer { lab in
            let large = #"{"commit": "\#(String(repeating: "a", count: 70_000))"}"#
            let answer = try await lab.send(.post, "/api/v1/deployments", token: writeToken, body: large)
            #expect(answer.status == 413)
            let huge = #"{"commit": "\#(String(repeating: "a", count: 3 << 20))"}"#
            let refused = try? await lab.send(.post, "/api/v1/deployments", token: writeToken, body: huge)
            #expect(refused == nil || refused?.status == 413)
            let fields = (0..<200).map { "X-\($0): y\r\n" }.joined()
            let many = await lab.raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n")
            #expect(!many.hasPrefix("HTTP/1.1 200"))
            let long = await lab.raw(
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "y", count: 100_000))\r\n\r\n")
            #expect(!long.hasPrefix("HTTP/1.1 200"))
            let path = String(repeating: "a", count: 9000)
            let far = await lab.raw("GET /\(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(!far.hasPrefix("HTTP/1.1 200"))
            #expect(!(await lab.raw("\u{16}\u{3}\u{1}\u{0}nonsense\r\n\r\n")).hasPrefix("HTTP/1.1 200"))
            // The server is there still.
            #expect(try await lab.send(.get, "/healthz").status == 200)
        }
    }

    @Test("a tag holds until the ledger, the question or the answer is another")
    func tags() async throws {
        try await withServer { lab in
            let paths = [
                "/api/v1/readiness", "/api/v1/readiness?service=checkout", "/api/v1/deployments", "/api/v1/episodes",
                "/api/v1/baselines", "/api/v1/services", "/api/v1/silences",
                "/api/v1/services/checkout/guardrails/error-rate/verdicts?limit=2",
                "/api/v1/services/checkout/explanations",
            ]
            var tags: [String: String] = [:]
            for path in paths {
                let tag = try #require(try await lab.send(.get, path, token: readToken).headers["ETag"])
                tags[path] = tag
                let same = try await lab.send(.get, path, token: readToken, [("If-None-Match", "W/\"x\", \(tag)")])
                #expect(same.status == 304, "\(path)")
                #expect(same.body.isEmpty)
                let other = try await lab.send(.get, path, token: readToken, [("If-None-Match", "\"other\"")])
                #expect(other.status == 200)
                let nobody = try await lab.send(.get, path, [("If-None-Match", tag)])
                #expect(nobody.status == 401)
            }
            #expect(Set(tags.values).count == paths.count)
            lab.here.now = lab.here.now + 60
            for path in paths {
                let tag = try #require(tags[path])
                let later = try await lab.send(.get, path, token: readToken, [("If-None-Match", tag)])
                #expect(later.status == 304, "\(path)")
            }
            await lab.here.run("deployed", "--close")
            for path in paths {
                let tag = try #require(tags[path])
                let later = try await lab.send(.get, path, token: readToken, [("If-None-Match", tag)])
                // A closing changes no verdict, and no word of an explanation.
                #expect(later.status == (path.contains("explanations") ? 304 : 200), "\(path)")
            }
        }
    }

    @Test("verdicts and episodes come in pages, and no page lacks or repeats one")
    func pages() async throws {
        let spikes = project { ($0.seconds / 300) % 4 == 1 ? 500 : 50 }
        try await withSentry([spikes], more: "", now: noon) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            await lab.commands.checks(from: noon, to: noon + 7200)
            let export = await lab.commands.rows()
            try await lab.commands.served { lab in
                for (path, name) in [
                    ("/api/v1/services/checkout/guardrails/error-rate/verdicts", "verdicts"),
                    ("/api/v1/episodes", "episodes"),
                ] {
                    let whole = try json(try await lab.send(.get, path + "?limit=1000"))
                    var pieces: [JSONValue] = []
                    var next: String? = path + "?limit=2"
                    while let address = next {
                        let answer = try await lab.send(.get, address)
                        let page = try JSONReader(try JSONParser.value(of: answer.body), "page")
                        pieces += try page.elements(JSONString(name))
                        let link = answer.headers["Link"]
                        #expect((link != nil) == page.has("next"))
                        next = link.map { String($0.dropFirst().prefix { $0 != ">" }) }
                    }
                    #expect(whole[JSONString(name)] == .array(pieces))
                    #expect(pieces.count > 4)
                    if name == "verdicts" { #expect(pieces.count == export.count) }
                }
            }
        }
    }

    @Test("what the ledger comes to hold while pages are read is on a later page, and the pages say that it changed")
    func growingPages() async throws {
        let spikes = project { ($0.seconds / 300) % 4 == 1 ? 500 : 50 }
        let cart = project("cart", id: 102) { ($0.seconds / 300) % 4 == 1 ? 500 : 50 }
        try await withSentry([spikes, cart], services: ["checkout", "cart"], now: noon) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            await lab.commands.checks(from: noon, to: noon + 7200, "--service", "checkout")
            try await lab.commands.served { served in
                func page(_ address: String) async throws -> (ids: [String], isChanged: Bool, next: String?) {
                    let answer = try await served.send(.get, address)
                    let reader = try JSONReader(try JSONParser.value(of: answer.body), "page")
                    let ids = try reader.objects("episodes") { entry throws(JSONContentError) in try entry.text("id") }
                    return (ids, try reader.flag("changed"), try reader.optionalText("next"))
                }
                let first = try await page("/api/v1/episodes?limit=2")
                #expect(!first.isChanged)
                // The other service's episodes opened at the same times, and before it by name.
                await lab.commands.run("check")
                var ids = first.ids
                var next = first.next
                while let cursor = next {
                    let more = try await page("/api/v1/episodes?limit=2&cursor=\(cursor)")
                    #expect(more.isChanged)
                    ids += more.ids
                    next = more.next
                }
                let all = try await page("/api/v1/episodes?limit=1000")
                #expect(ids == all.ids)
                #expect(Set(ids).count == ids.count && ids.contains { $0.hasPrefix("cart/") }, "\(ids)")
            }
        }
    }

    @Test(
        "lists come whole, or in parts that lack and repeat nothing; an episode is acknowledged by the short name too")
    func parts() async throws {
        try await withServer { lab in
            for _ in 0..<3 {
                await lab.here.run(
                    "silence", "--service", "checkout", "--for", "1h", "--reason", "a drill", "--by", "ann")
            }
            let path = "/api/v1/silences"
            let whole = try JSONParser.value(of: try await lab.send(.get, path, token: readToken).body)
            var pieces: [JSONValue] = []
            var next: String? = path + "?limit=2"
            while let address = next {
                let answer = try await lab.send(.get, address, token: readToken)
                guard case .array(let part) = try JSONParser.value(of: answer.body) else { break }
                pieces += part
                next = answer.headers["Link"].map { String($0.dropFirst().prefix { $0 != ">" }) }
            }
            #expect(pieces.count == 3)
            #expect(whole == .array(pieces))
            for bad in ["?limit=0", "?limit=1001", "?cursor=4", "?cursor=-1", "?cursor=x"] {
                #expect(try await lab.send(.get, path + bad, token: readToken).status == 400, "\(bad)")
            }
            let acked = try await lab.send(
                .post, "/api/v1/episodes/checkout%2Ferror-rate/ack", token: writeToken, body: #"{"by": "ann"}"#)
            let other = try await lab.send(
                .post, "/api/v1/episodes/checkout%2Ferror-rate/acknowledgement", token: writeToken,
                body: #"{"by": "bob"}"#)
            #expect(acked.status == other.status)
        }
    }

    @Test("an export comes as a stream of what the command prints")
    func export() async throws {
        try await withServer { lab in
            let csv = try await lab.send(.get, "/api/v1/ledger", token: readToken)
            #expect(csv.contentType == "text/csv; charset=utf-8")
            #expect(await lab.here.run("ledger", "export").output == String(decoding: csv.body, as: UTF8.self))
            let json = try await lab.send(.get, "/api/v1/ledger?format=json", token: readToken)
            #expect(json.contentType == "application/json")
            let local = await lab.here.run("ledger", "export", "--format", "json")
            #expect(local.output == String(decoding: json.body, as: UTF8.self))
        }
    }

    @Test("two who state things at once both find what they stated")
    func writers() async throws {
        try await withServer { lab in
            try await withThrowingTaskGroup(of: Run.self) { group in
                for number in 0..<6 {
                    let commands = number % 2 == 0 ? try lab.elsewhere() : lab.here
                    group.addTask {
                        await commands.run(
                            "deployed", "--commit", String(repeating: "\(number)", count: 40), "--no-incident", "--at",
                            "2026-11-20T12:0\(number):00Z", "--format", "json")
                    }
                }
                for try await run in group { #expect(run.status == .done, "\(run.errors)") }
            }
            let list = await lab.here.run("deployed", "--list").output
            for number in 0..<6 { #expect(list.contains(String(repeating: "\(number)", count: 40))) }
            #expect(list.split(separator: "\n").count == 7)
        }
    }
}
