import Foundation

/// What a loopback server does with a request.
package indirect enum LoopbackAnswer: Sendable {
    /// A whole answer; `Date`, `Content-Length` and `Connection` are added unless given.
    case answer(status: Int, headers: [(String, String)] = [], body: [UInt8] = [])
    /// A whole answer of JSON.
    case json(String, status: Int = 200, headers: [(String, String)] = [])
    /// The head of an answer and so many bytes of its body, then the end of the connection.
    case truncated(after: Int, of: LoopbackAnswer)
    /// These bytes as they are, then the end of the connection.
    case garbage([UInt8])
    /// The connection is reset.
    case reset
    /// A pause before the head, one before each byte of the body, then the answer.
    case slow(head: Duration = .zero, eachByte: Duration = .zero, then: LoopbackAnswer)
    /// Nothing, for as long as the client waits.
    case hang
}

/// The `Date` header of a loopback server's answers.
package enum LoopbackDate: Sendable {
    /// The current time.
    case now
    /// A time in seconds of unix time.
    case at(Double)
    /// Any text.
    case text(String)
    /// No such header.
    case omitted

    var header: String? {
        switch self {
        case .now: httpDate(Date().timeIntervalSince1970)
        case .at(let time): httpDate(time)
        case .text(let text): text
        case .omitted: nil
        }
    }
}

/// Writes an HTTP date, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// - Parameter unixTime: Seconds of unix time.
/// - Returns: The date, in whole seconds.
package func httpDate(_ unixTime: Double) -> String {
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    var seconds = time_t(unixTime.rounded(.down))
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func padded(_ number: Int32, _ width: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return "\(days[Int(parts.tm_wday)]), \(padded(parts.tm_mday)) \(months[Int(parts.tm_mon)])"
        + " \(padded(parts.tm_year + 1900, 4)) \(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec)) GMT"
}
