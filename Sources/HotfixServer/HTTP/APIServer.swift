import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Serves over HTTP until its task is cancelled or its group shuts down; what is under way then is finished.
package struct APIServer: Service {
    /// How much of the machine a server gives away.
    package struct Limits: Sendable {
        /// The largest statement that is taken, in bytes.
        package static let statementBytes = 1 << 16

        /// Open connections; more wait until one is closed.
        package var connections = 256
        /// How long a connection may say nothing, or take to send a head, in seconds.
        package var idleSeconds = 30
        /// How long a body may take, in seconds.
        package var bodySeconds = 10
        /// How long a reader may take nothing of what it was sent, in seconds.
        package var stallSeconds = 30
        /// The largest body that is taken, in bytes.
        package var bodyBytes = Self.statementBytes
        /// How much of all bodies is held at a time, in bytes: what is more is told to come again.
        package var allBodyBytes = 128 << 20
        /// The largest head, in bytes.
        package var headBytes = 16 << 10
        /// The most fields of a head.
        package var headFields = 64
        /// How long the body of a statement may take that is refused whatever it says, in seconds.
        package var refusedBodySeconds = 1

        /// The limits that a server has unless told otherwise.
        package init() {}
    }

    private let door: FrontDoor
    private let address: ListenAddress
    private let limits: Limits
    private let logger: Logger
    private let onReady: @Sendable (Int) async -> Void

    /// Makes a server.
    ///
    /// - Parameters:
    ///   - door: Who answers.
    ///   - address: Where it listens.
    ///   - limits: How much of the machine it gives away.
    ///   - logger: Where trouble is told.
    ///   - onReady: Called once it listens, with the port.
    package init(
        _ door: FrontDoor, at address: ListenAddress, limits: Limits = Limits(), logger: Logger,
        onReady: @escaping @Sendable (Int) async -> Void
    ) {
        self.door = door
        self.address = address
        self.limits = limits
        self.logger = logger
        self.onReady = onReady
    }

    /// Serves.
    ///
    /// - Throws: ``CannotListen`` where it cannot listen at the address, and whatever else ends it.
    package func run() async throws {
        let (door, limits, onReady) = (door, limits, onReady)
        let listens = Flag()
        let room = BodyRoom(bytes: limits.allBodyBytes)
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in
                await response(to: request, door, limits, room)
            },
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [
                        StallLimit(seconds: limits.stallSeconds), BrokenHead(door, limits),
                    ],
                    idleTimeout: .seconds(Int64(limits.idleSeconds)),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: limits.headBytes, maxHeaderListSize: limits.headBytes,
                        maxHeaderFieldCount: limits.headFields))),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: logger)),
            onServerRunning: {
                listens.raise()
                await onReady($0.localAddress?.port ?? 0)
            }, logger: logger)
        do { try await application.run() } catch let error
            where error is IOError || error is SocketAddressError || error is SocketAddressError.UnknownHost
        {
            guard !listens.isRaised else { throw error }
            throw CannotListen(address: address, reason: "\(error)")
        }
    }

    /// Why nobody can be answered at an address: it is taken, not of this machine, not allowed or not known; asking again later may find it so no longer.
    package struct CannotListen: Error, Sendable {
        /// The address.
        package var address: ListenAddress
        /// What the system says.
        package var reason: String
    }
}

private final class Flag: Sendable {
    private let state = Atomic(false)

    var isRaised: Bool { state.load(ordering: .acquiring) }

    func raise() { state.store(true, ordering: .releasing) }
}

/// How much of the bodies of all connections is held.
private final class BodyRoom: Sendable {
    private let bytes: Int
    private let held = Mutex(0)

    init(bytes: Int) {
        self.bytes = bytes
    }

    func take(_ count: Int) -> Bool {
        held.withLock { held in
            guard held + count <= bytes else { return false }
            held += count
            return true
        }
    }

    func giveBack(_ count: Int) { held.withLock { $0 -= count } }
}

/// Why a connection is closed by us.
private struct HangUp: Error {}

