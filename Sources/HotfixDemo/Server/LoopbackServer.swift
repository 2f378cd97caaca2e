import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A real HTTP/1.1 server on a free loopback port, for demonstrations and tests.
package final class LoopbackServer: Sendable {
    private struct State {
        var requests: [LoopbackRequest] = []
        var connections = 0
        var open: [ObjectIdentifier: any Channel] = [:]
        var listener: (any Channel)?
    }

    private let state = Mutex(State())
    private let date: @Sendable () -> LoopbackDate
    private let handler: @Sendable (LoopbackRequest) async -> LoopbackAnswer
    private let boundPort = Atomic(0)

    private init(
        date: @escaping @Sendable () -> LoopbackDate,
        handler: @escaping @Sendable (LoopbackRequest) async -> LoopbackAnswer
    ) {
        self.date = date
        self.handler = handler
    }

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - date: The `Date` header of each answer that has none of its own.
    ///   - handler: What to do with each request; it may wait.
    /// - Returns: The server, listening.
    /// - Throws: An error of the system's when no port can be had.
    package static func start(
        date: @escaping @Sendable () -> LoopbackDate = { .now },
        handler: @escaping @Sendable (LoopbackRequest) async -> LoopbackAnswer
    ) async throws -> LoopbackServer {
        let server = LoopbackServer(date: date, handler: handler)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                server.register(channel)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)),
                        LoopbackConnection(server: server),
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        server.boundPort.store(listener.localAddress?.port ?? 0, ordering: .releasing)
        server.state.withLock { $0.listener = listener }
        return server
    }

    /// The port it listens on.
    package var port: Int { boundPort.load(ordering: .acquiring) }

    /// Its address, without a path: `http://127.0.0.1:PORT`.
    package var url: String { "http://127.0.0.1:\(port)" }

    /// All requests so far, in the order they were complete.
    package func requests() -> [LoopbackRequest] { state.withLock { $0.requests } }

    /// How many connections were accepted so far.
    package func connections() -> Int { state.withLock { $0.connections } }

    /// Stops listening and closes every connection.
    package func stop() async {
        let listener = state.withLock { $0.listener.take() }
        try? await listener?.close().get()
        for channel in state.withLock({ Array($0.open.values) }) { try? await channel.close().get() }
    }

    func wire(for request: LoopbackRequest) async -> LoopbackWire {
        state.withLock { $0.requests.append(request) }
        let answer = await handler(request)
        return LoopbackWire(answer, to: request, date: date().header)
    }

    private func register(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        state.withLock { state in
            state.connections += 1
            state.open[id] = channel
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { $0.open[id] = nil }
        }
    }
}

/// Runs a body with a loopback server that ends with it.
package func withLoopbackServer<T>(
    _ handler: @escaping @Sendable (LoopbackRequest) async -> LoopbackAnswer,
    date: @escaping @Sendable () -> LoopbackDate = { .now },
    _ body: (LoopbackServer) async throws -> T
) async throws -> T {
    let server = try await LoopbackServer.start(date: date, handler: handler)
    do {
        let value = try await body(server)
        await server.stop()
        return value
    } catch {
        await server.stop()
        throw error
    }
}
