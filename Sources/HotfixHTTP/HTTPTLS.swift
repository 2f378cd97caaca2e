/// Whom to trust and which certificate to show; the server's certificate and name are always checked.
package struct HTTPTLS: Sendable, Hashable, Undisclosed {
    /// The PEM file of the only authorities to trust; the system's when `nil`.
    package var caFile: String?
    /// The PEM file of the certificate shown to the server.
    package var certificateFile: String?
    /// The PEM file of that certificate's key; the certificate's own file when `nil`.
    package var keyFile: String?
    /// The password of the key.
    package var keyPassword: String?

    /// Creates the settings of one origin.
    package init(
        caFile: String? = nil,
        certificateFile: String? = nil,
        keyFile: String? = nil,
        keyPassword: String? = nil
    ) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.keyPassword = keyPassword
    }

    /// The names of the files, without the password.
    package var description: String {
        "authorities: \(caFile ?? "the system's"), certificate: \(certificateFile ?? "none")"
    }

    /// The same trust, but no certificate of ours: what another origin gets to see.
    var anonymous: HTTPTLS { HTTPTLS(caFile: caFile) }
}
