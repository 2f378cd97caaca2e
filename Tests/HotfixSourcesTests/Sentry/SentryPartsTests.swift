import HotfixCore
import Testing

@testable import HotfixSources

@Suite("Parts of the Sentry source")
struct SentryPartsTests {
    @Test(
        "the next page is told by the relation `next` alone",
        arguments: [
            (
                #"<u>; rel="previous"; results="false"; cursor="100:-1:1", <u>; rel="next"; results="true"; cursor="100:1:0""#,
                "100:1:0"
            ),
            (
                #"<u>; rel="previous"; results="true"; cursor="0:0:1", <u>; rel="next"; results="false"; cursor="0:200:0""#,
                nil
            ),
            (#"<u>; rel="next"; results="true"; cursor="0:100:0""#, "0:100:0"), ("", nil), ("<u>; rel", nil),
        ]
    )
    func nextPage(_ header: String, _ cursor: String?) {
        #expect(nextCursor(inLink: header) == cursor)
    }

    @Test(
        "a token for sentry.io is sent to hosts of sentry.io alone",
        arguments: [
            ("https://us.sentry.io", "https://us.sentry.io"), ("https://de.sentry.io/", "https://de.sentry.io"),
            ("https://us2.region.sentry.io", "https://us2.region.sentry.io"),
            ("", nil), (nil, nil), ("https://sentry.io", nil),
        ]
    )
    func region(_ url: String?, _ region: String?) throws {
        #expect(try trustedRegion(url, source: "sentry", organization: "acme") == region)
    }

    @Test(
        "a region outside sentry.io is refused",
        arguments: [
            "http://us.sentry.io", "https://sentry.io.evil.example", "https://evilsentry.io",
            "https://evil.example/sentry.io",
            "https://us.sentry.io@evil.example", "https://evil.example?.sentry.io", "https://evil.example#.sentry.io",
            "https://us.sentry.io:8443", "https://evil.example\\.sentry.io",
        ]
    )
    func foreignRegion(_ url: String) {
        #expect(throws: SourceError.self) { try trustedRegion(url, source: "sentry", organization: "acme") }
    }

    @Test("an address shows neither user nor password, and is encoded when sent")
    func address() {
        let address = SentryAddress(
            base: "https://me:secret@sentry.example/prefix", path: ["organizations", "a/b c"],
            query: [.init("query", #"release:"a+b@1""#)]
        )
        #expect(
            address.url
                == "https://me:secret@sentry.example/prefix/api/0/organizations/a%2Fb%20c/?query=release%3A%22a%2Bb%401%22"
        )
        #expect(address.readable == #"https://sentry.example/prefix/api/0/organizations/a/b c/?query=release:"a+b@1""#)
    }

    @Test(
        "a range is cut into pieces without gap or overlap",
        arguments: [
            (windows: 0, longest: 5), (windows: 5, longest: 5), (windows: 6, longest: 5), (windows: 11, longest: 5),
        ]
    )
    func pieces(_ row: (windows: Int, longest: Int)) {
        let span = Span(start: Instant(600), end: Instant(600 + row.windows * 300), step: 300)
        let pieces = chunks(of: span, longest: row.longest)
        #expect(pieces.flatMap { Array($0.windows) } == Array(span.windows))
        #expect(pieces.allSatisfy { $0.count <= row.longest })
        #expect(pieces.count == (row.windows + row.longest - 1) / row.longest)
    }

    @Test("no more than so many are under way at once, and every item has its result")
    func parallel() async {
        let counter = HighWater()
        let results = await inParallel(Array(0..<40), limit: 4) { number in
            await counter.enter()
            await Task.yield()
            await counter.leave()
            return number * 2
        }
        #expect(results == (0..<40).map { $0 * 2 })
        let highest = await counter.highest
        #expect((1...4).contains(highest))
    }
}

private actor HighWater {
    private var inside = 0
    private(set) var highest = 0

    func enter() {
        inside += 1
        highest = max(highest, inside)
    }

    func leave() { inside -= 1 }
}
