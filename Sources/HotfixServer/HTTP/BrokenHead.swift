import HTTPTypes
import HotfixCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Gives whoever sends what is no call of HTTP the answer that every other mistake gets.
///
/// The parser's errors never reach the one who answers: a bare 400 is written in its place, which is exchanged here.
final class BrokenHead: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let door: FrontDoor
    private let limits: APIServer.Limits
    private var problem: APIProblem?

    init(_ door: FrontDoor, _ limits: APIServer.Limits) {
        self.door = door
        self.limits = limits
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError { problem = told(error) }
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let problem, case .head(let head) = unwrapOutboundIn(data), head.status == .badRequest,
            head.headerFields[.contentLength] == "0"
        else { return context.write(data, promise: promise) }
        self.problem = nil
        let answer = door.finished(problem.answer)
        guard case .bytes(let bytes) = answer.body else { return context.write(data, promise: promise) }
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        fields[.connection] = "close"
        fields[.contentLength] = "\(bytes.count)"
        let whole = HTTPResponse(status: .init(code: answer.status), headerFields: fields)
        context.write(wrapOutboundOut(.head(whole)), promise: promise)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: bytes))), promise: nil)
    }

    private func told(_ error: HTTPParserError) -> APIProblem {
        switch error {
        case .headerOverflow:
            APIProblem(
                431,
                "The head of a call is at most \(limits.headBytes) bytes long, and has at most \(limits.headFields) fields."
            )
        case .invalidMethod: APIProblem(501, "There is no such method, or what was sent is no call of HTTP/1.1.")
        case .invalidVersion: APIProblem(505, "Calls are made by HTTP/1.1.")
        default: APIProblem(400, "What was sent is no call of HTTP/1.1.")
        }
    }
}
