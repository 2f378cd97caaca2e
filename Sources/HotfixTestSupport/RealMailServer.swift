import Foundation

/// A mail server on a free loopback port, with a certificate for `localhost` made for it: Debian's aiosmtpd as a process of its own.
package final class RealMailServer: Sendable {
    /// Why there is no server.
    package struct Failure: Error, CustomStringConvertible {
        /// What happened, and what to do.
        package let description: String
    }

    /// How it behaves.
    package struct Behaviour: Sendable {
        /// What it speaks.
        package enum Security: String, Sendable {
            /// TLS from the first byte.
            case tls
            /// STARTTLS, without which it takes nothing.
            case starttls
            /// Nothing.
            case none
        }

        /// What it speaks.
        package var security = Security.starttls
        /// Who may sign in, and has to; nil where nobody does.
        package var login: (user: String, password: String)? = ("hotfix", "correct horse")
        /// What it says to a recipient, by the address; 250 to all others.
        package var recipients: [String: String] = [:]
        /// What it says to a whole mail; nil to take it.
        package var verdict: String?
        /// The largest mail that it takes, in bytes.
        package var limit = 10_000_000

        /// Makes the usual behaviour.
        package init() {}
    }

    /// A mail as the server got it, taken apart by Python's `email`.
    package struct Received: Sendable, Decodable {
        /// A part that holds no others.
        package struct Part: Sendable, Decodable {
            /// Its media type.
            package var type: String
            /// The media types of the parts around it, the outermost first.
            package var inside: [String]
            /// Its Content-ID, without brackets.
            package var cid: String?
            /// Its text, decoded.
            package var text: String?
            /// Its bytes in base64, where it is no text.
            package var base64: String?
        }

        /// The sender of the envelope.
        package var from: String
        /// The recipients of the envelope.
        package var to: [String]
        /// What the client greeted with.
        package var greeting: String
        /// Whether it came encrypted.
        package var encrypted: Bool
        /// Who signed in.
        package var user: String?
        /// Names and values of the headers, decoded.
        package var headers: [[String]]
        /// What is wrong with it by the standards.
        package var defects: [String]
        /// The parts in their order.
        package var parts: [Part]
        /// The longest line in bytes, without its end.
        package var longest: Int
        /// All of it, in base64.
        package var raw: String

        /// The values of a header.
        package func header(_ name: String) -> [String] {
            headers.filter { $0.first?.lowercased() == name.lowercased() }.compactMap(\.last)
        }
    }

    /// The port on which it listens.
    package let port: Int
    /// The PEM file of the authority that vouches for it.
    package let authority: String
    /// The PEM file of an authority that vouches for nobody.
    package let stranger: String

    private let mails: String
    private let process: ChildProcess

    private init(port: Int, directory: String, process: ChildProcess) {
        self.port = port
        self.process = process
        authority = "\(directory)/ca.pem"
        stranger = "\(directory)/stranger.pem"
        mails = "\(directory)/mails.jsonl"
    }

    /// Starts a server and waits until it listens.
    ///
    /// - Parameters:
    ///   - behaviour: How it behaves.
    ///   - directory: An empty directory.
    /// - Returns: The server.
    /// - Throws: ``Failure`` where Python, aiosmtpd or openssl is missing or fails.
    package static func start(_ behaviour: Behaviour = .init(), in directory: String) async throws -> RealMailServer {
        try await makeCertificates(in: directory)
        var settings: [String: Any] = [
            "security": behaviour.security.rawValue, "recipients": behaviour.recipients, "limit": behaviour.limit,
            "directory": directory,
        ]
        settings["verdict"] = behaviour.verdict
        if let login = behaviour.login { settings["login"] = [login.user, login.password] }
        try JSONSerialization.data(withJSONObject: settings)
            .write(to: URL(fileURLWithPath: "\(directory)/settings.json"))
        let script = "\(directory)/server.py"
        try mailServerScript.write(toFile: script, atomically: false, encoding: .utf8)
        let server = try ChildProcess(["/usr/bin/python3", script, "\(directory)/settings.json"])
        guard await server.waits(for: "listening on ", atMost: .seconds(30)),
            let port = server.output.firstMatch(of: /listening on ([0-9]+)\./).flatMap({ Int($0.1) })
        else {
            let said = server.output
            await server.stop()
            throw Failure(description: "The mail server did not start. Install python3-aiosmtpd. It said: \(said)")
        }
        return RealMailServer(port: port, directory: directory, process: server)
    }

    private static func makeCertificates(in directory: String) async throws {
        try "[req]\ndistinguished_name=dn\n[dn]\n"
            .write(toFile: "\(directory)/req.cnf", atomically: false, encoding: .utf8)
        let signed = ["-CA", "\(directory)/ca.pem", "-CAkey", "\(directory)/ca.key"]
        let kinds = [
            ("ca", ["-addext", "basicConstraints=critical,CA:TRUE"]),
            ("stranger", ["-addext", "basicConstraints=critical,CA:TRUE"]),
            ("server", signed + ["-addext", "subjectAltName=DNS:localhost"]),
        ]
        for (name, options) in kinds {
            let tool = try ChildProcess(
                [
                    "/usr/bin/openssl", "req", "-x509", "-config", "\(directory)/req.cnf", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-keyout",
                    "\(directory)/\(name).key", "-out", "\(directory)/\(name).pem",
                ] + options)
            let status = await tool.exit()
            guard status == 0 else { throw Failure(description: "openssl ended with \(status): \(tool.output)") }
        }
    }

    /// The mails that it took, in their order.
    package func received() throws -> [Received] {
        guard FileManager.default.fileExists(atPath: mails) else { return [] }
        return try String(contentsOfFile: mails, encoding: .utf8).split(separator: "\n")
            .map { try JSONDecoder().decode(Received.self, from: Data($0.utf8)) }
    }

    /// Stops the server and waits until it is gone.
    package func stop() async {
        await process.stop()
    }
}

