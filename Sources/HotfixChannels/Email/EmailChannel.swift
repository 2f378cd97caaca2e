package import HotfixCore
package import HotfixHTTP

/// Tells one recipient by e-mail.
///
/// Several recipients are several channels (``channels(name:server:from:to:client:picture:bars:)``): each has a delivery of its own in the outbox, so
/// that an address that is refused keeps the message from nobody else, and nobody gets it again because another did not.
package struct EmailChannel: Channel {
    /// The channel's name in the configuration, a slash, and the recipient's address.
    package let name: String
    package let entry: String
    private let server: SMTPServer
    private let sender: String
    private let recipient: String
    private let client: HTTPClient
    private let picture: @Sendable (Plot) -> [UInt8]?
    private let bars: @Sendable (Plot) -> String

    /// Makes the channel of one recipient.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - entry: The name in the configuration; nil means the same.
    ///   - server: Who takes the mail.
    ///   - from: The sender's address.
    ///   - to: The recipient's address.
    ///   - client: Who makes the connection.
    ///   - picture: Draws a plot as a PNG; nil where it cannot.
    ///   - bars: Draws a plot as a line of text; empty where it cannot.
    package init(
        name: String, entry: String? = nil, server: SMTPServer, from: String, to: String, client: HTTPClient,
        picture: @escaping @Sendable (Plot) -> [UInt8]? = { _ in nil },
        bars: @escaping @Sendable (Plot) -> String = { _ in "" }
    ) {
        self.name = name
        self.entry = entry ?? name
        self.server = server
        sender = from
        recipient = to
        self.client = client
        self.picture = picture
        self.bars = bars
    }

    /// The channels of several recipients, each named `NAME/ADDRESS`, also where there is but one: adding another renames none.
    ///
    /// - Parameters:
    ///   - name: The name in the configuration.
    ///   - server: Who takes the mail.
    ///   - from: The sender's address.
    ///   - to: The recipients' addresses.
    ///   - client: Who makes the connections.
    ///   - picture: Draws a plot as a PNG; nil where it cannot.
    ///   - bars: Draws a plot as a line of text; empty where it cannot.
    /// - Returns: One channel for each address, in their order.
    package static func channels(
        name: String, server: SMTPServer, from: String, to: [String], client: HTTPClient,
        picture: @escaping @Sendable (Plot) -> [UInt8]? = { _ in nil },
        bars: @escaping @Sendable (Plot) -> String = { _ in "" }
    ) -> [EmailChannel] {
        to.map { address in
            EmailChannel(
                name: Self.name(name, to: address), entry: name, server: server, from: from, to: address,
                client: client, picture: picture, bars: bars)
        }
    }

    /// What the channel of one recipient is called.
    package static func name(_ name: String, to address: String) -> String { "\(name)/\(address)" }

    package func deliver(_ delivery: Delivery, at now: Instant) async -> DeliveryOutcome {
        let mail = Mail(delivery, from: sender, to: recipient, picture: picture, bars: bars)
        do {
            let reply = try await client.send(
                mail.bytes, SMTPEnvelope(from: sender, to: recipient), through: server.access)
            return .delivered(receipt: clipped("\(mail.id) \(oneLine(reply.text))", bytes: 600))
        } catch {
            return outcome(error)
        }
    }

    private func outcome(_ error: SMTPError) -> DeliveryOutcome {
        let reason = oneLine(error.happened)
        return switch error.code {
        case .resolve, .unreachable, .timedOut, .handshake, .resources: .retry(after: nil, reason: reason)
        // Servers that put strangers off at first want them back after some minutes, and not sooner.
        case .postponed: .retry(after: 60, reason: reason)
        case .unknown: .unknown(reason: reason)
        case .rejected: .refused(reason: reason)
        case .unknownRecipient: .misaddressed(reason: reason, remedy: error.remedy)
        case .invalid, .untrusted, .unencrypted, .credentials, .refused:
            .misconfigured(reason: reason, remedy: error.remedy)
        }
    }

    package func examine(at now: Instant) async -> Diagnosis {
        var diagnosis = Diagnosis()
        let subject = Finding.Subject.channel(name)
        if let objection = objection(toMailbox: recipient) {
            diagnosis.findings.append(
                Finding(
                    .problem, .notTheAPI, subject, "The recipient's address cannot be used: \(objection).",
                    remedy: "Give it as name@example.org."))
            return diagnosis
        }
        do {
            let signedIn = try await client.examine(server.access, from: sender)
            if let username = server.username, !signedIn {
                diagnosis.findings.append(
                    Finding(
                        .warning, .credentialsRefused, subject,
                        "\(server.access) does not offer \(oneLine(username)) to sign in; mail goes without.",
                        remedy: "Use the server's port for submission (587 or 465), or configure no user name."))
            }
            let how = [
                server.access.isEncrypted ? "encrypted" : "without encryption", signedIn ? "signed in" : nil,
            ]
            diagnosis.pass(
                subject,
                "\(server.access) takes mail from \(oneLine(sender)) (\(how.compactMap(\.self).joined(separator: ", ")))."
            )
        } catch {
            diagnosis.findings.append(
                Finding(
                    .problem, code(error), subject, "\(oneLine(error.happened)).", remedy: error.remedy))
        }
        return diagnosis
    }

    private func code(_ error: SMTPError) -> FindingCode {
        switch error.code {
        case .invalid: .notTheAPI
        case .resolve: .unresolvedName
        case .unreachable, .resources: .noConnection
        case .timedOut, .unknown: .timeout
        case .handshake, .untrusted, .unencrypted: .tls
        case .credentials, .refused, .unknownRecipient: .credentialsRefused
        case .postponed, .rejected: .serverFailed
        }
    }
}
