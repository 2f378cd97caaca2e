/// What a loopback server writes for one answer.
struct LoopbackWire: Sendable {
    enum End: Sendable { case keepAlive, close, reset, never }

    var head: [UInt8] = []
    var body: [UInt8] = []
    var end = End.keepAlive
    var headDelay = Duration.zero
    var byteDelay = Duration.zero

    private init() {}

    init(_ answer: LoopbackAnswer, to request: LoopbackRequest, date: String?) {
        self.init()
        switch answer {
        case .answer(let status, let headers, let body):
            let closes = request.header("Connection")?.lowercased() == "close"
            end = closes ? .close : .keepAlive
            var fields = headers
            func add(_ name: String, _ value: String?) {
                guard let value, !fields.contains(where: { $0.0.lowercased() == name.lowercased() }) else { return }
                fields.append((name, value))
            }
            add("Date", date)
            let isBodyless = status == 204 || status == 304
            let isChunked = fields.contains { $0.0.lowercased() == "transfer-encoding" }
            add("Content-Length", isBodyless || isChunked ? nil : String(body.count))
            add("Connection", closes ? "close" : nil)
            let lines = ["HTTP/1.1 \(status) Loopback"] + fields.map { "\($0.0): \($0.1)" }
            head = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
            self.body = isBodyless || request.method == "HEAD" ? [] : body
        case .json(let text, let status, let headers):
            self = LoopbackWire(
                .answer(
                    status: status,
                    headers: headers + [("Content-Type", "application/json")],
                    body: Array(text.utf8)
                ),
                to: request,
                date: date
            )
        case .truncated(let count, let whole):
            self = LoopbackWire(whole, to: request, date: date)
            body = Array(body.prefix(count))
            end = .close
        case .garbage(let bytes):
            head = bytes
            end = .close
        case .reset:
            end = .reset
        case .slow(let headDelay, let byteDelay, let then):
            self = LoopbackWire(then, to: request, date: date)
            self.headDelay += headDelay
            self.byteDelay += byteDelay
        case .hang:
            end = .never
        }
    }
}