/// Runs a body with a real mail server that ends with it.
package func withRealMailServer<T>(
    _ behaviour: RealMailServer.Behaviour = .init(), _ body: (RealMailServer) async throws -> T
) async throws -> T {
    try await withTemporaryDirectory { directory in
        let server = try await RealMailServer.start(behaviour, in: directory)
        do {
            let value = try await body(server)
            await server.stop()
            return value
        } catch {
            await server.stop()
            throw error
        }
    }
}

/// What the server does, for Debian's Python with `python3-aiosmtpd`.
private let mailServerScript = #"""
    import asyncio, base64, email, email.policy, json, ssl, sys
    from aiosmtpd.smtp import SMTP, AuthResult

    settings = json.load(open(sys.argv[1]))
    directory = settings["directory"]

    def parts(message, inside=()):
        kind = message.get_content_type()
        if message.is_multipart():
            return [part for child in message.iter_parts() for part in parts(child, inside + (kind,))]
        part = {"type": kind, "inside": list(inside)}
        if message["Content-ID"]:
            part["cid"] = message["Content-ID"].strip("<>")
        if kind.startswith("text/"):
            part["text"] = message.get_content()
        else:
            part["base64"] = base64.b64encode(message.get_content()).decode()
        return [part]

    def defects(message):
        found = [repr(defect) for defect in message.defects]
        for value in message.values():
            found += [repr(defect) for defect in value.defects]
        if message.is_multipart():
            for child in message.iter_parts():
                found += defects(child)
        return found

    class Handler:
        async def handle_RCPT(self, server, session, envelope, address, options):
            said = settings["recipients"].get(address, "250 OK")
            if said.startswith("250"):
                envelope.rcpt_tos.append(address)
            return said

        async def handle_DATA(self, server, session, envelope):
            if settings.get("verdict"):
                return settings["verdict"]
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            user = session.auth_data.login.decode() if session.auth_data else None
            lines = envelope.original_content.split(b"\r\n")
            mail = {
                "from": envelope.mail_from, "to": envelope.rcpt_tos, "greeting": session.host_name,
                "encrypted": session.ssl is not None or settings["security"] == "tls", "user": user,
                "headers": [[name, str(value)] for name, value in message.items()],
                "defects": defects(message) + [repr(line) for line in lines if b"\n" in line or b"\r" in line],
                "parts": parts(message), "longest": max(len(line) for line in lines),
                "raw": base64.b64encode(envelope.original_content).decode(),
            }
            with open(directory + "/mails.jsonl", "a") as file:
                file.write(json.dumps(mail) + "\n")
            return "250 2.0.0 taken as number-1"

    def authenticate(server, session, envelope, mechanism, data):
        login = [data.login.decode(), data.password.decode()]
        return AuthResult(success=login == settings["login"], handled=False, auth_data=data)

    def server():
        options = {"hostname": "localhost", "data_size_limit": settings["limit"]}
        if settings["security"] == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        if settings.get("login"):
            options |= {
                "authenticator": authenticate, "auth_required": True,
                "auth_require_tls": settings["security"] == "starttls",
            }
        return SMTP(Handler(), **options)

    async def main():
        loop = asyncio.get_running_loop()
        secure = context if settings["security"] == "tls" else None
        listener = await loop.create_server(server, "127.0.0.1", 0, ssl=secure)
        print("listening on %d." % listener.sockets[0].getsockname()[1], flush=True)
        await loop.run_in_executor(None, sys.stdin.readline)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory + "/server.pem", directory + "/server.key")
    asyncio.run(main())
    """#
