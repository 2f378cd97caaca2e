import HotfixCore

/// What every answer of a server carries, so that no other page is ever taken for one.
package enum APIMark {
    /// The header that names the version of the API.
    package static let header = "Hotfix-API"
    /// The version.
    package static let version = "1"
    /// The header with the instant of the answer by the server's clock, so that one kept by somebody on the way is known as such.
    package static let clockHeader = "Hotfix-Clock"
    /// The header with a text of the caller's that its answer repeats: one that was given to somebody else has another.
    package static let nonceHeader = "Hotfix-Nonce"

    /// Whether a text is repeated: 1 to 64 letters and digits of ASCII.
    static func isNonce(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }
}
