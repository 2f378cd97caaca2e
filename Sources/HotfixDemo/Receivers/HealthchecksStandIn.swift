package import HotfixCore

/// A stand-in for a dead man's switch as healthchecks.io is one: it refuses what that refuses, and keeps what a person would see.
package actor HealthchecksStandIn {
    /// A ping as a person would see it.
    package struct Ping: Sendable, Hashable {
        /// What it said: `success`, `start`, `fail` or `log`.
        package var kind: String
        /// The run that it belongs to.
        package var run: String?
        /// What came with it, as far as it is kept.
        package var text: String

        /// Makes a ping.
        package init(kind: String, run: String?, text: String) {
            self.kind = kind
            self.run = run
            self.text = text
        }
    }

    /// The check that there is.
    package nonisolated let check: String
    /// The pings that were recorded, in order.
    package private(set) var pings: [Ping] = []
    private let now: @Sendable () -> Instant
    private var recent: [Instant] = []
    private var fault: @Sendable (LoopbackRequest) -> LoopbackAnswer? = { _ in nil }

    /// Makes a server with one check.
    ///
    /// - Parameters:
    ///   - check: Its UUID.
    ///   - now: The server's clock.
    package init(check: String = "5f2f1c2e-0d0f-4a57-9d4b-3b1f0f5f2a01", now: @escaping @Sendable () -> Instant) {
        self.check = check
        self.now = now
    }

    /// Sets which requests are answered otherwise from now on, without anything being done.
    package func setFault(_ fault: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer?) { self.fault = fault }

    /// Answers a request.
    package func answer(_ request: LoopbackRequest) -> LoopbackAnswer {
        if let fault = fault(request) { return fault }
        let path = request.path.split(separator: "/").map(String.init)
        guard path.count >= 2, path.count <= 3, path[0] == "ping", ["GET", "HEAD", "POST"].contains(request.method)
        else {
            return text(404, "not found")
        }
        guard Self.isUUID(path[1]) else { return text(400, "invalid uuid format") }
        let kind = path.count == 3 ? path[2] : "success"
        guard ["success", "start", "fail", "log"].contains(kind) || UInt8(kind) != nil else {
            return text(400, "invalid url format")
        }
        let run = request.query.first { $0.0 == "rid" }?.1
        if let run, !Self.isUUID(run) { return text(400, "invalid uuid format") }
        guard path[1] == check else { return text(404, "not found") }
        recent = recent.filter { now() - $0 < 60 } + [now()]
        guard recent.count <= 5 else { return text(200, "OK (rate-limited)") }
        pings.append(Ping(kind: kind, run: run, text: String(decoding: request.body.prefix(10_000), as: UTF8.self)))
        return text(200, "OK")
    }

    private func text(_ status: Int, _ text: String) -> LoopbackAnswer {
        .answer(status: status, headers: [("Content-Type", "text/plain")], body: Array(text.utf8))
    }

    private static func isUUID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12]
            && parts.joined().allSatisfy { "0123456789abcdef".contains($0) }
    }
}
