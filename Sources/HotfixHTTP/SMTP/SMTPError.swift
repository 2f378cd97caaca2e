/// Why a mail was not taken by a mail server, or is not known to have been.
///
/// Its texts never hold a password; they may hold addresses of mailboxes.
package struct SMTPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Sendable {
        /// An address or a setting can't be used.
        case invalid
        /// The server's name is unknown.
        case resolve
        /// No connection, or it was lost before the mail was handed over.
        case unreachable
        /// A deadline passed before the mail was handed over.
        case timedOut
        /// The TLS handshake failed.
        case handshake
        /// The server's certificate is not trusted, or the TLS files can't be used.
        case untrusted
        /// The server offers no encryption, and the mail must not go without.
        case unencrypted
        /// The server does not let this user sign in.
        case credentials
        /// The server puts it off (4xx).
        case postponed
        /// The server refuses the client or the sender (5xx before the mail).
        case refused
        /// The server takes mail from the sender, and refuses the recipient.
        case unknownRecipient
        /// The server refuses this mail (5xx after the mail, or its size).
        case rejected
        /// The mail was handed over, and the server's word on it did not arrive.
        case unknown
        /// The system or libcurl refused memory, a thread or an option.
        case resources
    }

    /// What kind of failure it is.
    package var code: Code
    /// What happened, to what.
    package var message: String
    /// What to do next, as a sentence.
    package var remedy: String
    /// The server's and the transport's own words.
    package var cause: String?

    /// Creates an error.
    package init(_ code: Code, _ message: String, remedy: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.cause = cause
    }

    /// What happened and the cause.
    package var happened: String { cause.map { "\(message) (\($0))" } ?? message }

    /// What happened, the cause, and what to do next.
    package var description: String { "\(happened). \(remedy)" }
}
