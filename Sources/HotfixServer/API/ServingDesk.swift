package import HotfixCore

/// A desk that a server stands before: what pages and programs ask beside what the commands do.
package protocol ServingDesk: LedgerDesk {
    /// The instant now, by the clock of the desk.
    var now: Instant { get }

    /// Which state the ledger is in; cheap, and to be called for every answer.
    func mark() async throws -> DeskMark

    /// Whether the hotfix is ready now, and until when that stands as long as the mark does; the query's `at` is passed over.
    func standing(_ query: ReadinessQuery) async throws -> Standing

    /// When the newest check was made.
    func newestCheck() async throws -> NewestCheck

    /// What is known, in the text format of Prometheus (0.0.4).
    func metrics() async throws -> String

    /// What is watched.
    func services() async throws -> [JSONValue]

    /// The verdicts of a guardrail, oldest first.
    func verdicts(of pair: Pair, _ query: PageQuery) async throws -> Page

    /// The episodes in the order in which the ledger first held them.
    func episodes(of service: String?, _ query: PageQuery) async throws -> Page

    /// Verdicts with everything they were reached from, as `hotfix explain` prints them.
    func explanationText(_ query: ExplanationQuery) async throws -> String
}

/// Which configuration, which file and which state of it a desk answers from: what is read at one mark is the same each time.
package struct DeskMark: Sendable, Hashable {
    /// The state that the ledger says it is in.
    package var ledger: LedgerMark
    /// Which opening of a ledger it is: another after every change of the configuration, and where the file was replaced.
    package var opening: Int
    /// Another after every commit since that opening, so that a ledger restored in its place is told from the one before.
    package var changes: Int
    /// Another after a commit that gave the ledger another generation or newest check: how often somebody was tried to be told
    /// changes neither these nor readiness.
    package var state: Int

    /// Makes a mark.
    package init(ledger: LedgerMark, opening: Int, changes: Int, state: Int) {
        self.ledger = ledger
        self.opening = opening
        self.changes = changes
        self.state = state
    }

    /// Whether readiness is the same at both, as far as it depends on the ledger and the configuration.
    package func isOfSameState(as other: DeskMark) -> Bool {
        ledger == other.ledger && opening == other.opening && state == other.state
    }
}

/// A readiness with how long it stands.
package struct Standing: Sendable {
    /// The readiness.
    package var readiness: Readiness
    /// The instant that it was asked for.
    package var from: Instant
    /// The first instant for which it has to be asked anew.
    package var until: Instant

    /// Makes a standing readiness.
    package init(_ readiness: Readiness, from: Instant, until: Instant) {
        self.readiness = readiness
        self.from = from
        self.until = until
    }
}

/// When the newest check was made, and how old it may be.
package struct NewestCheck: Sendable, Hashable {
    /// The instant, for the service that was not checked for longest; nil where one never was.
    package var at: Instant?
    /// How old it may be, in seconds.
    package var maxAge: Seconds
    /// Whether the newest check was of all services.
    package var isOfAll: Bool

    /// Makes it.
    package init(at: Instant?, maxAge: Seconds, isOfAll: Bool = true) {
        self.at = at
        self.maxAge = maxAge
        self.isOfAll = isOfAll
    }

    /// Why checks are taken not to be made any more; nil where they are.
    func objection(at now: Instant) -> String? {
        guard let at else {
            return isOfAll
                ? "No check was made yet: is the agent running?"
                : "A service was not checked yet: is the agent running, and does it check all of them?"
        }
        if at > now + 60 { return "The newest check was made at \(at), and it is \(now): one of two clocks is wrong." }
        guard now - at > maxAge else { return nil }
        guard isOfAll else {
            return
                "A service was checked last at \(at), more than \(maxAge / 60) minutes ago: is the agent running, and does it "
                + "check all of them?"
        }
        return "The newest check was made at \(at), more than \(maxAge / 60) minutes ago: is the agent running?"
    }
}

/// Which page is asked for.
package struct PageQuery: Sendable, Hashable {
    /// The earliest start of a window, as written.
    package var from: String?
    /// Starts of windows are earlier than this, as written.
    package var to: String?
    /// How many, 1 to 1000.
    package var limit: Int
    /// Where the page begins; nil means at the beginning.
    package var cursor: String?

    /// Makes a query.
    package init(from: String? = nil, to: String? = nil, limit: Int = 100, cursor: String? = nil) {
        self.from = from
        self.to = to
        self.limit = limit
        self.cursor = cursor
    }
}

/// A page of a list.
package struct Page: Sendable, Hashable {
    /// What stands on it.
    package var entries: [JSONValue]
    /// Where the next page begins; nil on the last.
    package var next: String?
    /// Whether the ledger has changed since the first page: what stands on earlier pages may be another by now, or have
    /// something before it.
    package var isChanged: Bool

    /// Makes a page.
    package init(entries: [JSONValue], next: String?, isChanged: Bool = false) {
        self.entries = entries
        self.next = next
        self.isChanged = isChanged
    }
}
