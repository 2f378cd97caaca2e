import HotfixAgent
import HotfixCore
import HotfixTestSupport

extension Stage {
    /// What the ledger holds of messages in words, deployments left out: `breach 5`, and after the opening's number `recovered 5 <2`.
    func told() throws -> [String] {
        try scene.ledger.facts().messages.filter { $0.kind != .deployed }.map(Self.words)
    }

    private static func words(_ head: MessageHead) -> String {
        let instant = head.thread.split(separator: "/").last.flatMap { Instant(text: String($0)) }
        let subject = instant.map { " \(($0 - deployedAt) / step)" } ?? ""
        return head.kind.rawValue + subject + (head.opening.map { " <\($0)" } ?? "")
    }

    /// The messages of a kind, in the order made, where the ledger is one in memory.
    func messages(_ kind: MessageKind) -> [Message] {
        ((scene.ledger as? MemoryLedger)?.messages ?? []).filter { $0.kind == kind }
    }

    /// Checks at each of some windows, twice, and counts how many messages the second check added.
    @discardableResult
    func checkTwice(_ windows: ClosedRange<Int>) async throws -> Int {
        var added = 0
        for window in windows {
            try await check(window)
            added += try await check(window).messages.count
        }
        return added
    }

    func silence(
        from start: Instant, to end: Instant, service: String? = "checkout", guardrail: String? = nil
    ) throws {
        try scene.ledger.record(
            .silence(
                Silence(
                    service: service, guardrail: guardrail, start: start, end: end, reason: "known", by: "Ada",
                    recordedAt: start)))
    }

    func excuse(_ window: Int, until end: Int, at now: Int) throws {
        let pair = Pair("checkout", "g")
        try scene.ledger.record(
            .excusal(
                Excusal(
                    episode: "\(pair)/\(Stage.start(window))", pair: pair,
                    interval: Interval(start: Stage.start(window), end: Stage.start(end)), reason: "a load test",
                    by: "Ada", recordedAt: Stage.due(now))))
    }

    func acknowledge(_ window: Int, at now: Int? = nil) throws {
        try scene.ledger.record(
            .acknowledgement(
                Acknowledgement(
                    episode: "checkout/g/\(Stage.start(window))", by: "Ada",
                    recordedAt: Stage.due(now ?? window))))
    }
}
