import HotfixCore
import HotfixTestSupport
import Testing

private let day = 86_400

@Suite("Instants, windows and spans")
struct TimeTests {
    @Test(
        "Instants are read",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-20T08:00:00Z", 1_795_161_600), ("2026-11-20 08:00Z", 1_795_161_600),
            ("2026-11-20t08:00:00z", 1_795_161_600), ("2026-11-20T09:00:00+01:00", 1_795_161_600),
            ("2026-11-20T02:30:00-0530", 1_795_161_600), ("@1795161600", 1_795_161_600), ("@-1", -1),
            ("2026-11-20T08:00:00.000Z", 1_795_161_600), ("2026-11-20T08:00:00.001Z", 1_795_161_601),
            ("2028-02-29T00:00:00Z", 1_835_395_200), ("2000-02-29T00:00:00Z", 951_782_400),
            ("2016-12-31T23:59:60Z", 1_483_228_800), ("1969-12-31T23:59:59Z", -1),
        ])
    func reads(text: String, seconds: Int) {
        #expect(Instant(text: text) == Instant(seconds))
    }

    @Test(
        "What is no instant is refused",
        arguments: [
            "", "@", "@1.5", "@99999999999999999999", "@9223372036854775807", "@-9223372036854775808", "now",
            "2026-11-20", "2026-11-20T08:00:00", "2026-11-20T08Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z", "2026-11-00T00:00:00Z",
            "2026-11-20T24:00:00Z", "2026-11-20T08:60:00Z", "2026-11-20T08:00:61Z", "2026-11-20T08:00:00.Z",
            "2026-11-20T08:00:00Z ", " 2026-11-20T08:00:00Z", "2026-11-20T08:00:00+24:00", "2026-11-20T08:00:00+01:60",
            "20261120T080000Z", "２０２６-11-20T08:00:00Z", "2026-11-20T08:00:00+1:00",
        ])
    func refuses(text: String) {
        #expect(Instant(text: text) == nil)
    }

    @Test("Every day from 1900 to 2200 is printed as the calendar has it, and read back")
    func calendar() {
        var date = (year: 1900, month: 1, day: 1)
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        for number in -25_567..<84_006 {
            let text = "\(date.year)-\(two(date.month))-\(two(date.day))T00:00:00Z"
            let instant = Instant(number * day)
            guard instant.description == text, Instant(text: text) == instant else {
                Issue.record("\(instant) is \(text)")
                return
            }
            let isLeap =
                date.year.isMultiple(of: 4) && (!date.year.isMultiple(of: 100) || date.year.isMultiple(of: 400))
            date.day += 1
            if date.day > lengths[date.month - 1] + (date.month == 2 && isLeap ? 1 : 0) {
                date = (date.year, date.month + 1, 1)
            }
            if date.month > 12 { date = (date.year + 1, 1, 1) }
        }
        #expect(date == (2200, 1, 1))
    }

    @Test("Windows are multiples of their length since the epoch, also before it")
    func grid() {
        #expect(Window(containing: Instant(299), length: 300).start == Instant(0))
        #expect(Window(containing: Instant(300), length: 300).start == Instant(300))
        #expect(Window(containing: Instant(-1), length: 300).start == Instant(-300))
        #expect(Window(containing: Instant(-300), length: 300).end == Instant(0))
        #expect(Instant(301).ceiled(to: 300) == Instant(600))
        #expect(Instant(300).ceiled(to: 300) == Instant(300))
        #expect(Instant(-301).ceiled(to: 300) == Instant(-300))
    }

    @Test(
        "Every day has 288 windows: of summer time and leap days a window knows nothing",
        arguments: ["2026-03-29", "2026-10-25", "2028-02-29", "2027-02-28"])
    func ordinaryDays(date: String) throws {
        let start = try #require(Instant(text: "\(date)T00:00:00Z"))
        let windows = Array(Span(start: start, end: start + day, step: 300).windows)
        #expect(windows.count == 288)
        #expect(windows.first?.start == start)
        #expect(zip(windows, windows.dropFirst()).allSatisfy { $0.next == $1 && $0.end == $1.start })
        #expect(windows.last?.end.description.hasSuffix("T00:00:00Z") == true)
    }

    @Test("Starts are joined to the fewest spans that hold them and nothing else", arguments: 0..<50)
    func covering(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let starts = (0..<40).filter { _ in random.happens(0.6) }.map { Instant($0 * 300) }
        let doubled = (starts + starts.filter { _ in random.happens(0.3) }).shuffled(using: &random)
        let spans = Span.covering(doubled, step: 300)
        #expect(spans.flatMap { $0.windows.map(\.start) } == starts)
        #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.end < $1.start })
    }

    @Test("A span aligns its ends down, and is empty where its end is not after its start")
    func spans() {
        let span = Span(start: Instant(301), end: Instant(1199), step: 300)
        #expect(span.start == Instant(300))
        #expect(span.end == Instant(900))
        #expect(span.count == 2)
        #expect(span.contains(Instant(600)) && !span.contains(Instant(900)) && !span.contains(Instant(0)))
        #expect(Span(start: Instant(900), end: Instant(300), step: 300).isEmpty)
    }

    @Test(
        "An interval takes every window that shares an instant with it",
        arguments: [
            (Interval(start: Instant(599), end: Instant(900)), [1, 2]),
            (Interval(start: Instant(600), end: Instant(601)), [2]),
            (Interval(start: Instant(300), end: Instant(600)), [1]), (Interval(start: Instant(650), end: nil), [2, 3]),
            (Interval(start: Instant(650), end: Instant(650)), []),
            (Interval(start: Instant(700), end: Instant(650)), []),
        ])
    func intervals(interval: Interval, windows: [Int]) {
        #expect((0..<4).filter { interval.overlaps(Window(containing: Instant($0 * 300), length: 300)) } == windows)
    }

    @Test("A timeline holds what was put into it, wherever it began", arguments: 0..<20)
    func timeline(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var timeline = Timeline(start: Instant(3000), step: 300)
        var expected: [Instant: WindowRecord] = [:]
        for value in 0..<60 {
            let start = Instant(Int.random(in: 0..<25, using: &random) * 300)
            let record = random.happens(0.15) ? nil : WindowRecord(observation: Observation(value: Double(value)))
            timeline[start] = record
            expected[start] = record
        }
        #expect((-2..<30).allSatisfy { timeline[Instant($0 * 300)] == expected[Instant($0 * 300)] })
        let entries = timeline.entries.map { $0 }
        #expect(entries.map(\.start) == expected.keys.sorted())
        #expect(entries.allSatisfy { expected[$0.start] == $0.record })
        #expect(expected.keys.allSatisfy { $0 < timeline.end && $0 >= timeline.start })
    }
}
