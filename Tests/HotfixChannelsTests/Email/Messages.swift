import HotfixCore

/// The middle of a night.
let night = Instant(1_795_305_600)

/// A message about a breach of `latency-p95` of `checkout`, or what follows from one.
func mailMessage(
    _ kind: MessageKind = .breach, id: Int = 7, opening: Int? = nil, service: String = "checkout",
    guardrail: String = "latency-p95", reason: String? = nil, links: [MessageLink] = [], plot: Plot? = mailPlot()
) -> Message {
    Message(
        id: id, kind: kind, thread: "checkout/latency-p95/\(night)", opening: opening, at: night, createdAt: night + 42,
        facts: MessageFacts(
            ledgerID: "L", service: service, environment: "production", guardrail: guardrail, severity: .critical,
            window: MessageFacts.WindowFacts(
                start: night - 300, end: night, value: 0.31, unit: "s", baseline: 0.21, baselineWindows: 288,
                limit: 0.252),
            reason: reason, remedy: "Look at the last deployment.", links: links, plot: plot))
}

/// A plot of an hour with a breach at its end.
func mailPlot() -> Plot {
    Plot(
        title: "latency-p95 of checkout", unit: "s", start: night - 3600, step: 300,
        points: (0..<12).map { index in
            Plot.Point(outcome: index == 11 ? .breach : .clean, value: index == 11 ? 0.31 : 0.2, limit: 0.252)
        })
}

/// The smallest PNG: one grey pixel.
let onePixel: [UInt8] = [
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 0x01, 0, 0, 0,
    0x01, 0x08, 0, 0, 0, 0, 0x3A, 0x7E, 0x9B, 0x55, 0, 0, 0, 0x0A, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9C, 0x63, 0x68,
    0, 0, 0, 0x82, 0, 0x81, 0x77, 0xCD, 0x72, 0xB6, 0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
]
