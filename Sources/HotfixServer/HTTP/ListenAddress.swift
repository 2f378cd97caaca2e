import HotfixCore

/// Where a server listens.
package struct ListenAddress: Sendable, Hashable {
    /// The host: a name or an address, without brackets.
    package var host: String
    /// The port; 0 lets the system choose.
    package var port: Int

    /// Reads `HOST:PORT`, `[::1]:PORT`, or a port alone, which means 127.0.0.1.
    ///
    /// The result is nil where the text is none of these.
    package init?(text: String) {
        let split = text.lastIndex(of: ":")
        let digits = split.map { text[text.index(after: $0)...] } ?? text[...]
        var name = split.map { text[..<$0] } ?? "127.0.0.1"
        if name.hasPrefix("["), name.hasSuffix("]") {
            name = name.dropFirst().dropLast()
        } else if name.contains(":") {
            return nil
        }
        guard !name.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits), port < 65_536
        else { return nil }
        host = String(name)
        self.port = port
    }

    /// The same as text: `HOST:PORT`.
    package var text: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    /// Whether only this machine reaches it.
    package var isLoopback: Bool { HotfixCore.isLoopback(host: host) }
}
