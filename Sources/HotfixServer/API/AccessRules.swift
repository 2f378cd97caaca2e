package import HotfixCore

/// Who may read and who may write.
package struct AccessRules: Sendable {
    /// The token that reads; nil where none is asked for.
    package var readToken: Secret?
    /// The token that writes, and reads too; nil where nothing may be written.
    package var writeToken: Secret?
    /// Whether the server listens on this machine alone.
    package var isLoopback: Bool
    /// Names that it may be called by beside those of this machine, in lower case; empty where none were named.
    package var hosts: [String]

    /// Makes rules.
    package init(readToken: Secret?, writeToken: Secret?, isLoopback: Bool, hosts: [String] = []) {
        self.readToken = readToken
        self.writeToken = writeToken
        self.isLoopback = isLoopback
        self.hosts = hosts.map { $0.lowercased() }
    }

    /// Whether a text is the name or the address of a host, without scheme and port.
    package static func isHostName(_ text: String) -> Bool { hostName(text) == text }

    /// Refuses a statement that may not be made.
    ///
    /// - Parameter headers: The headers of the call, by their names in lower case.
    /// - Throws: ``APIProblem`` with status 401 or 403.
    package func checkWriting(_ headers: [String: String]) throws(APIProblem) {
        try checkOrigin(headers)
        let given = bearer(headers["authorization"])
        guard let writeToken else {
            throw APIProblem(
                403, "This server takes no statements: its configuration has no `serve.write_token`.")
        }
        if isEqual(given, writeToken) { return }
        if let readToken, isEqual(given, readToken) {
            throw APIProblem(403, "This token only reads. Give the server's write_token.")
        }
        throw refusal(given, "write_token")
    }

    /// Refuses a question that may not be asked.
    ///
    /// - Parameter headers: The headers of the call, by their names in lower case.
    /// - Throws: ``APIProblem`` with status 401.
    package func checkReading(_ headers: [String: String]) throws(APIProblem) {
        let given = bearer(headers["authorization"])
        // Where the proxy asks who calls, what it was told may come along: that is none of ours.
        let isOurs = given.map { !$0.isEmpty } ?? false
        guard readToken != nil || isOurs else { return }
        for token in [readToken, writeToken] { if let token, isEqual(given, token) { return } }
        throw refusal(given, "read_token")
    }

    /// Refuses a page elsewhere that has given its own name the address of this machine.
    ///
    /// - Throws: ``APIProblem`` with status 421.
    func checkHost(_ headers: [String: String]) throws(APIProblem) {
        guard !hosts.isEmpty || (isLoopback && readToken == nil) else { return }
        if let name = headers["host"].flatMap(hostName), isKnown(name) { return }
        let known = ["'localhost'", "127.0.0.1"] + hosts.map { "'\($0)'" }
        let names = known.dropLast().joined(separator: ", ") + " and " + (known.last ?? "")
        throw APIProblem(
            421,
            hosts.isEmpty
                ? "This server asks for no token, and so answers to \(names) alone. Call it by one of these, or give it a "
                    + "`serve.read_token`, or its name by --host."
                : "This server answers to \(names) alone. Call it by one of these, or give it the name by --host.")
    }

    /// Whether nobody elsewhere can have given a name to this machine: an address stands for itself.
    private func isKnown(_ name: String) -> Bool {
        HotfixCore.isLoopback(host: name) || hosts.contains(name.lowercased()) || (!isLoopback && isAddress(name))
    }

    /// Whether whoever sends these headers may read, also where what they send along is none of ours.
    func reads(_ headers: [String: String]) -> Bool {
        guard readToken != nil else { return true }
        let given = bearer(headers["authorization"])
        return [readToken, writeToken].contains { token in token.map { isEqual(given, $0) } ?? false }
    }

    /// A page in a browser may send what it likes to whom it likes: from elsewhere, nothing is taken.
    func checkOrigin(_ headers: [String: String]) throws(APIProblem) {
        let isForeign =
            headers["origin"].map { origin in
                let parts = origin.split(separator: "/", omittingEmptySubsequences: true)
                return parts.count != 2 || parts[1].lowercased() != headers["host"]?.lowercased()
            } ?? false
        if isForeign || ["cross-site", "same-site"].contains(headers["sec-fetch-site"]) {
            throw APIProblem(403, "A statement from a page of another origin is not taken.")
        }
    }

    private func refusal(_ given: [UInt8]?, _ name: String) -> APIProblem {
        APIProblem(
            401,
            given == nil
                ? "The server asks for a token: set $HOTFIX_TOKEN, or give --token-file, to the server's \(name)."
                : "The token is none of the server's. Set $HOTFIX_TOKEN, or give --token-file, to its \(name).",
            headers: ["WWW-Authenticate": given == nil ? "Bearer" : #"Bearer error="invalid_token""#])
    }

    private func bearer(_ header: String?) -> [UInt8]? {
        guard let header else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        // Credentials of another kind are none of the server's tokens, and never no credentials.
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return [] }
        return Array(parts[1].utf8)
    }
}
