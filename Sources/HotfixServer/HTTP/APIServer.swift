import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Serves an API over HTTP until it is told to end.
package struct APIServer: Sendable {
    /// How much of the machine a server gives away.
    package struct Limits: Sendable {
        /// Open connections; more wait until one is closed.
        package var connections = 256
        /// How long a connection may say nothing, or take to send a head, in seconds.
        package var idleSeconds = 30
        /// How long a body may take, in seconds.
        package var bodySeconds = 10
        /// The largest head, in bytes.
        package var headBytes = 16 << 10
        /// How long it waits for what is under way when it ends, in seconds.
        package var endingSeconds = 20

        /// The limits that a server has unless told otherwise.
        package init() {}
    }

    private let handler: APIHandler
    private let address: ListenAddress
    private let limits: Limits
    private let logger: Logger

    /// Makes a server.
    package init(_ handler: APIHandler, at address: ListenAddress, limits: Limits = Limits(), logger: Logger) {
        self.handler = handler
        self.address = address
        self.limits = limits
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT arrives or the task is cancelled; what is under way then is finished.
    ///
    /// - Parameters:
    ///   - takesSignals: Whether the process's signals end it.
    ///   - onReady: Called once it listens, with the port.
    /// - Throws: ``CannotListen`` where it cannot listen at the address, and whatever else ends it.
    package func run(takesSignals: Bool, onReady: @escaping @Sendable (Int) async -> Void) async throws {
        let handler = handler
        let listens = Flag()
        let bodySeconds = limits.bodySeconds
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in
                await response(to: request, handler, bodySeconds: bodySeconds)
            },
            server: .http1(
                configuration: .init(
                    idleTimeout: .seconds(Int64(limits.idleSeconds)),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: limits.headBytes, maxHeaderListSize: limits.headBytes,
                        maxHeaderFieldCount: 64))),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: logger)),
            onServerRunning: {
                listens.raise()
                await onReady($0.localAddress?.port ?? 0)
            }, logger: logger)
        var configuration = ServiceGroupConfiguration(
            services: [application], gracefulShutdownSignals: takesSignals ? [.sigterm, .sigint] : [], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(limits.endingSeconds)
        do { try await ServiceGroup(configuration: configuration).run() } catch let error
            where error is IOError || error is SocketAddressError || error is SocketAddressError.UnknownHost
        {
            guard !listens.isRaised else { throw error }
            throw CannotListen(reason: "\(error)")
        }
    }

    /// Why nobody can be answered at an address: it is taken, not of this machine, not allowed or not known; asking again later may find it so no longer.
    package struct CannotListen: Error, Sendable {
        /// What the system says.
        package var reason: String
    }
}

private final class Flag: Sendable {
    private let state = Atomic(false)

    var isRaised: Bool { state.load(ordering: .acquiring) }

    func raise() { state.store(true, ordering: .releasing) }
}

/// Why a connection is closed by us.
private struct HangUp: Error {}

private func response(to request: Request, _ handler: APIHandler, bodySeconds: Int) async -> Response {
    var headers: [String: String] = [:]
    for field in request.headers { headers[field.name.canonicalName] = field.value }
    headers["host"] = request.head.authority
    let hasBody = headers["content-length"].map { $0 != "0" } ?? (headers["transfer-encoding"] != nil)
    let body = hasBody ? await content(of: request.body, within: .seconds(bodySeconds)) : Content()
    let call = APICall(
        method: request.method.rawValue, target: request.head.path ?? "", headers: headers,
        body: body.isWhole ? body.bytes : nil)
    let answer = await handler.answer(call)
    var fields = HTTPFields()
    for (name, value) in answer.headers {
        if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
    }
    if body.isEndless { fields[.connection] = "close" }
    return Response(
        status: .init(code: answer.status), headers: fields, body: responseBody(answer.body, hangsUp: body.isEndless))
}

private func responseBody(_ body: APIAnswer.Body, hangsUp: Bool) -> ResponseBody {
    switch body {
    case .bytes(let bytes):
        let buffer = ByteBuffer(bytes: bytes)
        guard hangsUp else { return ResponseBody(byteBuffer: buffer) }
        return ResponseBody(contentLength: bytes.count) { writer in
            try await writer.write(buffer)
            try await writer.finish(nil)
            throw HangUp()
        }
    case .events(let events):
        return ResponseBody { writer in
            // Who listens for ever would hold up the end for as long.
            for await event in events.cancelOnGracefulShutdown() {
                try await writer.write(ByteBuffer(string: event))
            }
            try await writer.finish(nil)
        }
    case .pieces(let channel):
        return ResponseBody { writer in
            do {
                while let piece = try await channel.next() { try await writer.write(ByteBuffer(string: piece)) }
                try await writer.finish(nil)
            } catch {
                // Without an end the reader knows that it did not get all.
                channel.abandon()
                throw error
            }
        }
    }
}

private struct Content {
    var bytes: [UInt8] = []
    /// Whether all of it was taken.
    var isWhole = true
    /// Whether more is still to come than anybody will read.
    var isEndless = false
}

/// Reads a body as far as it is taken, and a little farther, so that whoever sends it gets to read the answer.
private func content(of body: RequestBody, within time: Duration) async -> Content {
    await withTaskGroup(of: Content?.self) { group in
        group.addTask {
            var content = Content()
            var count = 0
            do {
                for try await buffer in body {
                    count += buffer.readableBytes
                    if count <= APIHandler.bodyLimit {
                        content.bytes += Array(buffer.readableBytesView)
                    } else {
                        content.isWhole = false
                    }
                    if count > 16 * APIHandler.bodyLimit {
                        content.isEndless = true
                        break
                    }
                }
            } catch {
                content.isWhole = false
                content.isEndless = true
            }
            return content
        }
        group.addTask {
            // Ends early where the body came.
            try? await Task.sleep(for: time)
            return nil
        }
        let first = await group.next() ?? nil
        group.cancelAll()
        return first ?? Content(isWhole: false, isEndless: true)
    }
}
