/// A place outside that shows what the ledger says, and is made to match at each check: the merge gate, dashboards' annotations,
/// the alerts that fire at Alertmanager, the heartbeat.
///
/// Unlike a channel it is told no messages: it compares what should be seen with what it remembers to have shown. It never throws.
package protocol Display: Sendable {
    /// The name in the configuration, under which it remembers what it has shown.
    var name: String { get }

    /// Makes what is seen there match, as far as it can within the time that the task is given.
    ///
    /// - Parameters:
    ///   - view: What should be seen.
    ///   - memory: What it remembers; it writes its intent here before a request, and the result after it.
    /// - Returns: What could not be done, and nothing where all is as it should be.
    func update(to view: DisplayState, memory: DisplayMemory) async -> [DisplayFailure]

    /// Asks the receiver whether it would take updates, without changing anything there.
    func examine(at now: Instant) async -> Diagnosis
}

/// What displays show.
package struct DisplayState: Sendable {
    /// The instant of the check.
    package var now: Instant
    /// What the ledger holds beside the windows.
    package var facts: LedgerFacts
    /// Whether the hotfix may be merged, and why not.
    package var readiness: Readiness
    /// The newest messages about open episodes, by the episode's identity: what is said of them.
    package var open: [Message]

    /// Makes a view.
    package init(now: Instant, facts: LedgerFacts, readiness: Readiness, open: [Message]) {
        self.now = now
        self.facts = facts
        self.readiness = readiness
        self.open = open
    }
}

/// What a display remembers of one thing that it shows.
package struct DisplayReceipt: Sendable, Hashable, Codable {
    /// What it has shown, in the display's own words: at most 2 KiB, without secrets.
    package var content: String
    /// Whether a request was about to be made, and its result is not known.
    package var isIntent: Bool
    /// When it was written.
    package var at: Instant

    /// Makes a receipt.
    package init(content: String, isIntent: Bool = false, at: Instant) {
        self.content = content
        self.isIntent = isIntent
        self.at = at
    }
}

/// The part of the outbox in which one display remembers.
package struct DisplayMemory: Sendable {
    private let outbox: any Outbox
    private let display: String

    /// Makes the memory of a display.
    package init(_ outbox: any Outbox, of display: String) {
        self.outbox = outbox
        self.display = display
    }

    /// What it remembers, by thing.
    package func receipts() throws -> [String: DisplayReceipt] { try outbox.receipts(of: display) }

    /// Remembers, or with nil forgets, a thing.
    package func keep(_ receipt: DisplayReceipt?, of subject: String) throws {
        try outbox.keep(receipt, of: subject, for: display)
    }
}

/// What a display could not do.
package struct DisplayFailure: Sendable, Hashable {
    /// Whether somebody has to mend the configuration; else the next check tries again.
    package var isMisconfigured: Bool
    /// What happened, to what, and what to do next; without secrets.
    package var message: String

    /// Makes a failure.
    package init(isMisconfigured: Bool = false, _ message: String) {
        self.isMisconfigured = isMisconfigured
        self.message = message
    }
}
