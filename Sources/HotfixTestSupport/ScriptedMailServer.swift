import Foundation
import Synchronization

/// Something that speaks as a mail server and fails as it is told, on a free loopback port and without encryption.
package final class ScriptedMailServer: Sendable {
    /// When it is its turn.
    package enum Turn: String, Sendable {
        /// A client has come.
        case greeting
        /// A client said this.
        case ehlo, starttls, auth, mail, rcpt, data, quit
        /// A client has sent what it answered a challenge with.
        case credentials
        /// A client has sent a whole mail.
        case end
    }

    /// What it does.
    package enum Act: Sendable {
        /// It says this, each line ended by CR LF.
        case say(String)
        /// It ends the connection.
        case close
        /// It says nothing more until the client is gone.
        case hang
    }

    /// The port on which it listens.
    package let port: Int
    private let socket: Int32
    private let acts: [Turn: Act]
    private let said = Mutex<[[String]]>([])

    private init(_ acts: [Turn: Act], socket: Int32, port: Int) {
        self.acts = acts
        self.socket = socket
        self.port = port
    }

    /// Starts a server.
    ///
    /// - Parameter acts: What it does otherwise than a server that takes everything.
    /// - Returns: The server, listening.
    /// - Throws: An error of the system's.
    package static func start(_ acts: [Turn: Act]) throws -> ScriptedMailServer {
        let descriptor = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isUp = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard descriptor >= 0, isUp else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        let server = ScriptedMailServer(acts, socket: descriptor, port: Int(UInt16(bigEndian: address.sin_port)))
        Thread.detachNewThread {
            while true {
                let client = accept(descriptor, nil, nil)
                if client < 0 { return }
                Thread.detachNewThread { server.serve(client) }
            }
        }
        return server
    }

    /// What clients said, line by line and by connection; a mail is one line.
    package var transcripts: [[String]] { said.withLock { $0 } }

    /// Stops listening.
    package func stop() {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }

    private func serve(_ client: Int32) {
        defer { close(client) }
        let index = said.withLock { transcripts in
            transcripts.append([])
            return transcripts.count - 1
        }
        var reader = LineReader(client)
        var turn = Turn.greeting
        while true {
            switch acts[turn] ?? usual(turn) {
            case .close: return
            case .hang:
                while reader.line() != nil {}
                return
            case .say(let text): guard write(text + "\r\n", to: client) else { return }
            }
            if turn == .quit { return }
            guard let line = turn == .data && isTaken ? reader.mail() : reader.line() else { return }
            said.withLock { $0[index].append(line) }
            turn = next(after: turn, line)
        }
    }

    private var isTaken: Bool {
        if case .say(let text) = acts[.data] ?? usual(.data) { text.hasPrefix("354") } else { false }
    }

    private func next(after turn: Turn, _ line: String) -> Turn {
        if turn == .data, isTaken { return .end }
        return Turn(rawValue: line.prefix { $0.isLetter }.lowercased()) ?? (turn == .auth ? .credentials : .quit)
    }

    private func usual(_ turn: Turn) -> Act {
        switch turn {
        case .greeting: .say("220 hello")
        case .ehlo: .say("250-localhost\r\n250-SIZE 1000000\r\n250 AUTH PLAIN LOGIN")
        case .starttls: .say("454 no")
        case .auth: .say("334 ")
        case .credentials: .say("235 welcome")
        case .data: .say("354 go on")
        case .quit: .say("221 bye")
        case .mail, .rcpt, .end: .say("250 fine")
        }
    }

    private func write(_ text: String, to client: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            == bytes.count
    }
}

/// Reads what a client sends.
private struct LineReader {
    private let client: Int32
    private var bytes: [UInt8] = []

    init(_ client: Int32) {
        self.client = client
    }

    /// The next line without its end; nil where the client is gone.
    mutating func line() -> String? { text(endingWith: [0x0A]).map { $0.trimmingCharacters(in: .newlines) } }

    /// A mail up to its lone dot.
    mutating func mail() -> String? { text(endingWith: Array("\r\n.\r\n".utf8)) }

    private mutating func text(endingWith end: [UInt8]) -> String? {
        while true {
            if let range = bytes.firstRange(of: end) {
                defer { bytes.removeSubrange(..<range.upperBound) }
                return String(decoding: bytes[..<range.upperBound], as: UTF8.self)
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }
}
