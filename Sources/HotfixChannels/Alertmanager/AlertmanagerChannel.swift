import HotfixCalls
package import HotfixCore
package import HotfixHTTP

/// Tells Alertmanager of breaches and of services that can no longer be judged, as alerts that fire until they are over.
///
/// An alert is known by its labels, so telling it twice does no harm. Alertmanager forgets it 20 minutes after it was sent last,
/// or when it is restarted: ``AlertmanagerDisplay`` sends it again at each check.
package struct AlertmanagerChannel: Channel {
    package let name: String
    private let receiver: AlertmanagerReceiver

    /// Makes a channel.
    ///
    /// - Parameters:
    ///   - name: The name in the configuration.
    ///   - urls: Every Alertmanager of the cluster, with its path prefix and without `/api`.
    ///   - credentials: Who asks.
    ///   - headers: Further headers.
    ///   - tls: Whom to trust.
    ///   - client: The client of the process.
    package init(
        name: String, urls: [String], credentials: HTTPCall.Credentials = .none,
        headers: [(name: String, value: String)] = [], tls: HTTPTLS = .init(), client: HTTPClient
    ) {
        self.name = name
        receiver = AlertmanagerReceiver(
            urls: urls, credentials: credentials, headers: headers, tls: tls, client: client)
    }

    package func deliver(_ delivery: Delivery, at now: Instant) async -> DeliveryOutcome {
        let message = delivery.message
        let end: Instant?
        switch message.kind {
        case .breach, .reminder, .blind: end = nil
        case .recovered, .corrected, .withdrawn, .excused, .sighted: end = message.facts.episode?.closedAt ?? message.at
        case .announcement:
            return .refused(
                reason: "Alertmanager shows what begins and is over, and is told no announcements; choose another"
                    + " channel.")
        default:
            return .refused(
                reason: "Alertmanager shows what begins and is over: breaches and blindness. It is told nothing of"
                    + " '\(message.kind.rawValue)'; leave that out of the channel's `only`.")
        }
        // What opened the thread may have had another severity or branch, and the alert is known by these.
        var standing = delivery.opening.flatMap(AlertmanagerStanding.init(text:)) ?? AlertmanagerStanding(of: message)
        let alert = AlertmanagerAlert(message, as: standing, end: end, at: now)
        let outcome = await AlertmanagerReceiver.together(sendEverywhere(alert))
        guard case .delivered = outcome else { return outcome }
        standing.end = end
        return .delivered(receipt: standing.text)
    }

    package func examine(at now: Instant) async -> Diagnosis {
        await receiver.examine(.channel(name))
    }

    private func sendEverywhere(_ alert: AlertmanagerAlert) async -> [DeliveryOutcome] {
        await withTaskGroup(of: (Int, DeliveryOutcome).self) { group in
            for (index, url) in receiver.urls.enumerated() {
                group.addTask { [receiver] in (index, await receiver.send(alert, to: url)) }
            }
            var outcomes: [(Int, DeliveryOutcome)] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

extension AlertmanagerReceiver {
    /// Asks each of them for its state.
    func examine(_ subject: Finding.Subject) async -> Diagnosis {
        var diagnosis = Diagnosis()
        for url in urls {
            let place = ReceiverCall(.get, url).receiver
            do {
                let status = try await ask(url, "/api/v2/status")
                let version = status.object?["versionInfo"]?.object?["version"]
                let named =
                    if case .string(let text)? = version { " \(clipped(oneLine(text.text), units: 40))" } else { "" }
                diagnosis.pass(subject, "Alertmanager\(named) answers at \(place).")
            } catch {
                diagnosis.findings.append(error.finding(about: subject))
            }
        }
        return diagnosis
    }
}
