import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixServer
import HotfixTestSupport
import Testing

/// The text of an answer's body.
private func text(_ answer: HTTPAnswer) -> String { String(decoding: answer.body, as: UTF8.self) }

@Suite("The pages of a server")
struct PageServerTests {
    /// Signs in, and gives the cookie and what forms prove themselves with.
    private func signIn(_ lab: ServedLab, _ token: String = writeToken) async throws -> (cookie: String, proof: String)
    {
        let answer = try await form(lab, "/sign-in", "token=\(token)&next=%2F")
        #expect(answer.status == 303)
        #expect(answer.headers["Location"] == "/")
        let header = try #require(answer.headers["Set-Cookie"])
        for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/"] { #expect(header.contains(part)) }
        #expect(!header.contains(token))
        // Another server on this host has another.
        #expect(header.hasPrefix("hotfix_session_\(lab.port)="))
        let cookie = String(header.prefix { $0 != ";" })
        let page = text(try await lab.send(.get, "/", [("Cookie", cookie)]))
        let proof = page.firstMatch(of: /name="proof" value="([0-9a-f]*)"/).map { String($0.1) } ?? ""
        return (cookie, proof)
    }

    private func form(
        _ lab: ServedLab, _ path: String, _ body: String, _ headers: [(name: String, value: String)] = []
    ) async throws -> HTTPAnswer {
        try await lab.send(
            .post, path, body: body, [("Content-Type", "application/x-www-form-urlencoded")] + headers)
    }

    @Test("whoever has no token is asked for it, and sees nothing of the ledger")
    func closed() async throws {
        try await withServer { lab in
            for path in ["/", "/services/checkout", "/services/checkout/guardrails/error-rate", "/events"] {
                let answer = try await lab.send(.get, path)
                #expect(answer.status == 401, "\(path)")
                #expect(!text(answer).contains("release/hotfix"))
            }
            #expect(try await form(lab, "/sign-in", "token=wrong").status == 403)
            let open = try await lab.send(.get, "/", token: readToken)
            #expect(open.status == 200)
            #expect(text(open).contains("release/hotfix"))
            let reader = try await signIn(lab, readToken)
            #expect(try await lab.send(.get, "/", [("Cookie", reader.cookie)]).status == 200)
            let refused = try await form(
                lab, "/silence", "service=checkout&for=1h&reason=x&by=ann&proof=\(reader.proof)",
                [("Cookie", reader.cookie)])
            #expect(refused.status == 403)
            #expect(text(refused).contains("may only read"))
        }
    }

    @Test("pages forbid all but their own files, and these may be kept for ever")
    func policy() async throws {
        try await withServer { lab in
            let page = try await lab.send(.get, "/", token: readToken)
            let policy = try #require(page.headers["Content-Security-Policy"])
            #expect(!policy.contains("unsafe") && policy.hasPrefix("default-src 'none'"))
            #expect(page.headers["Cache-Control"] == "no-store")
            let names = text(page).matches(of: /\/(page\.[0-9a-f]{16}\.(css|js))/).map { String($0.1) }
            #expect(names.count == 2)
            for name in names {
                let sheet = try await lab.send(.get, "/\(name)")
                #expect(sheet.status == 200)
                #expect(sheet.headers["Cache-Control"]?.contains("immutable") == true)
            }
            #expect(try await lab.send(.get, "/page.0000000000000000.css").status == 404)
            #expect(try await lab.send(.post, "/", token: writeToken, body: "{}").status == 405)
        }
    }

    @Test("a silence by a form ends in the ledger; one from elsewhere, or without proof, does not")
    func silence() async throws {
        try await withServer { lab in
            let (cookie, proof) = try await signIn(lab)
            let fields = "service=checkout&guardrail=&for=2h&reason=a+drill+%26+more&by=ann"
            for (body, headers, status) in [
                (fields, [("Cookie", cookie)], 403), ("\(fields)&proof=wrong", [("Cookie", cookie)], 403),
                ("\(fields)&proof=\(proof)", [], 401),
                ("\(fields)&proof=\(proof)", [("Cookie", cookie), ("Origin", "https://evil.example")], 403),
                ("\(fields)&proof=\(proof)", [("Cookie", cookie), ("Sec-Fetch-Site", "cross-site")], 403),
                ("service=nobody&for=2h&reason=x&by=ann&proof=\(proof)", [("Cookie", cookie)], 404),
                ("service=checkout&for=never&reason=x&by=ann&proof=\(proof)", [("Cookie", cookie)], 400),
                ("%zz&proof=\(proof)", [("Cookie", cookie)], 400),
            ] as [(String, [(name: String, value: String)], Int)] {
                #expect(try await form(lab, "/silence", body, headers).status == status, "\(body)")
            }
            #expect(await lab.here.run("silence", "--list").output.contains("ann") == false)
            let done = try await form(
                lab, "/silence", "\(fields)&proof=\(proof)", [("Cookie", cookie), ("Origin", lab.url)])
            #expect(done.status == 303)
            #expect(await lab.here.run("silence", "--list").output.contains("a drill & more"))
            let out = try await form(lab, "/sign-out", "", [("Cookie", cookie)])
            #expect(out.status == 303)
            #expect(try await lab.send(.get, "/", [("Cookie", cookie)]).status == 401)
        }
    }

