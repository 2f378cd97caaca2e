import HotfixCore
import HotfixPage

extension PageHandler {
    /// Takes the token that somebody gave, and answers with a cookie that stands for it.
    func signedIn(_ call: APICall) throws -> APIAnswer {
        try access.checkOrigin(call.headers)
        let form = try PageForm(call)
        let next = Self.local(form["next"])
        let frame = PageFrame(isWritable: access.writeToken != nil, path: next)
        guard !sessions.isExhausted else {
            return page(
                SignInPage(.tooMany, next: next, in: frame, now: desk.now).html, 429, headers: [("Retry-After", "60")])
        }
        let given = form["token"].map { Array($0.utf8) }
        // Both are looked at, so that the time does not tell which of them it was.
        let writes = access.writeToken.map { isEqual(given, $0) } ?? false
        let reads = access.readToken.map { isEqual(given, $0) } ?? false
        guard writes || reads else {
            sessions.fail()
            return page(SignInPage(.refused, next: next, in: frame, now: desk.now).html, 403)
        }
        let id = sessions.open(mayWrite: writes)
        return seeOther(
            next, headers: [("Set-Cookie", cookie(id, life: Int(PageSessions.life.components.seconds), call))])
    }

    /// Ends the session of whoever asks.
    func signedOut(_ caller: PageCaller, _ call: APICall) throws -> APIAnswer {
        try access.checkOrigin(call.headers)
        if let id = caller.sessionID { sessions.close(id) }
        return seeOther("/", headers: [("Set-Cookie", cookie("", life: 0, call))])
    }

    /// Takes a statement from a form.
    func stated(_ route: PageRoute, _ caller: PageCaller, _ call: APICall) async throws -> APIAnswer {
        let form = try PageForm(call)
        try caller.checkWriting(form, call, access)
        if route == .acknowledge {
            let entry = AcknowledgementEntry(
                episode: form["episode"] ?? "", by: form.text("by") ?? "", note: form.text("note"))
            _ = try await threads.writing { try await desk.acknowledge(entry) }
            return seeOther("/#episodes")
        }
        let entry = SilenceEntry(
            service: form.text("service"), guardrail: form.text("guardrail"), duration: form.text("for"),
            reason: form.text("reason") ?? "", by: form.text("by") ?? "")
        _ = try await threads.writing { try await desk.silence(entry) }
        return seeOther("/#silences")
    }

    private func seeOther(_ path: String, headers: [(name: String, value: String)] = []) -> APIAnswer {
        APIAnswer(303, type: nil, headers: [("Location", path)] + headers, body: .bytes([]))
    }

    /// The cookie holds an identifier that means something to this process alone, never the token.
    private func cookie(_ id: String, life: Int, _ call: APICall) -> String {
        let isSecure =
            call.headers["x-forwarded-proto"]?.lowercased() == "https"
            || call.headers["forwarded"]?.lowercased().contains("proto=https") == true
        return "\(PageCaller.cookieName(call))=\(id); Path=/; Max-Age=\(life); HttpOnly; SameSite=Strict"
            + (isSecure ? "; Secure" : "")
    }
}
