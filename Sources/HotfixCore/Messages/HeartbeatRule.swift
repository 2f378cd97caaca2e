/// Whether whoever waits for the agent's sign of life is told that a check went well: a pure rule.
///
/// A source that cannot be asked once is no news. One that cannot for a quarter of an hour leaves services unwatched, and so
/// does a channel that tells nobody: whoever waits has to know, though the agent itself lives.
package struct HeartbeatRule: Sendable, Hashable {
    /// How long a source may fail before it is told, in seconds.
    package static let patience: Seconds = 900

    /// What a sign of life says.
    package enum Signal: Sendable, Hashable {
        /// All is as it should be.
        case success
        /// Something is not; why, a sentence each.
        case failure([String])
    }

    /// What came of a check, as far as it matters here.
    package struct Findings: Sendable, Hashable {
        /// The sources that are to be asked at checks.
        package var sources: Set<String>
        /// Those that answered every question that they were asked, at least one.
        package var answered: Set<String>
        /// Why others did not, by source; also those that answered in part.
        package var failed: [String: String]
        /// What people could not be told, a sentence each: messages given up, channels that take none.
        package var untold: [String]

        /// Makes findings.
        package init(
            sources: Set<String>, answered: Set<String>, failed: [String: String] = [:], untold: [String] = []
        ) {
            self.sources = sources
            self.answered = answered
            self.failed = failed
            self.untold = untold
        }
    }

    /// Since when each source fails.
    package private(set) var failingSince: [String: Instant]

    /// Makes a rule that remembers nothing, or what is given.
    package init(failingSince: [String: Instant] = [:]) {
        self.failingSince = failingSince
    }

    /// Takes what came of a check into account.
    ///
    /// A source that was not asked at all fails on where it failed before: silence mends nothing.
    ///
    /// - Parameters:
    ///   - findings: What came of the check.
    ///   - now: The instant of the check.
    /// - Returns: What the sign of life says.
    package mutating func take(_ findings: Findings, at now: Instant) -> Signal {
        let failing = Set(findings.failed.keys).union(
            Set(failingSince.keys).intersection(findings.sources).subtracting(findings.answered))
        // A clock that was set back must not make a failure begin later than now.
        failingSince = Dictionary(uniqueKeysWithValues: failing.map { ($0, min(failingSince[$0] ?? now, now)) })
        let lasting = failingSince.filter { now - $0.value >= Self.patience }.sorted { $0.key < $1.key }
        let reasons = lasting.map { source, since in
            "The source '\(oneLine(source))' could not be asked since \(since)"
                + (findings.failed[source].map { ": \(clipped(oneLine($0), units: 600))" } ?? ".")
        }
        let all = reasons + findings.untold.map { clipped(oneLine($0), units: 600) }
        return all.isEmpty ? .success : .failure(all)
    }
}

extension HeartbeatRule {
    /// The name under which it remembers, beside the displays.
    package static let display = "heartbeat"

    /// Reads what was remembered of earlier checks.
    ///
    /// - Throws: `LedgerError`.
    package init(_ memory: DisplayMemory) throws {
        self.init(
            failingSince: try memory.receipts().reduce(into: [:]) { since, entry in
                // A time that cannot be read is that of the receipt, which is no earlier.
                since[entry.key] = Instant(text: entry.value.content) ?? entry.value.at
            })
    }

    /// Remembers what changed since it was read.
    ///
    /// - Parameters:
    ///   - memory: Where it was read from.
    ///   - now: The instant of the check.
    /// - Throws: `LedgerError`.
    package func keep(in memory: DisplayMemory, at now: Instant) throws {
        let kept = try memory.receipts()
        for source in kept.keys where failingSince[source] == nil { try memory.keep(nil, of: source) }
        for (source, since) in failingSince where kept[source]?.content != since.description {
            try memory.keep(DisplayReceipt(content: since.description, at: now), of: source)
        }
    }
}
