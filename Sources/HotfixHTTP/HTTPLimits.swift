/// How much one client does at once.
package struct HTTPLimits: Sendable, Hashable {
    /// Open connections to one host.
    package var perHost: Int
    /// Open connections, and requests in flight, to all hosts together.
    package var total: Int
    /// Requests in flight to one scheme, host and port; the rest wait in order.
    package var inFlightPerHost: Int

    /// Creates limits; each counts as at least 1.
    package init(perHost: Int = 8, total: Int = 64, inFlightPerHost: Int = 8) {
        self.perHost = max(1, perHost)
        self.total = max(1, total)
        self.inFlightPerHost = max(1, inFlightPerHost)
    }
}
