/// How a mail server is reached; it never shows the password.
package struct SMTPAccess: Sendable, Hashable, Undisclosed {
    /// The address: `smtp://HOST[:PORT]`, port 587 unless given, or `smtps://HOST[:PORT]`, port 465 unless given.
    ///
    /// With `smtp` the connection is encrypted by STARTTLS before anything else is said. A path behind it is the name that the client greets with.
    package var url: String
    /// Who signs in; nil for nobody.
    package var username: String?
    /// The password; nil where nobody signs in.
    package var password: String?
    /// Whom to trust and which certificate to show.
    package var tls: HTTPTLS
    /// Whether, with `smtp`, nothing is encrypted; never where somebody signs in at another machine.
    package var allowsPlaintext: Bool
    /// How long a mail may take in all.
    package var deadline: Duration
    /// How long resolving, connecting and the TLS handshake may take together.
    package var connectDeadline: Duration
    /// How long the server may take for one reply, in whole seconds.
    package var replyDeadline: Duration

    /// Creates an access.
    package init(
        url: String, username: String? = nil, password: String? = nil, tls: HTTPTLS = .init(),
        allowsPlaintext: Bool = false, deadline: Duration = .seconds(60), connectDeadline: Duration = .seconds(10),
        replyDeadline: Duration = .seconds(45)
    ) {
        self.url = url
        self.username = username
        self.password = password
        self.tls = tls
        self.allowsPlaintext = allowsPlaintext
        self.deadline = deadline
        self.connectDeadline = connectDeadline
        self.replyDeadline = replyDeadline
    }

    /// Whether what is said goes encrypted, or not at all.
    package var isEncrypted: Bool { url.lowercased().hasPrefix("smtps:") || !allowsPlaintext }

    /// The address, without user, password and path.
    package var description: String {
        (try? HTTPTarget.mailServer(url, greeting: "localhost"))?.origin ?? "an invalid address of a mail server"
    }
}

/// From whom and to whom a mail goes.
package struct SMTPEnvelope: Sendable, Hashable {
    /// The sender's address.
    package var from: String
    /// The recipient's address: one to a mail, so that one who is refused keeps it from nobody else.
    package var to: String

    /// Creates an envelope.
    package init(from: String, to: String) {
        self.from = from
        self.to = to
    }
}

/// What is wrong with an address of a mailbox, as the end of a sentence; nil where it can be used.
///
/// An address is taken as `LOCAL@DOMAIN` of at most 254 bytes of ASCII that needs no quotes: what else the standard allows could hold commands
/// and headers of its own, and every mail server refuses some of it.
///
/// - Parameter address: The address alone, without a name and angle brackets.
/// - Returns: For example `it holds a space or a line break`.
package func objection(toMailbox address: String) -> String? {
    if address.isEmpty { return "it is empty" }
    if address.utf8.count > 254 { return "it is longer than 254 bytes" }
    if address.utf8.contains(where: { $0 < 0x21 || $0 == 0x7F }) { return "it holds a space or a line break" }
    if !address.utf8.allSatisfy({ $0 < 0x80 }) {
        return "it holds characters beyond ASCII; write the domain as xn--…, and ask for a mailbox in ASCII"
    }
    let parts = address.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return "it has not exactly one @" }
    guard parts[0].utf8.count <= 64, isDotted(parts[0], of: isAtomic) else {
        return "what stands before the @ is not made of letters, digits, single dots and !#$%&'*+-/=?^_`{|}~"
    }
    guard isHostName(parts[1]) else { return "what stands behind the @ is not the name of a domain" }
    return nil
}

/// Whether a text is a name that a mail client may greet with: a host's name, or an address in brackets.
func isHostName(_ text: Substring) -> Bool {
    if text.hasPrefix("["), text.hasSuffix("]") {
        return text.utf8.count > 2
            && text.utf8.dropFirst().dropLast().allSatisfy { isLetterOrDigit($0) || $0 == 0x2E || $0 == 0x3A }
    }
    return text.utf8.count <= 253 && isDotted(text) { isLetterOrDigit($0) || $0 == 0x2D || $0 == 0x5F }
}

private func isDotted(_ text: Substring, of isAllowed: (UInt8) -> Bool) -> Bool {
    text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
        !$0.isEmpty && $0.utf8.allSatisfy(isAllowed)
    }
}

private func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
}

private func isAtomic(_ byte: UInt8) -> Bool { isLetterOrDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte) }
