import Foundation
import HotfixTestSupport
import Testing

@Suite("hotfix serve --otlp and calls that no exporter makes", .heavyAndLong)
struct MalformedExportTests {
    /// Twenty times as many, as `make soak` asks for them, are ten thousand.
    private static let rounds = 500 * max(ProcessInfo.processInfo.environment["HOTFIX_SOAK"].flatMap(Int.init) ?? 1, 1)

    private func receive(_ body: (ReceivingProcess) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let receiving = try await ReceivingProcess.start(try ReceivingProcess.settings(directory), directory)
            try await body(receiving)
            kill(receiving.process.pid, SIGTERM)
            let ending = await receiving.process.ending()
            #expect(ending.exitStatus == 0, "\(ending.output)")
        }
    }

    private static func call(
        _ body: [UInt8], type: String = "application/x-protobuf", _ more: String = "", length: Int? = nil,
        to path: String = "/v1/metrics"
    ) -> [UInt8] {
        let head = """
            POST \(path) HTTP/1.1\r
            Host: localhost\r
            Connection: close\r
            Content-Type: \(type)\r
            Content-Length: \(length ?? body.count)\r
            \(more)\r

            """
        return Array(head.utf8) + body
    }

    private static func status(_ answer: String) -> Int? {
        answer.hasPrefix("HTTP/1.1 ") ? Int(answer.dropFirst(9).prefix(3)) : nil
    }

    /// A field of bytes in protobuf.
    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        var length = bytes.count
        var head = [number << 3 | 2]
        while length >= 0x80 {
            head.append(UInt8(length & 0x7F | 0x80))
            length >>= 7
        }
        return head + [UInt8(length)] + bytes
    }

    /// An export of one metric, with what its data field holds.
    private static func export(service: [UInt8] = Array("checkout".utf8), data: [UInt8]) -> [UInt8] {
        let attribute = field(1, Array("service.name".utf8)) + field(2, field(1, service))
        let metric = field(1, Array("http.server.request.duration".utf8)) + field(9, data)
        return field(1, field(1, field(1, attribute)) + field(2, field(2, metric)))
    }

    /// A histogram's point of now, of delta temporality.
    private static func point(attribute: String = "x") -> [UInt8] {
        let now = UInt64(Date().timeIntervalSince1970 * 1e9)
        func fixed(_ number: UInt8, _ value: UInt64) -> [UInt8] {
            [number << 3 | 1] + withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        let attributes = field(9, field(1, Array(attribute.utf8)) + field(2, field(1, Array(attribute.utf8))))
        let counts = field(6, Array(fixed(0, 3).dropFirst() + fixed(0, 1).dropFirst()))
        let bounds = field(7, Array(fixed(0, (0.5).bitPattern).dropFirst()))
        let point = attributes + fixed(2, now - 1_000_000_000) + fixed(3, now) + fixed(4, 4) + counts + bounds
        return field(1, point) + [0x10, 1]
    }

    private static let script = "<script>alert(1)</script>\u{1B}[31m\u{202E}\0\n"

    @Test("each gets the status after which an exporter does the right thing")
    func statuses() async throws {
        try await receive { receiving in
            let good = Self.export(data: Self.point())
            let zeros = [UInt8](repeating: 0, count: 64 << 20)
            let json = "application/json"
            let attribute = #"{"key":"\#(Self.script.debugDescription.dropFirst().dropLast())","value":{}}"#
            let cases: [(name: String, bytes: [UInt8], statuses: Set<Int>)] = [
                ("right", Self.call(good), [200]),
                ("right, to a server of traces", Self.call(good, to: "/v1/traces"), [200]),
                ("cut off within a field", Self.call(Array(good.dropLast(5))), [400]),
                ("a length beyond the end", Self.call([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 1]), [400]),
                ("a length beyond all numbers", Self.call([0x0A] + [UInt8](repeating: 0xFF, count: 12)), [400]),
                (
                    "bad UTF-8 in a name",
                    Self.call(Self.export(service: [0xFF, 0xFE, 0xC3, 0x28], data: Self.point())), [400]
                ),
                ("JSON for protobuf", Self.call(Array("{}".utf8)), [400]),
                ("protobuf for JSON", Self.call(good, type: json), [400]),
                ("nothing for JSON", Self.call([], type: json), [400]),
                ("JSON without an end", Self.call(Array(#"{"resourceMetrics":[{"#.utf8), type: json), [400]),
                (
                    "bad UTF-8 in JSON", Self.call(Array(#"{"a":""#.utf8) + [0xFF] + Array(#""}"#.utf8), type: json),
                    [200, 400]
                ),
                (
                    "JSON as deep as a well",
                    Self.call(Array(#"{"x":"#.utf8) + .init(repeating: 0x5B, count: 1 << 20), type: json), [400]
                ),
                ("groups as deep", Self.call(.init(repeating: 0x7B, count: 1 << 20)), [400]),
                ("messages in messages", Self.call(Self.nested(3000)), [400]),
                (
                    "a script everywhere",
                    Self.call(Self.export(service: Array(Self.script.utf8), data: Self.point(attribute: Self.script))),
                    [200]
                ),
                (
                    "a script in JSON",
                    Self.call(
                        Array(#"{"resourceMetrics":[{"resource":{"attributes":[\#(attribute)]}}]}"#.utf8), type: json),
                    [200, 400]
                ),
                ("a gzip bomb", Self.call(try gzipped(zeros), "Content-Encoding: gzip\r\n"), [413]),
                (
                    "a bomb of messages",
                    Self.call(try gzipped(Self.messages(4_000_000)), "Content-Encoding: gzip\r\n"), [413]
                ),
                (
                    "a bomb of JSON",
                    Self.call(try gzipped(Self.objects(4_000_000)), type: json, "Content-Encoding: gzip\r\n"), [413]
                ),
                (
                    "gzip that is cut off",
                    Self.call(Array(try gzipped(good).dropLast(9)), "Content-Encoding: gzip\r\n"), [400]
                ),
                ("gzip that is none", Self.call(good, "Content-Encoding: gzip\r\n"), [400]),
                ("another compression", Self.call(good, "Content-Encoding: zstd\r\n"), [415]),
                ("another type", Self.call(good, type: "text/plain"), [415]),
                ("a script for a type", Self.call(good, type: "<script>alert(1)</script>"), [415]),
                (
                    "a claim of 1 GB, and 22 MiB of it",
                    Self.call(.init(repeating: 0, count: 22 << 20), length: 1 << 30), [413]
                ),
                ("a length below 0", Self.call([], length: -1), [400]),
                ("another address", Self.call(good, to: "/../../etc/passwd"), [404]),
                (
                    "another method",
                    Array("GET /v1/metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8), [405]
                ),
                (
                    "another host",
                    Array("POST /v1/metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".utf8), [421]
                ),
            ]
            for one in cases {
                let answer = await RawSocket.send(one.bytes, to: receiving.port)
                let status = Self.status(answer)
                #expect(status.map(one.statuses.contains) == true, "\(one.name): \(answer.prefix(200))")
                #expect(!answer.contains("<script>"), "\(one.name)")
            }
            // 20 MiB are taken; what stands here beside a program is a few bodies of those.
            #expect(receiving.mostResidentKiB < 400 << 10, "\(receiving.mostResidentKiB) KiB")
            #expect(!receiving.said.contains("<script>") && !receiving.said.contains("\u{1B}"))
        }
    }

    @Test(
        "bodies that come at once take no more memory than is given to all of them, and what is told to come again does"
    )
    func atOnce() async throws {
        try await receive { receiving in
            let large = Self.call(.init(repeating: 0, count: 19 << 20))
            let answers = await withTaskGroup(of: Int?.self) { group in
                for _ in 0..<40 { group.addTask { Self.status(await RawSocket.send(large, to: receiving.port)) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            // Those that there is no room for may find the connection closed before they have sent all.
            #expect(answers.allSatisfy { $0 == 400 || $0 == 503 || $0 == nil }, "\(answers)")
            #expect(answers.contains(400))
            #expect(receiving.mostResidentKiB < 700 << 10, "\(receiving.mostResidentKiB) KiB")
            let answer = await RawSocket.send(Self.call(Self.export(data: Self.point())), to: receiving.port)
            #expect(Self.status(answer) == 200, "\(answer)")
        }
    }

    @Test("bytes by chance are answered by 200, 400, 413, 415 or not at all, and never by 500")
    func random() async throws {
        try await receive { receiving in
            var random = SeededGenerator(seed: 11)
            let good = Self.export(data: Self.point())
            for _ in 0..<Self.rounds {
                var body = good
                for _ in 0..<Int.random(in: 0...6, using: &random) {
                    body[Int.random(in: body.indices, using: &random)] = .random(in: 0...255, using: &random)
                }
                body = Array(body.prefix(Int.random(in: 0...body.count, using: &random)))
                if random.happens(0.3) { body = (0..<300).map { _ in .random(in: 0...255, using: &random) } }
                let encoding = random.happens(0.3) ? "Content-Encoding: gzip\r\n" : ""
                if !encoding.isEmpty, random.happens(0.7) { body = try gzipped(body) }
                let type = random.pick(["application/x-protobuf", "application/json"])
                let answer = await RawSocket.send(Self.call(body, type: type, encoding), to: receiving.port)
                #expect([200, 400].contains(Self.status(answer)), "\(answer.prefix(200))")
            }
            #expect(receiving.mostResidentKiB < 200 << 10)
        }
    }

    /// Values in lists in values.
    private static func nested(_ depth: Int) -> [UInt8] {
        var value: [UInt8] = []
        for _ in 0..<depth { value = field(5, field(1, value)) }
        return field(1, field(1, field(1, field(1, [0x6B]) + field(2, value))))
    }

    /// Resources with nothing in them.
    private static func messages(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 2 * count)
        for place in stride(from: 0, to: bytes.count, by: 2) { bytes[place] = 0x0A }
        return bytes
    }

    private static func objects(_ count: Int) -> [UInt8] {
        Array(#"{"resourceMetrics":["#.utf8) + Array(repeatElement(Array("{},".utf8), count: count).joined())
            + Array("{}]}".utf8)
    }
}
