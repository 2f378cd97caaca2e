import Foundation
import HotfixCore

/// Readers of where messages go.
extension Field {
    /// Whether the value leads out of the file, so that what it is may be a secret.
    var isWrittenElsewhere: Bool {
        guard let literal else { return false }
        return ["file:", "credential:"].contains(where: literal.hasPrefix) || literal.contains("${")
    }

    /// The base of a receiver's API that is given a secret with every call.
    ///
    /// - Parameter proof: What stands in a call that nobody on the way may read; nil where nothing does.
    /// - Returns: The base, without a slash at its end.
    func receiverURL(withSecret proof: Bool = true) -> String? {
        guard let url = url() else { return nil }
        guard !proof || isPrivate(url) else {
            reportOpenWay()
            return nil
        }
        return url
    }

    /// A URL that is a secret itself, empty where secrets of channels are not looked up.
    ///
    /// - Returns: The URL; nil where it is none, which is then reported.
    func secretURL() -> Secret? {
        guard let secret = secret(for: .channels) else { return nil }
        guard isLookedUp else { return secret }
        guard let url = link() else { return nil }
        guard isPrivate(url) else {
            reportOpenWay()
            return nil
        }
        return Secret(url)
    }

    /// A URL that may be a secret: then it is written elsewhere.
    func possiblySecretURL() -> Secret? {
        if isWrittenElsewhere { return secretURL() }
        guard let url = link() else { return nil }
        guard isPrivate(url) else {
            reportOpenWay()
            return nil
        }
        return Secret(url)
    }

    /// Whether secrets of channels are looked up, so that more of them can be checked than that they are references.
    var isLookedUp: Bool { reading.references?.secrets.contains(.channels) != false }

    private func reportOpenWay() {
        report("is plain http to another machine: anybody on the way could read the secret.", "Write https.")
    }

    /// The address of a mail server, `smtp://HOST[:PORT]` or `smtps://HOST[:PORT]`.
    func mailServer() -> MailServer? {
        guard let text = text("the address of a mail server") else { return nil }
        let shown = text.text.contains("@") ? "the address" : text.quoted
        let remedy = "Write one such as smtp://mail.example.com:587 or smtps://mail.example.com."
        guard !text.text.contains("@") else {
            report("the address holds a user name or a password.", "Give 'username' and 'password' instead.")
            return nil
        }
        guard let components = URLComponents(string: text.text), let scheme = components.scheme?.lowercased(),
            ["smtp", "smtps"].contains(scheme), let host = components.host, !host.isEmpty,
            text.text.unicodeScalars.allSatisfy({ $0.isASCII && $0 != " " }),
            components.port.map({ (1...65_535).contains($0) }) ?? !text.text.hasSuffix(":")
        else {
            report("\(shown) is not the address of a mail server.", remedy)
            return nil
        }
        guard ["", "/"].contains(components.path), components.query == nil, components.fragment == nil else {
            report("\(shown) has more than a scheme, a host and a port.", remedy)
            return nil
        }
        let port = components.port.map { ":\($0)" } ?? ""
        return MailServer(
            url: "\(scheme)://\(host)\(port)", isImplicitTLS: scheme == "smtps", isLoopback: isLoopback(host: host))
    }

    /// An address of a mailbox that cannot be taken for anything else by a mail server.
    func mailAddress() -> String? {
        guard let text = text("an e-mail address") else { return nil }
        let parts = text.text.split(separator: "@", omittingEmptySubsequences: false)
        let allowed = "!#$%&'*+-/=?^_`{|}~."
        guard parts.count == 2, text.text.utf8.count <= 254, parts[0].utf8.count <= 64,
            parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".") && !$0.contains("..") }),
            parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || allowed.contains($0)) }),
            parts[1].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-.".contains($0)) })
        else {
            report(
                "\(text.quoted) is not an e-mail address that can be written to.",
                "Write one such as oncall@example.com, without a name and in ASCII.")
            return nil
        }
        return text.text
    }
}

/// A mail server.
struct MailServer {
    var url: String
    /// Whether the connection begins with TLS.
    var isImplicitTLS: Bool
    var isLoopback: Bool
}

/// Whether nobody on the way can read what is sent to a checked URL: https, or this machine.
func isPrivate(_ url: String) -> Bool {
    guard let components = URLComponents(string: url) else { return false }
    return components.scheme?.lowercased() == "https" || components.host.map(isLoopback(host:)) == true
}
