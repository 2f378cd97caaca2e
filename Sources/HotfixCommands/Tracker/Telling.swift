import HotfixCore
import HotfixTracker

/// An announcement on its way to channels, of each of which the tracker keeps what came of it.
struct Telling: Sendable {
    /// What is told.
    var announcement: Announcement
    /// Who is told: one for each recipient of mail.
    var channels: [any Channel]
    /// The status file.
    var statusFile: String
    /// Who has it told.
    var by: String
    /// How it waits.
    var sleep: @Sendable (Duration) async throws -> Void
    /// The clock.
    var now: @Sendable () -> Instant

    /// How often a channel that cannot be reached is tried.
    private static let attempts = 3

    /// What came of this text at a channel the last time; nil where it was never told.
    private func last(_ channel: any Channel, _ status: StatusFile) -> Communication? {
        status.communication.last { $0.to == channel.name && $0.digest == announcement.digest }
    }

    /// The channels that were not told this text for certain.
    func left(_ status: StatusFile) -> [any Channel] {
        channels.filter { last($0, status)?.outcome != .delivered }
    }

    /// What is told, and whom.
    func preview(_ status: StatusFile) -> String {
        let words = ([announcement.title, ""] + lines(announcement.text)).map { "  | \(oneLine($0))\n" }
        let recipients = channels.map { channel -> String in
            let known = last(channel, status)
            let note =
                switch known?.outcome {
                case .delivered: " (told already, \(known.map { "\($0.at)" } ?? ""))"
                case .unknown: " (may have been told, \(known.map { "\($0.at)" } ?? ""))"
                case .notReached, .misconfigured, .refused: " (could not be told before)"
                case nil: ""
                }
            return "  \(oneLine(channel.name))\(note)\n"
        }
        return "This is told:\n" + words.joined() + "To:\n" + recipients.joined()
    }

    private func lines(_ text: String) -> [String] {
        text.isEmpty ? [] : text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// Tells all channels that were not told for certain, one after the other.
    ///
    /// - Returns: What came of it.
    /// - Throws: `StatusFileError`: a channel that the tracker cannot keep account of is not told.
    func run() async throws -> TellingReport {
        var report = TellingReport()
        for channel in channels {
            let status = try StatusFile.read(path: statusFile)
            if let known = last(channel, status), known.outcome == .delivered {
                report.lines.append(.init(name: channel.name, outcome: .delivered(receipt: nil), isNew: false))
                continue
            }
            let outcome = try await tell(channel, status)
            report.lines.append(.init(name: channel.name, outcome: outcome, isNew: true))
        }
        return report
    }

    private func tell(_ channel: any Channel, _ status: StatusFile) async throws -> DeliveryOutcome {
        let start = now()
        let same = status.communication.filter { $0.digest == announcement.digest }
        let mayBeRepeat = last(channel, status)?.outcome == .unknown
        // Should this be the last that is heard of it, then whether it was told is not known.
        try note(channel, .unknown, begun: start)
        let delivery = Delivery(
            message: message(same.map(\.at).min() ?? start), mayBeRepeat: mayBeRepeat)
        let outcome = await deliver(delivery, by: channel)
        let (word, did) = words(outcome, channel)
        try note(channel, word, begun: start, did: did)
        return outcome
    }

    private func deliver(_ delivery: Delivery, by channel: any Channel) async -> DeliveryOutcome {
        var outcome = await channel.deliver(delivery, at: now())
        for _ in 1..<Self.attempts {
            guard case .retry(let after, _) = outcome else { break }
            do { try await sleep(.seconds(min(after ?? 2, 10))) } catch { break }
            outcome = await channel.deliver(delivery, at: now())
        }
        return outcome
    }

    private func note(
        _ channel: any Channel, _ outcome: Communication.Outcome, begun: Instant, did: String? = nil
    ) throws {
        let entry = Communication(
            to: channel.name, at: begun, by: by, outcome: outcome, digest: announcement.digest)
        let at = now()
        try StatusFile.update(path: statusFile, at: at) { status in
            status.note(entry)
            if let did { status.record(HistoryEntry(at: at, by: by, step: "announce", did: did)) }
        }
    }

    private func words(_ outcome: DeliveryOutcome, _ channel: any Channel) -> (Communication.Outcome, did: String) {
        let what = "\(channel.name) '\(announcement.title)'"
        return switch outcome {
        case .delivered: (.delivered, "Told \(what).")
        case .unknown: (.unknown, "Sent \(what); whether it arrived is not known.")
        case .retry: (.notReached, "Could not reach \(what).")
        case .misconfigured, .misaddressed: (.misconfigured, "Could not tell \(what): the channel is set up wrongly.")
        case .refused: (.refused, "Could not tell \(what): it was refused.")
        }
    }

    /// The message, the same in every attempt and every run.
    private func message(_ createdAt: Instant) -> Message {
        Message(
            id: 1, kind: .announcement, thread: "announcement/\(announcement.digest)", at: createdAt,
            createdAt: createdAt,
            facts: MessageFacts(ledgerID: "announcement", severity: .info, announcement: announcement))
    }
}

/// What came of an announcement at each channel.
struct TellingReport: Sendable {
    /// What came of it at one channel.
    struct Line: Sendable {
        /// The channel.
        var name: String
        /// What came of it.
        var outcome: DeliveryOutcome
        /// Whether it was told by this run.
        var isNew: Bool
    }

    /// The channels in their order.
    var lines: [Line] = []

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

    /// The report for a person.
    var text: String {
        lines.map { line in
            let name = oneLine(line.name)
            return switch line.outcome {
            case .delivered: "\(name): \(line.isNew ? "told." : "told already.")\n"
            case .retry(_, let reason): "\(name): not reached: \(oneLine(reason))\n"
            case .unknown(let reason): "\(name): sent, and whether it arrived is not known: \(oneLine(reason))\n"
            case .misconfigured(let reason, let remedy), .misaddressed(let reason, let remedy):
                "\(name): set up wrongly: \(oneLine(reason))\n  → \(oneLine(remedy))\n"
            case .refused(let reason): "\(name): refused: \(oneLine(reason))\n"
            }
        }.joined()
    }
}
