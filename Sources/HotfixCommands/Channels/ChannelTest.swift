import HotfixChannels
import HotfixConfiguration
import HotfixCore

/// A test message to each channel: in the receiver's own way, so that nobody is left with something open.
struct ChannelTest: Sendable {
    /// Tells one test from another.
    var id: String
    /// How much it is said to matter.
    var severity = Guardrail.Severity.info
    /// The instant of the test.
    var now: Instant
    /// Waits before what was opened is closed once more.
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// How long an alert of a test is shown where one cannot be closed at once without never being shown, in seconds.
    private static let shown: Seconds = 300

    /// Tells the channels that entries of the configuration ask for; one that nothing was made of is told as an error.
    func run(_ made: [any Channel], for entries: [ChannelSettings]) async -> ChannelTestReport {
        var report = await run(
            made.compactMap { channel in
                entries.first { channel.isOne(of: $0) }.map { (channel, $0.type) }
            })
        for entry in entries where !made.contains(where: { $0.isOne(of: entry) }) {
            report.lines.append(
                ChannelTestReport.Line(
                    name: entry.name, type: entry.type,
                    outcome: .misconfigured(
                        reason: "this version tells nobody by channels of the type '\(entry.type.rawValue)'.",
                        remedy: "Remove it from `notify`, or install a version that does.")))
        }
        return report
    }

    /// Tells all channels at the same time, each its messages one after the other.
    func run(_ channels: [(channel: any Channel, type: ChannelType)]) async -> ChannelTestReport {
        let lines = await withTaskGroup(of: (Int, ChannelTestReport.Line).self) { group in
            for (index, entry) in channels.enumerated() {
                group.addTask { (index, await tell(entry.channel, of: entry.type)) }
            }
            return await group.reduce(into: [Int: ChannelTestReport.Line]()) { $0[$1.0] = $1.1 }
        }
        return ChannelTestReport(id: id, lines: channels.indices.compactMap { lines[$0] })
    }

    private func tell(_ channel: any Channel, of type: ChannelType) async -> ChannelTestReport.Line {
        var line = ChannelTestReport.Line(name: channel.name, type: type, outcome: .delivered(receipt: nil))
        var messages = messages(for: type)
        let first = messages.removeFirst()
        line.outcome = await channel.deliver(Delivery(message: first), at: now)
        let receipt: String?
        switch line.outcome {
        case .delivered(let given): receipt = given
        case .unknown: receipt = nil
        // What certainly did not arrive has opened nothing.
        case .retry, .misconfigured, .misaddressed, .refused: return line
        }
        for message in messages {
            let outcome = await close(Delivery(message: message, opening: receipt), by: channel)
            if case .delivered = outcome { continue }
            // That the beginning may not have arrived is said first, and what came of its end with the key.
            if case .delivered = line.outcome { line.outcome = outcome }
            line.openKey = message.key
        }
        return line
    }

    /// How often the end of what was opened is tried.
    private static let attempts = 3

    /// Tells the end of what may be open until it is taken, or is refused for good.
    private func close(_ delivery: Delivery, by channel: any Channel) async -> DeliveryOutcome {
        var delivery = delivery
        var outcome = await channel.deliver(delivery, at: now)
        for _ in 1..<Self.attempts {
            let wait: Seconds
            switch outcome {
            case .delivered, .misconfigured, .misaddressed, .refused: return outcome
            case .retry(let asked, _): wait = min(asked ?? 2, 10)
            case .unknown:
                wait = 2
                delivery.mayBeRepeat = true
            }
            do { try await sleep(.seconds(wait)) } catch { return outcome }
            outcome = await channel.deliver(delivery, at: now)
        }
        return outcome
    }

    /// What a channel of a type is told, in this order.
    func messages(for type: ChannelType) -> [Message] {
        switch type {
        case .slack, .email, .webhook, .output: [message(1, .test)]
        // Both know nothing but what begins and is over.
        case .pagerduty: [message(1, .breach), message(2, .recovered, closedAt: now)]
        case .alertmanager: [message(1, .breach), message(2, .recovered, closedAt: now + Self.shown)]
        }
    }

