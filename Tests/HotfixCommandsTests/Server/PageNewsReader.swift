import Foundation
import HotfixCommands
import Testing

/// Reads the first of a server's events, by a client that gives what came without waiting for an end.
struct PageNewsReader {
    let url: String

    /// The mark of the first event.
    func first() async throws -> String {
        let url = url
        let text = await withCheckedContinuation { (continuation: CheckedContinuation<String, Never>) in
            Thread.detachNewThread { continuation.resume(returning: Self.beginning(of: url)) }
        }
        return try #require(text.firstMatch(of: /event: judged\ndata: ([^\n]+)\n/), "\(text)").1.description
    }

    private static func beginning(of url: String) -> String {
        let process = Foundation.Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        let parts = url.split(separator: "/", omittingEmptySubsequences: true)
        let (host, path) = (parts[1].split(separator: ":"), parts.dropFirst(2).joined(separator: "/"))
        process.arguments = [
            "-c",
            "exec 3<>/dev/tcp/\(host[0])/\(host[1]); printf 'GET /\(path) HTTP/1.1\\r\\nHost: \(host[0])\\r\\n\\r\\n' >&3; "
                + "while read -r -t 20 line <&3; do echo \"$line\"; case $line in data:*) break ;; esac; done",
        ]
        let output = Pipe()
        process.standardOutput = output
        guard (try? process.run()) != nil else { return "" }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).replacing("\r", with: "") + "\n"
    }
}
