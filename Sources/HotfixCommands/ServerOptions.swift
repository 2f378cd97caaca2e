package import ArgumentParser
import Foundation
package import HotfixCore
import HotfixHTTP
import HotfixServer

/// Options of every command that reads or writes the ledger: whose ledger it is.
package struct ServerOptions: ParsableArguments {
    @Option(
        help: """
            Ask a running `hotfix serve` rather than a ledger here; else $HOTFIX_SERVER, which outranks $HOTFIX_CONFIG. No \
            configuration is read then. Its token comes from $HOTFIX_TOKEN.
            """)
    package var server: String?
    @Option(help: "The file with the token of the server, rather than $HOTFIX_TOKEN.")
    package var tokenFile: String?
    @Flag(
        help:
            "Allow http to a server that is not on this machine: anybody on the way can read the token and forge answers."
    )
    package var insecureHttp = false

    package init() {}
}

extension ServerOptions {
    /// The desk that the options name: beside the ledger, or a server's.
    ///
    /// - Parameter common: The options of every command.
    /// - Returns: The desk; what it holds open is closed with it.
    /// - Throws: `CommandError` where the options contradict each other, and `SettingsError`.
    package func desk(_ common: CommonOptions) throws -> any LedgerDesk {
        let surroundings = Surroundings.current
        if server != nil, common.config != nil {
            throw CommandError(
                .wrong, "--server and --config exclude each other: a server has a configuration of its own.")
        }
        guard let address = address(common) else {
            if tokenFile != nil || insecureHttp {
                throw CommandError(
                    .wrong, "--token-file and --insecure-http say how a server is asked: give --server too.")
            }
            return LocalDesk(try Workplace(config: common.config))
        }
        let base = try ServerAddress(address, allowsPlainHTTP: insecureHttp)
        let client = surroundings.client()
        return RemoteDesk(base, token: try token(surroundings), client: client, clock: { surroundings.now })
    }

    /// The server that is asked; nil where the ledger is at hand.
    func address(_ common: CommonOptions) -> String? {
        if let server { return server }
        guard common.config == nil else { return nil }
        return Surroundings.current.environment["HOTFIX_SERVER"].flatMap { $0.isEmpty ? nil : $0 }
    }

    private func token(_ surroundings: Surroundings) throws -> Secret? {
        let text: String
        if let tokenFile {
            let path = tokenFile.hasPrefix("/") ? tokenFile : "\(surroundings.directory)/\(tokenFile)"
            guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= 1 << 16 else {
                throw CommandError(
                    .wrong, "The token file '\(tokenFile)' could not be read. Name a file that holds the token alone.")
            }
            text = String(decoding: bytes, as: UTF8.self)
        } else if let named = surroundings.environment["HOTFIX_TOKEN"], !named.isEmpty {
            text = named
        } else {
            return nil
        }
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CommandError(
                .wrong,
                "The token in \(tokenFile.map { "'\($0)'" } ?? "$HOTFIX_TOKEN") is empty, or holds a blank or a character "
                    + "that is not ASCII. Give the server's read_token or write_token.")
        }
        return Secret(token)
    }
}

/// The checked address of a server.
struct ServerAddress: Sendable {
    /// The address without a slash at its end.
    let base: String

    /// Checks an address.
    ///
    /// - Throws: `CommandError` where it is none, holds more than scheme, host, port and path, or is plain http to elsewhere.
    init(_ text: String, allowsPlainHTTP: Bool) throws {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty, parts.query == nil,
            parts.fragment == nil
        else {
            throw CommandError(
                .wrong, "--server is not the address of a server. Write it as https://hotfix.example.com.")
        }
        guard parts.user == nil, parts.password == nil else {
            throw CommandError(
                .wrong, "--server holds a user name or a password. Give the token by $HOTFIX_TOKEN or --token-file.")
        }
        guard scheme == "https" || isLoopback(host: host) || allowsPlainHTTP else {
            throw CommandError(
                .wrong,
                "--server \(oneLine(text)) is plain http to another machine: anybody on the way could read the token and "
                    + "forge the answer. Use https, or say --insecure-http where the way is safe.")
        }
        var base = text
        while base.hasSuffix("/") { base.removeLast() }
        self.base = base
    }
}
