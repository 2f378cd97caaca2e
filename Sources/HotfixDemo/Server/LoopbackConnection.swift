import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection of a loopback server; lives on its event loop.
final class LoopbackConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private let server: LoopbackServer
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(server: LoopbackServer) {
        self.server = server
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            if head.headers["Expect"].contains("100-continue") {
                write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), context)
            }
        case .body(let part):
            body += part.readableBytesView
        case .end:
            guard let head else { return }
            let request = LoopbackRequest(
                method: head.method.rawValue,
                target: head.uri,
                headers: head.headers.map { ($0.name, $0.value) },
                body: body
            )
            answer(request, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ request: LoopbackRequest, _ context: ChannelHandlerContext) {
        let server = server
        context.eventLoop.makeFutureWithTask { await server.wire(for: request) }
            .assumeIsolated()
            .whenSuccess { wire in
                self.after(wire.headDelay, context) {
                    self.write(wire.head, context)
                    self.writeBody(wire, from: 0, context)
                }
            }
    }

    private func writeBody(_ wire: LoopbackWire, from index: Int, _ context: ChannelHandlerContext) {
        guard wire.byteDelay > .zero else {
            write(wire.body, context)
            return end(wire.end, context)
        }
        guard index < wire.body.count else { return end(wire.end, context) }
        after(wire.byteDelay, context) {
            self.write([wire.body[index]], context)
            self.writeBody(wire, from: index + 1, context)
        }
    }

    private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        guard !bytes.isEmpty else { return }
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }

    private func end(_ end: LoopbackWire.End, _ context: ChannelHandlerContext) {
        switch end {
        case .keepAlive, .never: break
        case .close: context.close(promise: nil)
        case .reset:
            guard let options = context.channel as? any SocketOptionProvider else { return }
            // Lingering for no time makes the kernel send a reset.
            options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).assumeIsolated()
                .whenComplete { _ in context.close(promise: nil) }
        }
    }

    private func after(_ delay: Duration, _ context: ChannelHandlerContext, _ work: @escaping () -> Void) {
        guard delay > .zero else { return work() }
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) {
            if context.channel.isActive { work() }
        }
    }
}
