import Foundation

/// Tells the service manager that started the process how it stands (sd_notify); silent where there is none.
struct ServiceManager: Sendable {
    private let path: String?
    /// The process is taken to hang, and ended, where it says nothing for so many seconds; nil where nobody watches it.
    let watchdogSeconds: Double?

    init(_ environment: [String: String]) {
        let isMeant = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        watchdogSeconds = isMeant ? environment["WATCHDOG_USEC"].flatMap(Double.init).map { $0 / 1e6 } : nil
        path = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
    }

    /// Sends a state: `READY=1` or another of sd_notify.
    ///
    /// Where it cannot be sent, the manager finds out by itself.
    func tell(_ state: String) {
        guard let path else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // A name that begins with @ lies outside the file system: a NUL stands for it.
        let name = Array(path.utf8).enumerated().map { $0 == 0 && $1 == UInt8(ascii: "@") ? 0 : $1 }
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let message = Array(state.utf8)
        _ = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
