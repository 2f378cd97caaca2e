package import HotfixCore
package import HotfixHTTP

/// The mail server that takes a channel's mail.
package struct SMTPServer: Sendable, Hashable {
    /// `smtp://HOST[:PORT]`, encrypted by STARTTLS, port 587 unless given; or `smtps://HOST[:PORT]`, port 465 unless given.
    package var url: String
    /// Who signs in; nil for nobody.
    package var username: String?
    /// The password.
    package var password: Secret?
    /// Whom to trust.
    package var tls: HTTPTLS
    /// Whether, with `smtp`, nothing is encrypted; never where somebody signs in at another machine.
    package var allowsPlaintext: Bool

    /// Makes the settings.
    package init(
        url: String, username: String? = nil, password: Secret? = nil, tls: HTTPTLS = .init(),
        allowsPlaintext: Bool = false
    ) {
        self.url = url
        self.username = username
        self.password = password
        self.tls = tls
        self.allowsPlaintext = allowsPlaintext
    }

    var access: SMTPAccess {
        SMTPAccess(
            url: url, username: username, password: password?.value, tls: tls, allowsPlaintext: allowsPlaintext)
    }
}
