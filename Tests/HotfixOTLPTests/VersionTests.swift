import HotfixCore
import HotfixStore
import Testing

@testable import HotfixOTLP

/// Which version of a service ran, by what its points say.
struct VersionTests {
    let ledger: SQLiteLedger
    let source: OTLPSource

    init() throws {
        let ledger = try SQLiteLedger.inMemory()
        self.ledger = ledger
        source = OTLPSource(
            name: "otel", isScraped: false, clock: { Sender.origin + 900 }, onNotice: { _ in }, open: { ledger })
    }

    /// Sends by a receiver that was just started.
    private func send(_ exports: [ExportRequest], at time: Int) async throws {
        let intake = PointIntake(store: ledger)
        _ = try await intake.take(exports.flatMap { $0.incoming(.init()) }, at: Sender.origin + time)
    }

    private func wish(_ name: String? = "checkout", environment: String? = "production") -> VersionWish {
        var service = Service(name: "shop")
        service.environment = environment
        service.bindings["otel"] = name.map { ["service": $0] }
        return VersionWish(service: service, window: 300, at: Sender.origin + 900)
    }

    private func finding(_ wish: VersionWish) async throws -> VersionFinding {
        try #require(await source.findVersions([wish])["shop"]).get()
    }

    @Test func `Each window has the versions of all points that came in it, also after a restart`() async throws {
        let (old, new) = (Sender(version: "1.4.1"), Sender(instance: "b", version: "v1.4.2"))
        try await send([old.memory(5, time: 60), old.histogram([1, 0, 0, 0], start: 0, time: 60)], at: 61)
        try await send([old.memory(5, time: 360), Sender(instance: "c").memory(5, time: 370)], at: 371)
        try await send([new.cpu(user: 1, system: 1, start: 300, time: 380)], at: 381)
        try await send([new.memory(5, time: 390)], at: 391)
        let subject = try #require(try ledger.pointSubjects().first { $0.subject.metric == "process.memory.usage" })
        #expect(subject.subject.environment == "production")
        guard case .known(let definition) = try await finding(wish()) else {
            Issue.record("not known")
            return
        }
        let span = Span(start: Sender.origin, end: Sender.origin + 900, step: 300)
        let ask = VersionAsk(service: "shop", definition: definition, span: span, isThorough: false)
        let answer = try #require(await source.versions([ask]).first)
        #expect(answer.failures.isEmpty)
        #expect(
            answer.seen == [
                Sender.origin: ["1.4.1"], Sender.origin + 300: ["1.4.1", "v1.4.2"], Sender.origin + 600: [],
            ])
        // A window longer than a cell has those of all its cells.
        let long = VersionAsk(
            service: "shop", definition: definition,
            span: Span(start: Sender.origin, end: Sender.origin + 600, step: 600),
            isThorough: true)
        #expect(await source.versions([long]).first?.seen == [Sender.origin: ["1.4.1", "v1.4.2"]])
    }

    @Test func `Where no point says so, or they are another service's, no version is known`() async throws {
        try await send([Sender(version: "2").memory(5, time: 60), Sender(service: "cart").memory(5, time: 60)], at: 61)
        for wish in [wish(nil), wish("cart"), wish("nobody")] {
            guard case .unknown = try await finding(wish) else {
                Issue.record("known")
                continue
            }
        }
        guard case .failure(let error)? = await source.findVersions([wish(environment: "test")])["shop"] else {
            Issue.record("found")
            return
        }
        #expect(error.code == .unknownSubject)
        #expect(error.message.contains("'production'"))
    }

    @Test func `What cannot be read is no answer, and a foreign query is refused`() async throws {
        let broken = OTLPSource(name: "otel", isScraped: false, clock: { Sender.origin }, onNotice: { _ in }) {
            throw LedgerError(.inaccessible, "gone")
        }
        guard case .failure(let error)? = await broken.findVersions([wish()])["shop"] else {
            Issue.record("found")
            return
        }
        #expect(error.code == .unreachable)
        let span = Span(start: Sender.origin, end: Sender.origin + 300, step: 300)
        let foreign = SeriesDefinition(source: "otel", query: "up")
        let answer = await source.versions([
            VersionAsk(service: "shop", definition: foreign, span: span, isThorough: false)
        ])
        #expect(answer.first?.failures.first?.error.code == .refused)
    }

    @Test func `Of too many versions the same are kept, in whatever order they come`() {
        let all = (10..<40).map { "v\($0)" }
        var (up, down) = (CellSum(), CellSum())
        for version in all { up.add(version: version) }
        for version in all.reversed() { down.add(version: version) }
        #expect(up.versions == down.versions)
        #expect(up.versions.count == CellSum.mostVersions)
    }
}
