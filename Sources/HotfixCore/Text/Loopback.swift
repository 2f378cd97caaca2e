/// Whether a host is this machine itself: `localhost`, 127.0.0.0/8 or ::1, with or without brackets.
package func isLoopback(host: String) -> Bool {
    let host = host.lowercased()
    if host == "localhost" || host == "::1" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
        && parts.allSatisfy { (1...3).contains($0.count) && (UInt8($0) != nil) && $0.allSatisfy(\.isNumber) }
}
