/// What came over HTTP, before anything of it is believed.
package struct APICall: Sendable {
    /// The method.
    package var method: String
    /// Path and query, as they came.
    package var target: String
    /// The headers that matter, by their names in lower case.
    package var headers: [String: String]
    /// The whole body; nil where it was larger than is taken, or did not come to its end.
    package var body: [UInt8]?
    /// Whether the body did not come to its end in the time that it is given.
    package var isLate = false

    /// Makes a call.
    package init(method: String, target: String, headers: [String: String] = [:], body: [UInt8]? = []) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

/// What goes back.
package struct APIAnswer: Sendable {
    /// What follows the head.
    package enum Body: Sendable {
        /// All of it.
        case bytes([UInt8])
        /// A text that comes piece by piece.
        case pieces(PieceChannel)
        /// Events, as long as somebody listens.
        case events(PageEvents)
    }

    /// The status.
    package var status: Int
    /// The headers.
    package var headers: [(name: String, value: String)]
    /// The body.
    package var body: Body

    /// Makes an answer.
    package init(_ status: Int, type: String?, headers: [(name: String, value: String)] = [], body: Body) {
        self.status = status
        self.headers = (type.map { [("Content-Type", $0)] } ?? []) + headers
        self.body = body
    }
}

/// An error as it is told over HTTP (RFC 9457).
package struct APIProblem: Error, Sendable, Hashable {
    /// The HTTP status.
    package var status: Int
    /// What happened, to what, and what to do next: the sentence that the command prints.
    package var detail: String
    /// What the command ends with.
    package var exitStatus: Int32
    /// Further headers.
    package var headers: [String: String]

    /// Makes a problem.
    package init(_ status: Int, _ detail: String, exitStatus: Int32 = 2, headers: [String: String] = [:]) {
        self.status = status
        self.detail = detail
        self.exitStatus = exitStatus
        self.headers = headers
    }

    /// The media type of problems.
    package static let mediaType = "application/problem+json"

    /// Why the body of a call is not there.
    ///
    /// - Parameters:
    ///   - call: A call without a body.
    ///   - limit: The largest body that is taken, in bytes.
    package init(missingBodyOf call: APICall, limit: Int) {
        self =
            call.isLate
            ? APIProblem(408, "What was sent did not come to its end in time. Send it again.", exitStatus: 3)
            : APIProblem(413, "What is sent is at most \(limit) bytes long.")
    }

    /// What a status is called.
    var title: String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 429: "Too Many Requests"
        case 421: "Misdirected Request"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 505: "HTTP Version Not Supported"
        case 503: "Service Unavailable"
        default: "Internal Server Error"
        }
    }
}
