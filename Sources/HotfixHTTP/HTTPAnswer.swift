import CCurl

/// What a server answered, whatever the status.
package struct HTTPAnswer: Sendable, Undisclosed {
    /// The status code.
    package let status: Int
    /// The headers of the final answer.
    package let headers: HTTPHeaders
    /// The whole body, decompressed.
    package let body: [UInt8]
    /// The address that answered, redacted, after redirects.
    package let url: String
    /// When the request was sent, in seconds of unix time by the client's clock.
    package let sentAt: Double
    /// When the head of the answer was complete, in seconds of unix time by the client's clock.
    package let headArrivedAt: Double
    /// The server's `Date` in seconds of unix time, if it sent one that can be read.
    package let date: Int64?
    /// How many attempts it took, at least 1.
    package internal(set) var attempts: Int

    /// Creates an answer.
    package init(
        status: Int,
        headers: HTTPHeaders = .init(),
        body: [UInt8] = [],
        url: String = "",
        sentAt: Double = 0,
        headArrivedAt: Double = 0,
        attempts: Int = 1
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.url = url
        self.sentAt = sentAt
        self.headArrivedAt = headArrivedAt
        self.date = headers["Date"].flatMap(unixTime(ofHTTPDate:))
        self.attempts = attempts
    }

    /// The `Content-Type` header.
    package var contentType: String? { headers["Content-Type"] }

    /// The status, the redacted address and the size of the body.
    package var description: String { "\(status) from \(url), \(body.count) bytes" }
}

/// Reads an HTTP date.
///
/// - Returns: Seconds of unix time, or `nil` when the text is not a date.
func unixTime(ofHTTPDate text: String) -> Int64? {
    let time = curl_getdate(text, nil)
    return time == -1 ? nil : Int64(time)
}