private func response(
    to request: Request, _ door: FrontDoor, _ limits: APIServer.Limits, _ room: BodyRoom
) async -> Response {
    var headers: [String: String] = [:]
    for field in request.headers { headers[field.name.canonicalName] = field.value }
    headers["host"] = request.head.authority
    let length = headers["content-length"].flatMap { Int($0) }
    let hasBody = headers["content-length"].map { $0 != "0" } ?? (headers["transfer-encoding"] != nil)
    // Who asks for the head alone gets what the whole would have, but for the body.
    let isHead = request.method == .head
    var call = APICall(
        method: isHead ? "GET" : request.method.rawValue, target: request.head.path ?? "", headers: headers, body: nil)
    var body = Content()
    defer { room.giveBack(body.held) }
    let answer: APIAnswer
    if hasBody, let refusal = door.refusal(call) {
        // Nobody waits for a body that is not looked at.
        var brief = limits
        (brief.bodySeconds, brief.bodyBytes) = (limits.refusedBodySeconds, APIServer.Limits.statementBytes)
        body = await content(of: request.body, length, brief, room)
        answer = refusal
    } else {
        if hasBody { body = await content(of: request.body, length, limits, room) }
        call.body = body.isWhole ? body.bytes : nil
        call.isLate = body.isLate
        answer = await door.answer(call)
    }
    var fields = HTTPFields()
    for (name, value) in answer.headers {
        if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
    }
    if body.isEndless { fields[.connection] = "close" }
    if isHead { return headResponse(answer, fields) }
    return Response(
        status: .init(code: answer.status), headers: fields, body: responseBody(answer.body, hangsUp: body.isEndless))
}

private func headResponse(_ answer: APIAnswer, _ fields: HTTPFields) -> Response {
    var fields = fields
    switch answer.body {
    case .bytes(let bytes): fields[.contentLength] = "\(bytes.count)"
    case .pieces(let channel): channel.abandon()
    // Nobody begins to listen.
    case .events: break
    }
    return Response(status: .init(code: answer.status), headers: fields, body: ResponseBody())
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
    /// Whether it did not come to its end in time, or there was no room for it.
    var isLate = false
    /// The bytes that room was taken for.
    var held = 0
}

/// How much more than is taken is read of a body, in bytes.
private let endlessBytes = 1 << 20

/// Reads a body as far as it is taken, and a little farther, so that whoever sends it gets to read the answer.
private func content(
    of body: RequestBody, _ length: Int?, _ limits: APIServer.Limits, _ room: BodyRoom
) async -> Content {
    let isTooLong = length.map { $0 > limits.bodyBytes } ?? false
    // Room for all of it at once: of many that come together, some are taken whole.
    let reserved = isTooLong ? 0 : length ?? 0
    guard room.take(reserved) else { return Content(isWhole: false, isEndless: true, isLate: true) }
    var content = await content(of: body, isTooLong: isTooLong, isReserved: length != nil, limits, room)
    content.held += reserved
    return content
}

private func content(
    of body: RequestBody, isTooLong: Bool, isReserved: Bool, _ limits: APIServer.Limits, _ room: BodyRoom
) async -> Content {
    await withTaskGroup(of: Content?.self) { group in
        group.addTask {
            var content = Content()
            var count = 0
            do {
                for try await buffer in body {
                    count += buffer.readableBytes
                    if count <= limits.bodyBytes, !isTooLong {
                        let new = isReserved ? 0 : buffer.readableBytes
                        guard room.take(new) else {
                            content = Content(isWhole: false, isEndless: true, isLate: true, held: content.held)
                            break
                        }
                        content.held += new
                        content.bytes += Array(buffer.readableBytesView)
                    } else {
                        content.isWhole = false
                    }
                    if count > limits.bodyBytes + endlessBytes {
                        content.isEndless = true
                        break
                    }
                }
            } catch {
                content.isWhole = false
                content.isEndless = true
                content.isLate = !isTooLong
            }
            return content
        }
        group.addTask {
            // Ends early where the body came.
            try? await Task.sleep(for: .seconds(limits.bodySeconds))
            return nil
        }
        let first = await group.next() ?? nil
        group.cancelAll()
        if let first { return first }
        // What has come so far goes.
        let rest = await group.next() ?? nil
        return Content(isWhole: false, isEndless: true, isLate: !isTooLong, held: rest?.held ?? 0)
    }
}
