import HotfixCalls
package import HotfixCore
package import HotfixHTTP

/// Keeps the alerts that fire at Alertmanager as they should be, since Alertmanager forgets those that are not sent again.
///
/// At each check it sends every alert that is not over, for up to ten minutes those that are, and asks which of them Alertmanager's
/// own silences hide. What keeps it from asking hides nothing: an alert is sent whatever is known of silences.
package struct AlertmanagerDisplay: Display {
    package let name: String
    private let receiver: AlertmanagerReceiver
    private let rule: ChannelRule?

    /// Makes a display.
    ///
    /// - Parameters:
    ///   - name: The name of its channel in the configuration.
    ///   - urls: Every Alertmanager of the cluster, with its path prefix and without `/api`.
    ///   - credentials: Who asks.
    ///   - headers: Further headers.
    ///   - tls: Whom to trust.
    ///   - client: The client of the process.
    ///   - rule: Which openings the channel is told of; nil means all.
    package init(
        name: String, urls: [String], credentials: HTTPCall.Credentials = .none,
        headers: [(name: String, value: String)] = [], tls: HTTPTLS = .init(), client: HTTPClient,
        rule: ChannelRule? = nil
    ) {
        self.name = name
        receiver = AlertmanagerReceiver(
            urls: urls, credentials: credentials, headers: headers, tls: tls, client: client)
        self.rule = rule
    }

    package func update(to view: DisplayState, memory: DisplayMemory) async -> [DisplayFailure] {
        var failures: [DisplayFailure] = []
        var receipts: [String: DisplayReceipt] = [:]
        // Without its memory it shows what is open all the same.
        do { receipts = try memory.receipts() } catch { failures.append(unremembered(error)) }
        let remembered = receipts.compactMapValues { AlertmanagerStanding(text: $0.content) }
        let wanted = AlertmanagerView(view, remembered: remembered, rule: rule)

        func keep(_ receipt: DisplayReceipt?, _ thread: String) {
            guard receipts[thread]?.content != receipt?.content || receipts[thread]?.isIntent != receipt?.isIntent
            else { return }
            do {
                try memory.keep(receipt, of: thread)
                receipts[thread] = receipt
            } catch { failures.append(unremembered(error)) }
        }
        for shown in wanted.shown where receipts[shown.thread] == nil {
            keep(DisplayReceipt(content: shown.standing.text, isIntent: true, at: view.now), shown.thread)
        }
        let rounds = await sendEverywhere(wanted.shown)
        failures += rounds.flatMap(\.failures)
        var silences: [String: [AlertmanagerStanding.Silence]] = [:]
        for (key, found) in rounds.flatMap({ Array($0.silences) }) {
            // Those of a cluster know the same ones.
            silences[key, default: []] += found.filter { silences[key]?.contains($0) != true }
        }
        for shown in wanted.shown {
            let known = shown.standing
            let holding = known.end == nil ? silences[known.labels["hotfix"] ?? ""] ?? [] : []
            let standing = AlertmanagerStanding(
                labels: known.labels, start: known.start, end: known.end, silences: holding)
            keep(DisplayReceipt(content: standing.text, at: view.now), shown.thread)
        }
        for thread in wanted.forgotten { keep(nil, thread) }
        return failures.reduce(into: []) { unique, failure in
            if !unique.contains(failure) { unique.append(failure) }
        }
    }

    package func examine(at now: Instant) async -> Diagnosis {
        await receiver.examine(.channel(name))
    }

    private func unremembered(_ error: any Error) -> DisplayFailure {
        DisplayFailure("\(name): what it has shown could not be read or kept: \(error)")
    }

    /// What came of a check at one Alertmanager.
    private struct Round: Sendable {
        var failures: [DisplayFailure] = []
        var silences: [String: [AlertmanagerStanding.Silence]] = [:]
    }

    private func sendEverywhere(_ shown: [AlertmanagerView.Shown]) async -> [Round] {
        let alerts = shown.compactMap(\.alert)
        guard !alerts.isEmpty else { return [] }
        return await withTaskGroup(of: (Int, Round).self) { group in
            for (index, url) in receiver.urls.enumerated() {
                group.addTask { (index, await round(alerts, at: url)) }
            }
            var rounds: [(Int, Round)] = []
            for await round in group { rounds.append(round) }
            return rounds.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func round(_ alerts: [AlertmanagerAlert], at url: String) async -> Round {
        var round = Round()
        for alert in alerts {
            switch await receiver.send(alert, to: url) {
            case .delivered: break
            case .refused(let reason): round.failures.append(DisplayFailure("\(name): \(reason)"))
            case .misconfigured(let reason, let remedy), .misaddressed(let reason, let remedy):
                round.failures.append(DisplayFailure(isMisconfigured: true, "\(name): \(reason) \(remedy)"))
                return round
            case .retry(_, let reason), .unknown(let reason):
                // What one did not take the others would not get past either; the next check tries again.
                round.failures.append(DisplayFailure("\(name): \(reason) The next check sends it again."))
                return round
            }
        }
        do {
            round.silences = try await receiver.silences(of: Set(alerts.compactMap { $0.labels["hotfix"] }), at: url)
        } catch {
            round.failures.append(DisplayFailure(error, of: name, undone: "Its silences are not known."))
        }
        return round
    }
}

extension DisplayFailure {
    /// What a display says of a request that came to nothing.
    ///
    /// - Parameters:
    ///   - failure: What came of the request.
    ///   - name: The display's name.
    ///   - undone: What could not be done for it.
    init(_ failure: ReceiverFailure, of name: String, undone: String) {
        switch failure.outcome {
        case .misconfigured(let reason, let remedy), .misaddressed(let reason, let remedy):
            self.init(isMisconfigured: true, "\(name): \(undone) \(reason) \(remedy)")
        case .retry(_, let reason), .unknown(let reason), .refused(let reason):
            self.init("\(name): \(undone) \(reason) The next check tries again.")
        case .delivered: self.init("\(name): \(undone)")
        }
    }
}
