import CCurl
import Foundation

extension HTTPClient {
    /// Hands a mail to a mail server, over a connection of its own, and makes no second attempt.
    ///
    /// - Parameters:
    ///   - mail: Headers and body with CR LF at the end of each line, which is what keeps a line of the mail from being a command.
    ///   - envelope: From whom and to whom.
    ///   - access: The server.
    /// - Returns: What the server said when it took the mail: it has not arrived by that.
    /// - Throws: ``SMTPError``; with code `unknown` the server may have it.
    package func send(
        _ mail: [UInt8], _ envelope: SMTPEnvelope, through access: SMTPAccess
    ) async throws(SMTPError) -> SMTPReply {
        if let objection = objection(toMailbox: envelope.to) {
            throw SMTPError(
                .invalid, "The recipient's address can't be used: \(objection)", remedy: "Give it as name@example.org.")
        }
        guard hasWholeLines(mail) else {
            throw SMTPError(
                .invalid, "A mail holds a line end that is not CR LF", remedy: "Report this as a bug of hotfix.")
        }
        let plan = try TransferPlan(mail, envelope, through: access)
        let exchange = try await exchange(plan, mayHaveArrived: true)
        return try exchange.outcome("Mail to \(envelope.to) through \(plan.target.origin)").get()
    }

    /// Connects to a mail server, signs in, and names the sender, without sending anything.
    ///
    /// - Returns: Whether somebody signed in: false where the server does not offer it, though there is a user name.
    /// - Throws: ``SMTPError``, also where the server would refuse this sender.
    package func examine(_ access: SMTPAccess, from sender: String) async throws(SMTPError) -> Bool {
        let plan = try TransferPlan(nil, SMTPEnvelope(from: sender, to: sender), through: access)
        let exchange = try await exchange(plan, mayHaveArrived: false)
        _ = try exchange.outcome("Mail from \(sender) through \(plan.target.origin)").get()
        return exchange.replies.contains { $0.code == 235 }
    }

    private func exchange(_ plan: TransferPlan, mayHaveArrived: Bool) async throws(SMTPError) -> SMTPExchange {
        func stopped(_ code: SMTPError.Code) -> SMTPError {
            SMTPError(
                code, "\(plan.subject): it was given up, since its time was over or the program is stopping",
                remedy: "It is tried again later.")
        }
        guard !Task.isCancelled else { throw stopped(.timedOut) }
        do {
            if let exchange = try await mails.run(plan).mail { return exchange }
        } catch let error as HTTPError where error.code == .resources {
            throw SMTPError(.resources, error.message, remedy: "It is tried again later.", cause: error.cause)
        } catch {
            throw stopped(mayHaveArrived ? .unknown : .timedOut)
        }
        throw SMTPError(
            .resources, "\(plan.subject): libcurl gave no result", remedy: "Report this as a bug of hotfix.")
    }
}

extension HTTPTarget {
    /// Checks the address of a mail server.
    ///
    /// - Parameters:
    ///   - text: The address.
    ///   - greeting: What the client greets with where the address has no path.
    /// - Returns: The address with its port, and the greeting as its path.
    /// - Throws: ``HTTPError`` that does not repeat the address.
    static func mailServer(_ text: String, greeting: String) throws(HTTPError) -> HTTPTarget {
        try HTTPTarget(base: nil, text, schemes: ["smtp", "smtps"]) { parts, scheme in
            func part(_ which: CURLUPart) -> String? {
                var value: UnsafeMutablePointer<CChar>?
                guard curl_url_get(parts, which, &value, UInt32(CURLU_URLDECODE)) == CURLUE_OK, let value else {
                    return nil
                }
                defer { curl_free(value) }
                return String(cString: value)
            }
            // Curl's own choice, 25, is for servers among themselves.
            if scheme == "smtp", part(CURLUPART_PORT) == nil { _ = curl_url_set(parts, CURLUPART_PORT, "587", 0) }
            let path = part(CURLUPART_PATH)?.drop { $0 == "/" } ?? ""
            let name = path.isEmpty ? Substring(greeting) : path
            // What is no name at all must not come from us; it is said by the address that cannot be used.
            _ = curl_url_set(parts, CURLUPART_PATH, isHostName(name) ? "/" + percentEncoded(String(name)) : "/", 0)
            _ = curl_url_set(parts, CURLUPART_QUERY, nil, 0)
        }
    }
}

extension TransferPlan {
    /// A transaction with a mail server.
    ///
    /// - Parameters:
    ///   - mail: The mail; nil to name the sender alone.
    ///   - envelope: From whom and to whom.
    ///   - access: The server.
    /// - Throws: ``SMTPError`` with code `invalid`, which repeats no address that may hold a password.
    init(_ mail: [UInt8]?, _ envelope: SMTPEnvelope, through access: SMTPAccess) throws(SMTPError) {
        func invalid(_ what: String, _ remedy: String) -> SMTPError { SMTPError(.invalid, what, remedy: remedy) }
        if let objection = objection(toMailbox: envelope.from) {
            throw invalid("The sender's address can't be used: \(objection)", "Give it as name@example.org.")
        }
        let domain = envelope.from.drop { $0 != "@" }.dropFirst()
        do {
            target = try HTTPTarget.mailServer(access.url, greeting: String(domain))
        } catch {
            throw invalid(error.message, "Give it as smtp://HOST:587 or smtps://HOST:465.")
        }
        guard target.user == nil, target.password == nil else {
            throw invalid(
                "The address of the mail server \(target.origin) holds a user name or a password",
                "Give both as settings of their own.")
        }
        for text in [access.username, access.password].compactMap(\.self)
        where text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw invalid(
                "The user name or the password for \(target.origin) holds a control character",
                "Remove line breaks, such as the one at the end of a file.")
        }
        guard access.isEncrypted || access.username == nil || target.isLoopback else {
            throw invalid(
                "The password for \(target.origin) would go over the network without encryption",
                "Allow no plaintext, use smtps, or sign in nowhere.")
        }
        method = .post
        isRepeatable = false
        headers = []
        body = nil
        tls = access.tls
        deadline = access.deadline
        connectDeadline = access.connectDeadline
        bodyLimit = 1 << 16
        cutsBody = false
        sink = nil
        agent = ""
        secrets = Secrets(secretTexts(access))
        self.mail = SMTPTransaction(
            envelope: envelope, mail: mail, username: access.username, password: access.password,
            isEncrypted: access.isEncrypted, replyDeadline: access.replyDeadline)
    }
}

/// The password in every form in which a server may repeat it.
private func secretTexts(_ access: SMTPAccess) -> [String] {
    let password = access.password ?? ""
    let plain = "\0\(access.username ?? "")\0\(password)"
    return [Data(plain.utf8).base64EncodedString(), Data(password.utf8).base64EncodedString(), password]
        + [access.tls.keyPassword].compactMap(\.self)
}

/// Whether every line ends with CR LF, and neither stands elsewhere.
private func hasWholeLines(_ mail: [UInt8]) -> Bool {
    var previous: UInt8 = 0
    for byte in mail {
        if (byte == 0x0A) != (previous == 0x0D) { return false }
        previous = byte
    }
    return previous == 0x0A
}
