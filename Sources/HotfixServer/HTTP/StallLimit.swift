import Glibc
import NIOCore

/// Has the system close a connection whose other end takes nothing of what it was sent.
///
/// What is written waits for such a reader, and nothing else would ever end the wait.
final class StallLimit: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let milliseconds: Int

    init(seconds: Int) {
        milliseconds = seconds * 1000
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let option = ChannelOptions.Types.SocketOption(
            level: NIOBSDSocket.OptionLevel.tcp, name: NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT))
        // A connection that is closed already needs no limit.
        context.channel.setOption(option, value: milliseconds).whenFailure { _ in }
    }
}