    @Test("the page of a verdict has all that it was reached from; what is not there is told as a page")
    func verdict() async throws {
        try await withServer { lab in
            let path = "/services/checkout/guardrails/error-rate?at=2026-11-20T12:05:00Z"
            let page = text(try await lab.send(.get, path, token: readToken))
            for part in [
                "breach", "+25%", "look-back", "policy", "hotfix explain", "<svg", "The episode that it belongs to",
            ] {
                #expect(page.contains(part), "\(part)")
            }
            for (path, status) in [
                ("/services/nobody", 404), ("/services/checkout/guardrails/nothing", 404),
                ("/services?service=nobody", 404), ("/services?service=checkout&guardrail=error-rate", 200),
                ("/services", 404), ("/services/checkout/guardrails/error-rate?at=2999-01-01T00:00:00Z", 200),
                ("/services/checkout/guardrails/error-rate?at=never", 400), ("/services/checkout/guardrails", 404),
                ("/sign-in?next=%2F%2Fevil.example", 200),
            ] {
                let answer = try await lab.send(.get, path, token: readToken)
                #expect(answer.status == status, "\(path)")
                #expect(!text(answer).contains("evil.example"))
            }
        }
    }

    @Test("the page of a service that is ready calls nothing else ready, and each verdict leads to its source")
    func partial() async throws {
        let spike = project { $0 >= noon + 2400 ? 70 : 50 }
        try await withSentry(
            [spike, project("search", id: 102)], services: ["checkout", "search"],
            more: "serve: {write_token: \"${WRITE_TOKEN}\"}", now: noon, environment: ["WRITE_TOKEN": writeToken]
        ) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            await lab.commands.checks(from: noon, to: noon + 3000)
            #expect(await lab.commands.run("readiness", "--service", "search").output.hasPrefix("READY"))
            try await lab.commands.served { served in
                let page = text(try await served.send(.get, "/services/search"))
                #expect(page.contains("search has proven its time") && !page.contains("The hotfix is ready"))
                #expect(page.contains("as a whole is <span class=\"word bad\">breaching</span>"))
                for path in ["/", "/services/checkout/guardrails/error-rate"] {
                    let page = text(try await served.send(.get, path))
                    let link = "href=\"\(lab.server.url)/organizations/acme/issues/?project="
                    #expect(page.contains(link), "\(path)")
                    #expect(!page.contains(canary))
                }
                let remote = try served.elsewhere()
                #expect(await remote.run("explain", "checkout", "error-rate").status == .done)
                let json = await lab.commands.run("explain", "checkout", "error-rate", "--format", "json").output
                #expect(json.contains("\"links\"") && json.contains("/organizations/acme/issues/"))
            }
        }
    }

    @Test("a service that was deployed and is configured no more is named, and hides nothing of the others")
    func dropped() async throws {
        let more = "serve: {write_token: \"${WRITE_TOKEN}\"}"
        try await withSentry(
            [project(), project("search", id: 102)], services: ["checkout", "search"], more: more, now: noon,
            environment: ["WRITE_TOKEN": writeToken]
        ) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            await lab.commands.checks(from: noon, to: noon + 600)
            try lab.commands.write(sentryConfiguration(url: lab.server.url, more: more), to: "hotfix.yaml")
            try await lab.commands.served { served in
                let answer = try await served.send(.get, "/")
                #expect(answer.status == 200)
                let page = text(answer)
                #expect(page.contains("<td class=\"text\">search</td>"))
                #expect(page.contains("id=\"strip-checkout\""))
                #expect(await lab.commands.run("report", "--html", "report.html").status == .done)
                #expect(try await served.send(.get, "/api/v1/overview?service=nobody").status == 404)
            }
        }
    }

    @Test("events begin with the state that the page was made from")
    func events() async throws {
        try await withServer("serve: {write_token: \"${WRITE_TOKEN}\"}") { lab in
            let page = text(try await lab.send(.get, "/"))
            let mark = try #require(page.firstMatch(of: /data-mark="([^"]+)"/)).1
            #expect(try await PageNewsReader(url: lab.url + "/events").first() == "\(mark)")
            // What was ready a minute ago need not be ready now, whatever the ledger holds.
            lab.here.now = lab.here.now + 60
            let later = text(try await lab.send(.get, "/"))
            #expect(try #require(later.firstMatch(of: /data-mark="([^"]+)"/)).1 != mark)
        }
    }

    @Test("a report is one file with the plots and what happened, and never written over the ledger")
    func report() async throws {
        try await withServer { lab in
            #expect(await lab.here.run("report", "--html", "report.html").status == .done)
            let report = try #require(try lab.here.files()["report.html"])
            let local = String(decoding: report, as: UTF8.self)
            for part in ["Timeline", "release/hotfix", "a drill", "<svg", "checkout/error-rate"] {
                #expect(local.contains(part), "\(part)")
            }
            let remote = try lab.elsewhere()
            #expect(await remote.run("report", "--html", "report.html").status == .done)
            let served = try #require(try remote.files()["report.html"])
            #expect(String(decoding: served, as: UTF8.self) == local)
            for file in ["hotfix.yaml", ".hotfix/ledger.db", "policy.yaml", "."] {
                let before = try lab.here.files()[file]
                #expect(await lab.here.run("report", "--html", file).status == .wrong, "\(file)")
                #expect(try lab.here.files()[file] == before)
            }
        }
    }
}