    private func message(_ number: Int, _ kind: MessageKind, closedAt: Instant? = nil) -> Message {
        let end = now.floored(to: Self.step)
        let start = end - Self.step
        let pair = Pair("hotfix-test", "example")
        let reason =
            "This is a test that somebody asked for by `hotfix alerts test`: nothing is wrong, and the figures are made up."
        return Message(
            id: number, kind: kind, thread: "test/\(id)", opening: kind.isClosing ? 1 : nil, at: closedAt ?? now,
            createdAt: now,
            facts: MessageFacts(
                ledgerID: "test-\(id)", service: pair.service, guardrail: pair.guardrail, severity: severity,
                window: .init(
                    start: start, end: end, value: 0.31, unit: "s", baseline: 0.21, baselineWindows: 2016,
                    limit: 0.252),
                episode: kind == .test
                    ? nil
                    : Episode(
                        pair: pair, start: start, openedAt: end, lastBreach: start, windows: 1, peak: 0.31,
                        closedAt: closedAt, ending: closedAt == nil ? nil : .recovered),
                // The words of a test say this by themselves.
                reason: kind == .test ? nil : reason, plot: plot(pair, until: end)))
    }

    private static let step: Seconds = 300

    /// Six made-up hours: a daily wave below the limit, and the breach at their end.
    private func plot(_ pair: Pair, until end: Instant) -> Plot {
        let count = Plot.shown / Self.step
        return Plot(
            title: "\(pair) (test, made up)", unit: "s", start: end - Plot.shown, step: Self.step,
            points: (0..<count).map { index in
                let isLast = index == count - 1
                let wave = Double(abs(index % 24 - 12)) / 400
                return Plot.Point(
                    outcome: isLast ? .breach : .clean, value: isLast ? 0.31 : 0.2 + wave, baseline: 0.21, limit: 0.252)
            })
    }
}

/// What came of a test at each channel.
struct ChannelTestReport: Sendable, Hashable {
    /// What came of it at one channel.
    struct Line: Sendable, Hashable {
        /// The channel's name.
        var name: String
        /// Its type.
        var type: ChannelType
        /// What came of it.
        var outcome: DeliveryOutcome
        /// The key of the alert that the test may have opened and did not close; nil where there is none.
        var openKey: String?
    }

    /// Tells one test from another.
    var id: String
    /// The channels, in the order of the configuration.
    var lines: [Line]

    /// What the process ends with.
    var status: ExitStatus {
        ExitStatus.gravest(
            lines.map { line in
                switch line.outcome {
                case .delivered: .done
                case .retry, .unknown: .unfinished
                case .misconfigured, .misaddressed, .refused: .wrong
                }
            })
    }

    /// The report for a person, without the end of the last line.
    var text: String {
        lines.flatMap { line in
            Self.text(line) + (line.openAlert.map { ["  → \(oneLine($0))"] } ?? [])
        }.joined(separator: "\n")
    }

    private static func text(_ line: Line) -> [String] {
        let name = oneLine(line.name)
        switch line.outcome {
        case .delivered: return ["\(name): \(line.success)"]
        case .retry(let after, let reason):
            let wait = after.map { "It may be tried again in \(spelledDuration($0))." }
            return ["\(name): not reached: \(oneLine(reason))"] + (wait.map { ["  → \($0)"] } ?? [])
        case .unknown(let reason):
            return ["\(name): sent, and whether it arrived is not known: \(oneLine(reason))"]
        case .misconfigured(let reason, let remedy), .misaddressed(let reason, let remedy):
            return ["\(name): set up wrongly: \(oneLine(reason))", "  → \(oneLine(remedy))"]
        case .refused(let reason): return ["\(name): refused: \(oneLine(reason))"]
        }
    }

    /// The report for a program.
    var json: JSONValue {
        .object(["test": JSONValue(id), "channels": .array(lines.map(\.json))])
    }
}

extension ChannelTestReport.Line {
    fileprivate var success: String {
        switch type {
        case .slack, .webhook, .output: "told."
        case .email: "the mail server took it."
        case .pagerduty: "opened an alert, and resolved it."
        case .alertmanager: "took an alert that ends in 5 minutes."
        }
    }

    /// What is left to do about an alert that was not closed; nil where there is none.
    fileprivate var openAlert: String? {
        openKey.map { key in
            switch type {
            case .alertmanager: "The alert of the test may be shown for 5 minutes; its label `hotfix` is \(key)."
            default: "The alert of the test may still be open, and somebody paged: resolve it there. Its key is \(key)."
            }
        }
    }

    fileprivate var json: JSONValue {
        let (word, reason, remedy): (String, String?, String?) =
            switch outcome {
            case .delivered: ("delivered", nil, nil)
            case .retry(_, let reason): ("not-reached", reason, nil)
            case .unknown(let reason): ("unknown", reason, nil)
            case .misconfigured(let reason, let remedy), .misaddressed(let reason, let remedy):
                ("misconfigured", reason, remedy)
            case .refused(let reason): ("refused", reason, nil)
            }
        return .object([
            "channel": JSONValue(name), "type": JSONValue(type.rawValue), "outcome": JSONValue(word),
            "reason": JSONValue(reason), "remedy": JSONValue(remedy), "open": JSONValue(openKey),
        ])
    }
}
