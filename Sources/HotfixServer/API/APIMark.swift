import HotfixCore

/// What every answer of a server carries, so that no other page is ever taken for one.
package enum APIMark {
    /// The header that names the version of the API.
    package static let header = "Hotfix-API"
    /// The version.
    package static let version = "1"
    /// The header with the instant of the answer by the server's clock, so that one kept by somebody on the way is known as such.
    package static let clockHeader = "Hotfix-Clock"
}
