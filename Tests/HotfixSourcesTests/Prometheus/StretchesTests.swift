import HotfixCore
import HotfixTestSupport
import Testing

@testable import HotfixSources

@Suite("the stretches that a query is asked for")
struct StretchesTests {
    private let end = Instant(1_704_844_800)

    private func span(_ first: Int, _ count: Int) -> Span {
        Span(start: end - first * 300, end: end - (first - count) * 300, step: 300)
    }

    @Test("few stretches are asked as they are, a week day by day")
    func few() {
        var stretches = Stretches()
        for service in ["a", "b"] { stretches.add(span(2016, 2016), for: service) }
        stretches.add(span(12, 3), for: "a")
        stretches.gather()
        let days = stride(from: 2016, to: 0, by: -288).map { span($0, 288) }
        #expect(stretches.spans == days + [span(12, 3)])
        #expect(stretches.services(of: days[6]) == ["a", "b"])
        #expect(stretches.services(of: span(12, 3)) == ["a"])
    }

    @Test("scattered ones are asked together, for the services that want them")
    func scattered() {
        var stretches = Stretches()
        for service in ["a", "b", "c"] { stretches.add(span(3, 3), for: service) }
        for window in 0..<100 { stretches.add(span(280 - 2 * window, 1), for: window < 50 ? "a" : "b") }
        stretches.gather()
        let whole = Span(start: span(280, 1).start, end: span(82, 1).end, step: 300)
        #expect(stretches.spans == [span(3, 3), whole])
        #expect(stretches.services(of: span(3, 3)) == ["a", "b", "c"])
        #expect(stretches.services(of: whole) == ["a", "b"])
        #expect(stretches.covering(span(280, 1), for: "a") == [whole])
        #expect(stretches.covering(span(3, 3), for: "b") == [span(3, 3)])
    }

    @Test(
        "every window that a service wants is in a stretch that is asked for it",
        arguments: 1...40 as ClosedRange<UInt64>)
    func complete(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var stretches = Stretches()
        var wanted: [(Span, String)] = []
        for _ in 0..<Int.random(in: 1...60, using: &random) {
            let count = random.happens(0.2) ? Int.random(in: 1...700, using: &random) : 1
            wanted.append((span(count + Int.random(in: 0...600, using: &random), count), random.pick(["a", "b", "c"])))
        }
        for (span, service) in wanted { stretches.add(span, for: service) }
        stretches.gather()
        #expect(stretches.spans.allSatisfy { (1...288).contains($0.count) })
        #expect(Set(stretches.spans).count == stretches.spans.count)
        for (span, service) in wanted {
            let covering = stretches.covering(span, for: service)
            #expect(covering.allSatisfy { stretches.services(of: $0).contains(service) })
            for window in span.windows { #expect(covering.contains { $0.contains(window.start) }) }
        }
    }
}
