import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Synchronization
import Testing

/// A clock that goes forward only where somebody would have waited so long.
///
/// Whoever sleeps sleeps until the clock has come there, or is cancelled.
private final class OutageClock: Sendable {
    private let time: Mutex<Double>

    init(_ now: Instant) { time = Mutex(Double(now.seconds)) }

    var now: Double {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }

    func pass(_ seconds: Double) { time.withLock { $0 += seconds } }

    func sleep(_ duration: Duration) async throws {
        let end = now + duration / .seconds(1)
        // A receiver that hangs lets time pass; where none is asked, nobody else does.
        for _ in 0..<1500 where now < end { try await Task.sleep(for: .milliseconds(2)) }
        if now < end { pass(end - now) }
    }
}

/// What a receiver of webhooks was told, by the kind and the tense of each message.
private final class HeardEvents: Sendable {
    private let kept = Mutex<[(id: String, text: String)]>([])

    /// Whatever was told, each message once.
    var texts: [String] { kept.withLock { $0.map(\.text) } }

    func take(_ request: LoopbackRequest) -> LoopbackAnswer {
        guard let id = request.header("webhook-id"), let event = (try? JSONParser.value(of: request.body))?.object,
            let data = event["data"]?.object, case .string(let title)? = data["title"],
            case .string(let tense)? = data["tense"], case .string(let subject)? = event["subject"]
        else { return .answer(status: 400) }
        let word = title.text.split(separator: ":").first ?? ""
        kept.withLock { kept in
            guard !kept.contains(where: { $0.id == id }) else { return }
            kept.append((id, "\(word) \(subject.text)\(tense.text == "past" ? " (over)" : "")"))
        }
        return .answer(status: 204)
    }
}

@Suite("Receivers that are down for hours", .heavyAndLong)
struct LongOutageTests {
    private static let checks = 72
    /// How many checks there are before and after the outage.
    private static let around = 4

    /// Windows in breach by service: one from before the outage into it, some within, one that is open at its end.
    private static let breaches: [String: [ClosedRange<Int>]] = [
        "cart": [2...10, 30...32, 50...51],
        "checkout": [20...21, 70...86],
    ]

    private static func isBreaching(_ service: String, _ window: Int) -> Bool {
        breaches[service]?.contains { $0.contains(window) } ?? false
    }

    private static func episode(_ service: String, _ window: Int) -> String {
        "\(service)/load/\(noon + window * 300)"
    }

    private static func due(_ window: Int) -> Instant { noon + (window + 1) * 300 + 130 }

    /// How many messages about breaches there are after the check of a window: openings, and ends after two clean ones.
    private static func messages(until window: Int) -> Int {
        breaches.values.joined().map { ($0.lowerBound <= window ? 1 : 0) + ($0.upperBound + 2 <= window ? 1 : 0) }
            .reduce(0, +)
    }

    @Test(
        "no check waits for them, others are told at once; then the oldest comes first, and what is over is told as over"
    )
    func outage() async throws {
        let receivers = OutageReceivers(OutageClock(noon))
        let prometheus = SimulatedPrometheus(given: [
            .init { query, at in
                let service = Self.breaches.keys.first(where: query.contains) ?? ""
                return Self.isBreaching(service, (at - noon) / 300 - 1) ? 5 : 1
            }
        ])
        try await withLoopbackServer({ prometheus.answer($0) }, date: { .at(receivers.clock.now) }) { source in
            try await withLoopbackServer({ await receivers.answer($0) }) { server in
                try await withTemporaryDirectory { directory in
                    let lab = OutageLab(
                        directory: directory, source: source.url, receivers: server.url, clock: receivers.clock)
                    try await expectOutage(lab, receivers)
                }
            }
        }
    }

    private func expectOutage(_ lab: OutageLab, _ receivers: OutageReceivers) async throws {
        try lab.configure(services: Self.breaches.keys.sorted(), isDown: false)
        #expect(await lab.run(["deployed", "--commit", commit, "--no-incident"]).status == .done)
        for window in 0..<Self.around {
            #expect(await lab.check(Self.due(window)).status == .done)
        }
        #expect(receivers.hanging.texts == ["Breach \(Self.episode("cart", 2))"])

        try lab.configure(services: Self.breaches.keys.sorted(), isDown: true)
        for window in Self.around..<(Self.around + Self.checks) {
            receivers.hang(untilWellHas: Self.messages(until: window))
            let started = ContinuousClock.now
            let run = await lab.check(Self.due(window))
            #expect([.done, .unfinished].contains(run.status), "\(run.output)\(run.errors)")
            #expect(receivers.clock.now - Double(Self.due(window).seconds) <= 2)
            // An attempt by itself would take 15 s.
            #expect(ContinuousClock.now - started < .seconds(14))
            #expect(
                receivers.well.texts.count == Self.messages(until: window), "window \(window): \(receivers.well.texts)")
        }
        // Whoever does not answer is left alone: for half an hour in the end.
        #expect((6...24).contains(receivers.attempts), "\(receivers.attempts) attempts")
        #expect(receivers.hanging.texts.count == 1 && receivers.refused.texts.count == 1)

