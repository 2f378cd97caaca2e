import HotfixCore
import HotfixDemo
import HotfixHTTP

/// Messages as they follow from a breach, and a client that ends with its test.
enum ChatScene {
    static let start = Instant(1_763_800_200)
    static let latency = Pair("checkout", "latency-p95")

    /// A message about an episode of a guardrail of a service.
    static func message(
        _ kind: MessageKind, id: Int = 7, pair: Pair = latency, links: [MessageLink]? = nil, hostile: String? = nil
    ) -> Message {
        let isOver = kind.isClosing
        let episode = Episode(
            pair: pair, start: start, openedAt: start + 600, lastBreach: start + 900, windows: 4, peak: 0.31,
            closedAt: isOver ? start + 1500 : nil, ending: isOver ? .recovered : nil)
        let points = (0..<72).map { index in
            Plot.Point(
                outcome: index > 67 ? .breach : .clean, value: index == 30 ? nil : index > 67 ? 0.31 : 0.2,
                baseline: 0.21, limit: 0.252)
        }
        var facts = MessageFacts(
            ledgerID: "3f1c", service: pair.service, environment: hostile ?? "production", guardrail: pair.guardrail,
            severity: .critical,
            window: MessageFacts.WindowFacts(
                start: start, end: start + 300, value: 0.31, unit: "s", baseline: 0.21, baselineWindows: 288,
                limit: 0.252, query: "histogram_quantile(0.95, x)"),
            episode: episode,
            hotfix: MessageFacts.HotfixFacts(
                id: 1, deployment: 2, branch: hostile ?? "hotfix/1.2.4", commit: "0f3a9c1", version: hostile ?? "1.2.4",
                deployedAt: start - 7200),
            streak: MessageFacts.StreakFacts(
                lostSeconds: 7200, provenSeconds: 0, requiredSeconds: 172_800, earliestReady: start + 180_000))
        facts.reason = hostile
        facts.remedy = hostile ?? "Roll back, or see what the release changed."
        facts.links =
            links ?? [
                MessageLink(label: "Dashboard", url: "https://grafana.example/d/x?from=1&to=2"),
                MessageLink(label: hostile ?? "Query", url: "https://prometheus.example/graph"),
            ]
        facts.plot = Plot(title: "\(pair)", unit: "s", start: start - 21_000, step: 300, points: points)
        return Message(
            id: id, kind: kind, thread: episode.id, opening: kind == .breach ? nil : 7, at: start + 600,
            createdAt: start + 610, facts: facts)
    }

    /// Names that a receiver could take for more than names.
    static let hostileNames = [
        "<!channel>", "<@U0000001>", "<https://evil.example|pay here>", "<script>alert(1)</script>", "a\r\nBcc: x@y",
        "x;rm -rf /", "\"quoted\" 'twice'", "&lt;!here&gt;", "```code``` `tick` *bold* _low_ ~gone~", "}]}",
        "\u{0}\u{7}",
        "\u{202E}evil", String(repeating: "👩‍👩‍👧‍👦", count: 400), String(repeating: "&", count: 5000), "", " ",
    ]

    static func withClient<T>(_ body: (HTTPClient) async throws -> T) async throws -> T {
        let client = HTTPClient()
        do {
            let value = try await body(client)
            await client.shutDown()
            return value
        } catch {
            await client.shutDown()
            throw error
        }
    }
}

extension ChatScene {
    /// The name of an outcome.
    static func kind(_ outcome: DeliveryOutcome) -> String {
        switch outcome {
        case .delivered: "delivered"
        case .retry: "retry"
        case .unknown: "unknown"
        case .misconfigured, .misaddressed: "misconfigured"
        case .refused: "refused"
        }
    }
}
