import Foundation
import HotfixTestSupport

/// Calls that nobody in their right mind makes.
struct MalformedCalls {
    private static let script = "<script>alert(1)</script>"
    private static let paths = [
        "/api/v1/readiness", "/api/v1/services", "/api/v1/episodes", "/api/v1/deployments", "/healthz", "/readyz",
        "/metrics",
        "/badge.svg", "/explain", "/", "/api/v1/services/checkout/guardrails/load/verdicts", "/api/v1/ledger",
    ]
    private static let members = [
        "commit", "branch", "version", "beside", "at", "services", "incident", "no_incident", "reason", "by", "until",
        "service", "guardrail", "interval", "note", "for",
    ]
    private static let statements = [
        "/api/v1/deployments", "/api/v1/silences", "/api/v1/exclusions", "/api/v1/acceptances",
        "/api/v1/episodes/a%2Fb%2Fc/acknowledgement", "/api/v1/episodes/a%2Fb%2Fc/ack", "/api/v1/silences/1/lift",
        "/api/v1/deployments/1/void", "/api/v1/episodes/%3Cscript%3E/excusal",
    ]

    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// The bytes of the next one.
    mutating func next() -> [UInt8] {
        switch Int.random(in: 0..<11, using: &random) {
        case 0: bytes(1...2000)
        case 1: get(random.pick(Self.paths) + traversal())
        case 2: get(random.pick(Self.paths) + "?" + query())
        case 3: get(random.pick(Self.paths), headers())
        case 4: Array(get(random.pick(Self.paths)).prefix(Int.random(in: 1..<40, using: &random)))
        case 5: statement(json())
        case 6: statement(bytes(0...3000))
        case 7: lengths()
        case 8: chunks()
        case 9: otherProtocol()
        default: garbled(get(random.pick(Self.paths), headers()))
        }
    }

    private mutating func bytes(_ count: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: count, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private func get(_ target: String, _ headers: [UInt8] = []) -> [UInt8] {
        Array("GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".utf8) + headers + Array("\r\n".utf8)
    }

    private mutating func traversal() -> String {
        (0..<Int.random(in: 1...6, using: &random)).map { _ in
            random.pick([
                "/..", "/../", "/%2e%2e", "/%2E%2E%2F", "/..%2f..%2fetc%2fpasswd", "/....//", "/%00", "/%c0%ae", "/%ff",
                "/%zz", "/\\..\\", "/etc/passwd", "/.", "//", "/%252e%252e", "/<script>", "/%3Cscript%3E", "/\u{7F}",
            ])
        }.joined()
    }

    private mutating func query() -> String {
        (0..<Int.random(in: 1...8, using: &random)).map { _ in
            let name = random.pick([
                "service", "at", "max_age", "limit", "cursor", "from", "to", "format", "x", "", "%00",
            ])
            let value = random.pick([
                "%3Cscript%3Ealert(1)%3C/script%3E", "%ff%fe", "-1", "9999999999999999999999", "1e400", "@-62167219200",
                "checkout", "%00", "'%20OR%201=1--", String(repeating: "a", count: 3000), "%f0%9f%92%a9", "", "a;b",
                "%",
            ])
            return "\(name)=\(value)"
        }.joined(separator: "&")
    }

    private mutating func headers() -> [UInt8] {
        var all: [UInt8] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let name = random.pick([
                "X-A", "Authorization", "If-None-Match", "Origin", "Cookie", "Host", "Content-Length", "Hotfix-Nonce",
                "Transfer-Encoding", "Accept-Encoding", "Range", "Expect", "Upgrade", "Sec-Fetch-Site", "bad name", "",
            ])
            let values: [[UInt8]] = [
                Array(Self.script.utf8), [0xFF, 0xFE, 0xC3, 0x28], [0],
                Array(String(repeating: "y", count: 20_000).utf8),
                Array("Bearer \(ServedProcess.token)x".utf8), Array("\"a\", W/\"b\", *".utf8),
                Array("bytes=0-1,5-".utf8),
                Array("100-continue".utf8), Array("a\r\nSet-Cookie: b=c".utf8), Array("-5".utf8), [],
            ]
            all += Array(name.utf8) + [0x3A, 0x20] + random.pick(values) + [0x0D, 0x0A]
        }
        return all
    }