        receivers.hang(untilWellHas: nil)
        try lab.configure(services: Self.breaches.keys.sorted(), isDown: false)
        for window in (Self.around + Self.checks)..<(Self.around + Self.checks + 16) {
            let status = await lab.check(Self.due(window)).status
            // A receiver is left alone for up to half an hour, and something waits for it so long.
            let mayWait = window < Self.around + Self.checks + 7
            #expect(status == .done || mayWait && status == .unfinished, "window \(window)")
        }
        let (cart, checkout) = ({ Self.episode("cart", $0) }, { Self.episode("checkout", $0) })
        let expected = [
            "Breach \(cart(2))", "Recovered \(cart(2))", "Was in breach \(checkout(20)) (over)",
            "Was in breach \(cart(30)) (over)", "Was in breach \(cart(50)) (over)", "Breach \(checkout(70))",
            "Recovered \(checkout(70))",
        ]
        #expect(receivers.hanging.texts == expected)
        #expect(receivers.refused.texts == expected)
        let incidents = receivers.pagerDuty.incidents
        #expect(incidents.map(\.isOpen) == [false, false])
        #expect(
            incidents.map { $0.payload.object?["custom_details"]?.object?["episode"] }
                == [JSONValue(cart(2)), JSONValue(checkout(70))])
        #expect(receivers.well.texts.count == Self.messages(until: 1000))
    }
}

/// Receivers of messages: one that is always well, one that hangs, and two that are refused where the configuration says so.
private final class OutageReceivers: Sendable {
    let clock: OutageClock
    let well = HeardEvents()
    let hanging = HeardEvents()
    let refused = HeardEvents()
    let pagerDuty = PagerDutyStandIn()
    private let waitsFor = Mutex<Int?>(nil)
    private let tried = Mutex(0)

    init(_ clock: OutageClock) { self.clock = clock }

    /// How many times the one that hangs was tried in vain.
    var attempts: Int { tried.withLock { $0 } }

    /// Lets it hang, until the one that is well was told so many messages and the time of the check is over; nil lets it be well.
    func hang(untilWellHas count: Int?) { waitsFor.withLock { $0 = count } }

    func answer(_ request: LoopbackRequest) async -> LoopbackAnswer {
        switch request.path {
        case "/well": return well.take(request)
        case "/refused": return refused.take(request)
        case "/hanging":
            guard let count = waitsFor.withLock({ $0 }) else { return hanging.take(request) }
            tried.withLock { $0 += 1 }
            for _ in 0..<5000 where well.texts.count < count { try? await Task.sleep(for: .milliseconds(2)) }
            // What was taken has also to be written before the check's time is over.
            try? await Task.sleep(for: .milliseconds(100))
            clock.pass(2)
            return .hang
        default: return await pagerDuty.answer(request)
        }
    }
}

/// A command line whose clock goes on only where somebody waits.
private struct OutageLab: Sendable {
    let directory: String
    let source: String
    let receivers: String
    let clock: OutageClock

    /// Writes the configuration; what is refused is at an address where nobody listens while it is down.
    func configure(services: [String], isDown: Bool) throws {
        let other = isDown ? "http://127.0.0.1:1" : receivers
        try #"guardrails: {load: {source: otel, query: 'load{service="{service}"}', limit: {above: 3}}}"#
            .write(toFile: "\(directory)/policy.yaml", atomically: true, encoding: .utf8)
        try """
        policy: policy.yaml
        remind_every: "0"
        sources: {otel: {type: prometheus, url: "\(source)"}}
        services:
        \(services.map { "  - {name: \($0), otel: {service: \($0)}}" }.joined(separator: "\n"))
        notify:
          - {type: webhook, name: hanging, url: "\(receivers)/hanging", only: [breach]}
          - {type: webhook, name: refused, url: "\(other)/refused", only: [breach]}
          - {type: pagerduty, name: pager, routing_key: "${PAGER_KEY}", url: "\(other)", only: [breach]}
          - {type: webhook, name: well, url: "\(receivers)/well", only: [breach]}

        """.write(toFile: "\(directory)/hotfix.yaml", atomically: true, encoding: .utf8)
    }

    func check(_ at: Instant) async -> Run {
        clock.now = Double(at.seconds)
        return await run(["check", "--deliver-within", "2s"])
    }

    func run(_ arguments: [String]) async -> Run {
        let written = Mutex((output: "", errors: ""))
        let surroundings = Surroundings(
            clock: { clock.now }, sleep: { try await clock.sleep($0) },
            environment: ["PAGER_KEY": "0123456789abcdef0123456789abcdef"], directory: directory,
            write: { text in written.withLock { $0.output += text } },
            writeError: { text in written.withLock { $0.errors += text } })
        let status = await Surroundings.$current.withValue(surroundings) { await EntryPoint.run(arguments) }
        let (output, errors) = written.withLock { $0 }
        return Run(status, output, errors: errors)
    }
}
