import Foundation

/// A connection for bytes that no client would send.
package enum RawSocket {
    /// Sends bytes as they are, and reads what comes back.
    ///
    /// - Parameters:
    ///   - bytes: What is sent.
    ///   - port: A port of this machine.
    ///   - pause: How long it waits after each byte; nil sends all at once.
    ///   - quick: How many bytes are sent at once before it begins to wait.
    ///   - closing: Whether it says that nothing follows.
    ///   - patience: How long it waits for more, in seconds.
    /// - Returns: What came until the connection was closed or nothing came for too long.
    package static func send(
        _ bytes: [UInt8], to port: Int, pausing pause: Duration? = nil, after quick: Int = 0, closing: Bool = true,
        patience: Int = 20
    ) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    returning: exchange(bytes, port, pause, quick, closing: closing, patience: patience))
            }
        }
    }

    private static func exchange(
        _ bytes: [UInt8], _ port: Int, _ pause: Duration?, _ quick: Int, closing: Bool, patience: Int
    ) -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        guard isConnected(descriptor, port) else { return "no connection" }
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        var rest = bytes[...]
        if let pause {
            write(rest.prefix(quick), to: descriptor)
            rest = rest.dropFirst(quick)
            let microseconds = UInt32(pause / .microseconds(1))
            while let byte = rest.popFirst(), !isClosed(descriptor), write([byte], to: descriptor) {
                usleep(microseconds)
            }
        } else {
            write(rest, to: descriptor)
        }
        if closing { shutdown(descriptor, Int32(SHUT_WR)) }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }

    private static func isConnected(_ descriptor: Int32, _ port: Int) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        } == 0
    }

    /// Whether the other end has closed the connection, or answered.
    private static func isClosed(_ descriptor: Int32) -> Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) >= 0
    }

    @discardableResult
    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
