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
    ///
    /// - Parameters:
    ///   - name: The service.
    ///   - span: How much of its curves is shown, as the page itself asks for it; nil means the usual.
    /// - Returns: The link.
    package static func service(_ name: String, span: String? = nil) -> PageLink {
        let more = span.map { [(name: "span", value: $0)] } ?? []
        return survives(name)
            ? PageLink(["services", name], query: more)
            : PageLink(["services"], query: [(name: "service", value: name)] + more)
    }

    /// The page of one verdict.
    ///
    /// - Parameters:
    ///   - pair: Whose verdict.
    ///   - at: An instant in its window; nil means the newest with a verdict.
    /// - Returns: The link.
    package static func verdict(_ pair: Pair, at: Instant? = nil) -> PageLink {
        let more = at.map { [(name: "at", value: $0.description)] } ?? []
        guard survives(pair.service), survives(pair.guardrail) else {
            let names = [(name: "service", value: pair.service), (name: "guardrail", value: pair.guardrail)]
            return PageLink(["services"], query: names + more)
        }
        return PageLink(["services", pair.service, "guardrails", pair.guardrail], query: more)
    }

    /// Whether a name comes through browsers and proxies as a segment of a path.
    ///
    /// They take dots alone for steps, however these are encoded, and some take an encoded slash for one.
    private static func survives(_ name: String) -> Bool {
        name != "." && name != ".." && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
    }

    /// The form that asks for a token.
    ///
    /// - Parameter next: Where it leads then: a path of the server's own.
    /// - Returns: The link.
    package static func signIn(next: String? = nil) -> PageLink {
        PageLink(["sign-in"], query: next.map { [(name: "next", value: $0)] } ?? [])
    }
}
