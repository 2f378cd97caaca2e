package import HotfixCore

/// Where a link leads: a path of the server's own, or a page of the web.
package struct PageLink: Sendable, Hashable {
    /// The address as it stands in a link.
    package let text: String

    private init(text: String) {
        self.text = text
    }

    /// Makes a path of the server's own.
    ///
    /// - Parameters:
    ///   - segments: The segments, as they are; they are encoded here.
    ///   - query: The parameters, as they are.
    ///   - fragment: The identifier of a place in the page, of letters, digits and `-`.
    package init(_ segments: [String] = [], query: [(name: String, value: String)] = [], fragment: String? = nil) {
        var text = "/" + segments.map(encodedSegment).joined(separator: "/")
        if !query.isEmpty {
            text += "?" + query.map { "\(encodedSegment($0.name))=\(encodedSegment($0.value))" }.joined(separator: "&")
        }
        if let fragment { text += "#" + encodedSegment(fragment) }
        self.init(text: text)
    }

    /// Makes a link to a place in the same page.
    package init(fragment: String) {
        self.init(text: "#" + encodedSegment(fragment))
    }

    /// Makes a link to a page of the web; nil where the address is no http or https.
    package init?(outside address: String) {
        let lowered = address.lowercased()
        guard lowered.hasPrefix("https://") || lowered.hasPrefix("http://"),
            address.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
        else { return nil }
        self.init(text: address)
    }

    /// A picture that stands in its own address.
    static func picture(_ svg: StaticString) -> PageLink {
        PageLink(text: "data:image/svg+xml," + encodedSegment(svg.description))
    }

    /// The main page.
    package static let home = PageLink()

    /// The page of a service.
    package static func service(_ name: String) -> PageLink { PageLink(["services", name]) }

    /// The page of one verdict.
    ///
    /// - Parameters:
    ///   - pair: Whose verdict.
    ///   - at: An instant in its window; nil means the newest with a verdict.
    /// - Returns: The link.
    package static func verdict(_ pair: Pair, at: Instant? = nil) -> PageLink {
        PageLink(
            ["services", pair.service, "guardrails", pair.guardrail],
            query: at.map { [(name: "at", value: $0.description)] } ?? [])
    }

    /// The form that asks for a token.
    ///
    /// - Parameter next: Where it leads then: a path of the server's own.
    /// - Returns: The link.
    package static func signIn(next: String? = nil) -> PageLink {
        PageLink(["sign-in"], query: next.map { [(name: "next", value: $0)] } ?? [])
    }
}
