import Foundation

extension Field {
    /// The URL of a page, http or https.
    func link() -> String? {
        guard let text = text("a URL") else { return nil }
        return checkedURL(text) == nil ? nil : text.text
    }

    /// The base of an API: http or https, without query; a slash at its end is dropped.
    func url() -> String? {
        guard let text = text("a URL"), let components = checkedURL(text) else { return nil }
        guard components.query == nil, components.fragment == nil else {
            report("the URL has a query or a fragment.", "Give the base of the API only.")
            return nil
        }
        var base = text.text
        while base.hasSuffix("/") { base.removeLast() }
        return base
    }

    private func checkedURL(_ text: ResolvedText) -> URLComponents? {
        // A URL may hold a password: it is shown only where it cannot.
        let shown = text.text.contains("@") ? "the URL" : text.quoted
        guard let end = text.text.range(of: "://"),
            ["http", "https"].contains(text.text[..<end.lowerBound].lowercased())
        else {
            report("\(shown) is not a URL of http or https.", "Write one such as https://prometheus.example.com.")
            return nil
        }
        let authority = text.text[end.upperBound...].prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else {
            report(
                "the URL holds a user name or a password.",
                "Move them out of it: a secret is never written in the file.")
            return nil
        }
        guard text.text.unicodeScalars.allSatisfy({ $0.isASCII && $0 != " " }),
            let components = URLComponents(string: text.text), let host = components.host, !host.isEmpty,
            isPort(authority, components.port)
        else {
            report("\(shown) is not a valid URL.", "Write one such as https://prometheus.example.com:9090.")
            return nil
        }
        return components
    }

    private func isPort(_ authority: Substring, _ port: Int?) -> Bool {
        guard authority.last != "]", let colon = authority.lastIndex(of: ":") else { return true }
        guard let port, (1...65_535).contains(port) else { return false }
        return authority[authority.index(after: colon)...].allSatisfy { $0.isASCII && $0.isNumber }
    }
}
