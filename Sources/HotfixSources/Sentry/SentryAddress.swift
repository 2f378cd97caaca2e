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
    let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 2 else { return url }
    let host = parts[2].split(separator: "@").last.map(String.init) ?? ""
    return (parts[..<2] + [host] + parts[3...]).joined(separator: "/")
}

/// Whether an address belongs to sentry.io, so that a token for sentry.io may be sent to it.
func isSentryHost(_ url: String) -> Bool {
    let scheme = "https://"
    guard url.hasPrefix(scheme) else { return false }
    let host = url.dropFirst(scheme.count).prefix { $0 != "/" }
    // A user, a port or a query in it could hide another host.
    let isPlain = host.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
    return isPlain && (host == "sentry.io" || host.hasSuffix(".sentry.io"))
}