    private mutating func json() -> [UInt8] {
        let values = [
            "\"\(Self.script)\"", "null", "true", "1e400", "-0", "[]", "{}", "\"\\u0000\"", "\"\\ud800\"",
            "\"a\u{202E}b\"",
            "\"\(String(repeating: "ab", count: 20))\"", "[\"\(Self.script)\"]", "\"2026-11-20T10:00:00Z\"",
            "\"checkout\"",
            String(repeating: "[", count: 3000), "\"2h\"", "12345678901234567890123",
        ]
        let pairs = (0..<Int.random(in: 0...7, using: &random)).map { _ in
            "\"\(random.pick(Self.members))\": \(random.pick(values))"
        }
        let text = "{\(pairs.joined(separator: ", "))}"
        return random.happens(0.2) ? garbled(Array(text.utf8)) : Array(text.utf8)
    }

    private mutating func statement(_ body: [UInt8]) -> [UInt8] {
        let token = random.happens(0.8) ? ServedProcess.token : Self.script
        let type = random.pick(["application/json", "application/json", "application/json", "text/html", Self.script])
        let head = """
            POST \(random.pick(Self.statements)) HTTP/1.1\r
            Host: localhost\r
            Connection: close\r
            Authorization: Bearer \(token)\r
            Content-Type: \(type)\r
            Content-Length: \(body.count)\r
            \r

            """
        return Array(head.utf8) + body
    }

    private mutating func lengths() -> [UInt8] {
        let length = random.pick(["1073741824", "99999999999999999999", "-1", "0x10", "5, 6", "1e9", "", "+7", "10"])
        let twice = random.happens(0.3) ? "Content-Length: 3\r\n" : ""
        let head = """
            POST /api/v1/deployments HTTP/1.1\r
            Host: localhost\r
            Connection: close\r
            Authorization: Bearer \(ServedProcess.token)\r
            Content-Type: application/json\r
            \(twice)Content-Length: \(length)\r
            \r

            """
        return Array(head.utf8) + bytes(0...(random.happens(0.1) ? 200_000 : 2000))
    }

    private mutating func chunks() -> [UInt8] {
        let size = random.pick([
            "ffffffffffffffff", "-1", "5", "0", "zz", "40000000", String(repeating: "0", count: 5000),
        ])
        let also = random.happens(0.3) ? "Content-Length: 5\r\n" : ""
        let head = """
            POST /api/v1/deployments HTTP/1.1\r
            Host: localhost\r
            Connection: close\r
            Authorization: Bearer \(ServedProcess.token)\r
            Content-Type: application/json\r
            \(also)Transfer-Encoding: \(random.pick(["chunked", "gzip, chunked", "chunked, chunked", "identity"]))\r
            \r
            \(size)\r

            """
        return Array(head.utf8) + bytes(0...2000)
    }

    private mutating func otherProtocol() -> [UInt8] {
        random.pick([
            Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8), [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3],
            Array("GET /healthz\r\n".utf8),
            Array("GET /healthz HTTP/9.9\r\n\r\n".utf8), Array("get /healthz HTTP/1.1\r\nHost: a\r\n\r\n".utf8),
            Array("CONNECT example.com:443 HTTP/1.1\r\nHost: a\r\n\r\n".utf8),
            Array("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n".utf8),
            Array("GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8),
            Array("SSH-2.0-x\r\n".utf8), Array(repeating: 0x0D, count: 5000), Array(repeating: 0x41, count: 100_000),
        ])
    }

    private mutating func garbled(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...8, using: &random) where !bytes.isEmpty {
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        return bytes
    }
}
