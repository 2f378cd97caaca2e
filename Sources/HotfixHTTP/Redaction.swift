/// A value that shows no more than its own description, whichever way it is printed.
package protocol Undisclosed: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Undisclosed {
    /// The same as the description.
    package var debugDescription: String { description }

    /// A mirror without children, so that `dump` shows no fields either.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The texts of one call that must appear nowhere.
struct Secrets: Sendable {
    private var texts: [String] = []

    init(_ texts: [String]) {
        self.texts = texts.filter { $0.utf8.count >= 4 }
    }

    init(of call: HTTPCall, at target: HTTPTarget) {
        switch call.credentials {
        case .none: break
        case .bearer(let token): texts.append(token)
        case .basic(let user, let password): texts += [user, password]
        }
        texts += [target.user, target.password, call.tls.keyPassword].compactMap { $0 }
        texts += call.headers.filter { isSensitive(header: $0.name) }.map(\.value)
        // Very short texts would eat into ordinary words.
        texts = texts.filter { $0.utf8.count >= 4 }
    }

    /// The text with every secret replaced.
    func scrubbed(_ text: String) -> String {
        texts.reduce(text) { $0.replacing($1, with: hidden) }
    }
}

/// What stands in the place of a secret.
let hidden = "REDACTED"

/// Whether a caller's header stays with the first origin: all that do more than say what is asked for, and how.
func isSensitive(header name: String) -> Bool {
    !["accept", "accept-encoding", "cache-control", "content-type", "range"].contains(name.lowercased())
}

/// Hides what may be secret in an address that holds no user information.
///
/// Hidden are the values of query keys that sound secret, and long path segments that look random, since chat
/// webhooks carry their secret in the path.
func redacted(address: String) -> String {
    let parts = address.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts[0].split(separator: "/", omittingEmptySubsequences: false).enumerated()
        .map { index, segment in index > 2 && looksRandom(segment) ? hidden : String(segment) }
        .joined(separator: "/")
    guard parts.count > 1 else { return path }
    let query = parts[1].split(separator: "&", omittingEmptySubsequences: false).map { pair in
        let key = pair.prefix { $0 != "=" }
        return soundsSecret(key) ? "\(key)=\(hidden)" : String(pair)
    }
    return path + "?" + query.joined(separator: "&")
}

private func looksRandom(_ segment: Substring) -> Bool {
    guard segment.utf8.count >= 20 else { return false }
    return segment.contains(where: \.isNumber)
        || (segment.contains(where: \.isUppercase) && segment.contains(where: \.isLowercase))
}

private func soundsSecret(_ key: Substring) -> Bool {
    // An encoded key can hide any word.
    if key.contains("%") { return true }
    let words = ["token", "key", "secret", "pass", "pwd", "auth", "sig", "cred", "session", "dsn", "jwt"]
    let lower = key.lowercased()
    return words.contains { lower.contains($0) }
}
