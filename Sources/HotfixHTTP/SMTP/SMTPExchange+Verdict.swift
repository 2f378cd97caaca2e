import CCurl

extension SMTPExchange {
    /// What the exchange came to.
    ///
    /// - Parameter subject: What was tried: `Mail to ops@example.org through smtp://mail.example.org:587`.
    /// - Returns: The server's last word where all went well.
    func outcome(_ subject: String) -> Result<SMTPReply, SMTPError> {
        // Whatever became of the connection, the server's word on the whole mail is final.
        if let verdict {
            switch verdict.code {
            case ..<400: return .success(verdict)
            case ..<500: return .failure(postponed(subject))
            default: return .failure(rejected(subject))
            }
        }
        if code == CURLE_OK, repliesBeforeEnd == nil {
            return .success(replies.last ?? SMTPReply(code: 250, lines: []))
        }
        guard repliesBeforeEnd == nil else {
            return .failure(
                error(
                    .unknown, "\(subject): it was handed over, and the server's answer did not arrive",
                    "It is sent again under the same Message-ID."))
        }
        return .failure(failure(subject))
    }

    private func failure(_ subject: String) -> SMTPError {
        let refusal = refusal?.code
        if let refusal, refusal < 500 { return postponed(subject) }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return error(
                .resolve, "\(subject): the name can't be resolved", "Check the host, the proxy and the resolver.")
        case CURLE_COULDNT_CONNECT:
            return error(
                .unreachable, "\(subject): no connection",
                "Check that the server runs, that the port is right, and that no firewall is between.")
        case CURLE_OPERATION_TIMEDOUT:
            return error(
                .timedOut, "\(subject): no answer within the deadline",
                "Check the server's load, the network, and that the port is right: 587 for smtp, 465 for smtps.")
        case CURLE_SSL_CONNECT_ERROR:
            return error(
                .handshake, "\(subject): the TLS handshake failed",
                "Check that the port speaks TLS: 465 does from the start, with smtps; 587 after STARTTLS, with smtp.")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
            return error(
                .untrusted, "\(subject): the server's certificate is not trusted, so nothing was sent",
                "Check its name, its dates and the CA file.")
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CRL_BADFILE, CURLE_SSL_CIPHER,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED:
            return error(
                .untrusted, "\(subject): the TLS files can't be used", "Check the CA, certificate and key files.")
        case CURLE_USE_SSL_FAILED:
            return error(
                .unencrypted, "\(subject): the server does not offer STARTTLS, so nothing was sent",
                "Use smtps with the server's TLS port, or have the server offer STARTTLS.")
        case CURLE_LOGIN_DENIED:
            return error(
                .credentials, "\(subject): the server refused to let this user sign in",
                "Check user name and password, and that the server lets them sign in by PLAIN or LOGIN.")
        case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT:
            return error(.resources, "\(subject): libcurl is out of resources", "Check the free memory.")
        default: return refused(refusal, subject)
        }
    }

    private func refused(_ reply: Int?, _ subject: String) -> SMTPError {
        switch reply {
        case nil:
            error(
                .unreachable, "\(subject): the connection was lost before the mail was handed over",
                "Check the server's log, and that the port speaks SMTP.")
        case 552: rejected(subject)
        case 530:
            error(
                .refused, "\(subject): the server wants a sign-in",
                "Configure a user name and a password, or check that the server offers to sign in.")
        case _ where isOfRecipient:
            error(
                .unknownRecipient, "\(subject): the server refused the recipient",
                "Check the recipient's address, and what this server lets this client send.")
        default:
            error(
                .refused, "\(subject): the server refused",
                "Check the sender's and the recipient's address, and what this server lets this client send.")
        }
    }

    private func postponed(_ subject: String) -> SMTPError {
        error(.postponed, "\(subject): the server puts it off", "It is tried again later.")
    }

    private func rejected(_ subject: String) -> SMTPError {
        error(.rejected, "\(subject): the server refuses this mail", "Look in the server's log.")
    }

    /// The last word of the server where that was a no; what it says to the farewell is no word on anything.
    private var refusal: SMTPReply? {
        let word = verdict ?? replies.last { $0.code != 221 }
        return word.flatMap { $0.code >= 400 ? $0 : nil }
    }

    /// Whether the last word was on the recipient: the second after the sign-in or the greetings, the first of which is on the sender.
    private var isOfRecipient: Bool {
        let codes = replies.map(\.code)
        guard let last = codes.lastIndex(where: { $0 >= 500 }) else { return false }
        if let signedIn = codes.lastIndex(of: 235) { return last - signedIn == 2 }
        guard let welcome = codes.lastIndex(of: 220), welcome + 1 < last else { return false }
        // A server that knows no EHLO is greeted once more.
        return last - welcome == (codes[welcome + 1] < 500 ? 3 : 4)
    }

    private func error(_ kind: SMTPError.Code, _ message: String, _ remedy: String) -> SMTPError {
        let reply = refusal.map { "the server said \($0.text)" }
        let words = text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
        let curl = code == CURLE_OK ? nil : "curl \(code.rawValue): \(words)"
        return SMTPError(
            kind, message, remedy: remedy, cause: [reply, curl].compactMap(\.self).joined(separator: "; "))
    }
}
