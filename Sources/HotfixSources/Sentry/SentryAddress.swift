import HotfixHTTP

/// A resource of Sentry's API: the server, the path below `/api/0/`, the query.
struct SentryAddress: Sendable, Hashable {
    /// One `name=value` of the query.
    struct Parameter: Sendable, Hashable {
        var name: String
        var value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    var base: String
    var path: [String]
    var query: [Parameter] = []

    /// The address as it is sent; paths end in a slash, since Sentry answers 404 without it.
    var url: String {
        let pairs = query.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }
        return text(path: path.map(percentEncoded), pairs: pairs)
    }

    /// The address as a person reads it: not encoded, without a user and password in the base.
    var readable: String {
        var shown = self
        shown.base = withoutUser(base)
        return shown.text(path: path, pairs: query.map { "\($0.name)=\($0.value)" })
    }

    private func text(path: [String], pairs: [String]) -> String {
        let parts = [base, "api/0"] + path
        return parts.joined(separator: "/") + "/" + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }
}

/// A server's address without trailing slashes, as `SentryAddress` wants it.
func trimmedBase(_ url: String) -> String {
    var text = url[...]
    while text.hasSuffix("/") { text = text.dropLast() }
    return String(text)
}

/// A server's address without the user and password that it may hold.
func withoutUser(_ url: String) -> String {
    guard let scheme = url.range(of: "://") else { return url }
    let authority = url[scheme.upperBound...].prefix { $0 != "/" }
    guard let at = authority.lastIndex(of: "@") else { return url }
    return url[..<scheme.upperBound] + url[url.index(after: at)...]
}

/// Whether an address belongs to sentry.io, so that a token for sentry.io may be sent to it.
func isSentryHost(_ url: String) -> Bool {
    guard url.hasPrefix("https://") else { return false }
    let authority = url.dropFirst("https://".count).prefix { !"/?#".contains($0) }.lowercased()
    guard authority.unicodeScalars.allSatisfy({ $0.isASCII && ($0.properties.isAlphabetic || "0123456789.-".unicodeScalars.contains($0)) })
    else { return false }
    return authority == "sentry.io" || authority.hasSuffix(".sentry.io")
}
