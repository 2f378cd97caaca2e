import HotfixCore

/// Whoever calls for a page: what they may do, by their cookie or their token.
struct PageCaller: Sendable {
    /// The name of the cookie: browsers send the cookies of all ports of a host to each of them.
    static func cookieName(_ call: APICall) -> String {
        let port = call.headers["host"]?.split(separator: ":").last ?? ""
        let isPort =
            call.headers["host"]?.contains(":") == true && !port.isEmpty
            && port.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return isPort ? "hotfix_session_\(port)" : "hotfix_session"
    }

    /// The identifier of their session; nil where they have none.
    let sessionID: String?
    /// Their session.
    let session: PageSessions.Session?
    /// Whether they may read.
    let mayRead: Bool

    init(_ call: APICall, _ access: AccessRules, _ sessions: PageSessions) {
        let id = Self.cookie(Self.cookieName(call), in: call.headers["cookie"])
        let session = id.flatMap(sessions.session)
        sessionID = session == nil ? nil : id
        self.session = session
        mayRead = session != nil || access.reads(call.headers)
    }

    /// Refuses a form that comes from elsewhere, or from somebody who may not write.
    ///
    /// - Throws: ``APIProblem`` with status 401 or 403.
    func checkWriting(_ form: PageForm, _ call: APICall, _ access: AccessRules) throws(APIProblem) {
        try access.checkOrigin(call.headers)
        guard access.writeToken != nil else {
            throw APIProblem(
                403, "This server takes no statements: its configuration has no `serve.write_token`. Use the commands.")
        }
        guard let session else {
            throw APIProblem(401, "Nobody is signed in, or it was too long ago. Sign in with the server's write token.")
        }
        guard session.mayWrite else {
            throw APIProblem(
                403, "Whoever signed in may only read. Sign out, and sign in with the server's write token.")
        }
        guard isEqual(form["proof"].map { Array($0.utf8) }, session.proof) else {
            throw APIProblem(403, "The form is not one of this session's. Load the page again, and send it from there.")
        }
    }

    private static func cookie(_ name: String, in header: String?) -> String? {
        guard let header else { return nil }
        for part in header.split(separator: ";") {
            let sides = part.trimmed.split(separator: "=", maxSplits: 1)
            if sides.count == 2, sides[0] == name { return String(sides[1]) }
        }
        return nil
    }
}

/// What somebody filled into a form.
struct PageForm: Sendable {
    private let fields: [String: String]

    /// Reads a form.
    ///
    /// - Throws: ``APIProblem`` with status 400, 413 or 415.
    init(_ call: APICall) throws(APIProblem) {
        let type = call.headers["content-type"].map { $0.prefix { $0 != ";" }.trimmed.lowercased() }
        guard type == "application/x-www-form-urlencoded" else {
            throw APIProblem(415, "A form is sent as application/x-www-form-urlencoded.")
        }
        guard let body = call.body else {
            throw APIProblem(missingBodyOf: call, limit: APIServer.Limits.statementBytes)
        }
        let broken = APIProblem(400, "The form is none: an escape in it is broken.")
        guard let text = String(validating: body, as: UTF8.self) else { throw broken }
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count > 1 ? sides[1] : ""
            guard let name = decoded(sides[0].replacing("+", with: " ")[...]),
                let content = decoded(value.replacing("+", with: " ")[...])
            else { throw broken }
            fields[name] = content
        }
        self.fields = fields
    }

    /// What stands in a field; nil where it is not there.
    subscript(name: String) -> String? { fields[name] }

    /// What stands in a field, without blanks around it; nil where that is nothing.
    func text(_ name: String) -> String? {
        guard let text = fields[name]?[...].trimmed, !text.isEmpty else { return nil }
        return text
    }
}
