import Foundation

/// What a loopback server was asked.
package struct LoopbackRequest: Sendable {
    /// The method, such as `GET`.
    package let method: String
    /// The request target without its query: a path, or a whole address when asked as a proxy.
    package let path: String
    /// The pairs of the query, decoded.
    package let query: [(String, String)]
    /// The headers, in order.
    package let headers: [(String, String)]
    /// The body.
    package let body: [UInt8]

    init(method: String, target: String, headers: [(String, String)], body: [UInt8]) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.method = method
        self.path = String(parts[0])
        self.query = parts.count > 1 ? decodedPairs(parts[1]) : []
        self.headers = headers
        self.body = body
    }

    /// The pairs of a form body, decoded.
    package var form: [(String, String)] { decodedPairs(Substring(decoding: body, as: UTF8.self)) }

    /// The first value of a header, whose name is compared without regard to case.
    package func header(_ name: String) -> String? {
        headers.first { $0.0.lowercased() == name.lowercased() }?.1
    }
}

/// Decodes as servers do: a raw `+` is a space.
private func decodedPairs(_ text: Substring) -> [(String, String)] {
    func decoded(_ part: Substring) -> String {
        let spaced = part.replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? String(spaced)
    }
    return text.split(separator: "&").map { pair in
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (decoded(parts[0]), parts.count > 1 ? decoded(parts[1]) : "")
    }
}
