package import HotfixCore

/// A desk that a server stands before: what pages and programs ask beside what the commands do.
package protocol ServingDesk: LedgerDesk {
    /// The instant now, by the clock of the desk.
    var now: Instant { get }

    /// Which state the ledger is in; cheap, and to be called for every answer.
    func mark() async throws -> LedgerMark

    /// What is watched.
    func services() async throws -> JSONValue

    /// The verdicts of a guardrail, oldest first.
    func verdicts(of pair: Pair, _ query: PageQuery) async throws -> Page

    /// The episodes in the order opened.
    func episodes(of service: String?, _ query: PageQuery) async throws -> Page
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

    /// Makes a page.
    package init(entries: [JSONValue], next: String?) {
        self.entries = entries
        self.next = next
    }
}
