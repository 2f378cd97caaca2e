/// One HTTP request to make, with its limits.
///
/// A call never shows its secrets: its description names the method and the redacted address alone.
package struct HTTPCall: Sendable, Undisclosed {
    /// What the request does to the resource.
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
        case head = "HEAD"
    }

    /// Who asks, sent as the `Authorization` header.
    package enum Credentials: Sendable, Undisclosed {
        case none
        case bearer(String)
        case basic(user: String, password: String)

        /// The kind of credentials, without their values.
        package var description: String {
            switch self {
            case .none: "none"
            case .bearer: "bearer (not shown)"
            case .basic: "basic (not shown)"
            }
        }
    }

    /// What the request does to the resource.
    package var method: Method
    /// The address, `http` or `https`; the user and password in it count as basic credentials.
    package var url: String
    /// Headers of the caller's; all but those that only say what is asked for stay with the first origin.
    package var headers: [(name: String, value: String)]
    /// What is sent after the head; without a `Content-Type` header it goes as a form.
    package var body: [UInt8]?
    /// Who asks; stays with the first origin.
    package var credentials: Credentials
    /// Whom to trust and which certificate to show.
    package var tls: HTTPTLS
    /// How long one attempt may take, its redirects included, from when it leaves the queue of its host.
    package var deadline: Duration
    /// How long resolving, connecting and the TLS handshake may take together.
    package var connectDeadline: Duration
    /// The largest answer taken, in bytes, counted after decompression.
    package var bodyLimit: Int
    /// Whether a larger answer is cut at the limit and no error, for who needs no more than its beginning.
    package var cutsBody = false
    /// When and how often to try again.
    package var retry: HTTPRetry
    /// Whether the request may be repeated though its method is neither `GET` nor `HEAD`.
    package var repeatable: Bool
    /// Takes the body as it comes; an answer that it does not want is collected as any other.
    package var sink: HTTPSink?

    /// Creates a call.
    package init(
        _ method: Method = .get,
        _ url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil,
        credentials: Credentials = .none,
        tls: HTTPTLS = .init(),
        deadline: Duration = .seconds(30),
        connectDeadline: Duration = .seconds(10),
        bodyLimit: Int = 64 << 20,
        retry: HTTPRetry = .standard,
        repeatable: Bool = false,
        sink: HTTPSink? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.credentials = credentials
        self.tls = tls
        self.deadline = deadline
        self.connectDeadline = connectDeadline
        self.bodyLimit = bodyLimit
        self.retry = retry
        self.repeatable = repeatable
        self.sink = sink
    }

    /// The method and the redacted address.
    package var description: String {
        guard let target = try? HTTPTarget(url) else { return "\(method.rawValue) an invalid address" }
        return "\(method.rawValue) \(target.redacted)"
    }

    var mayRepeat: Bool { repeatable || method == .get || method == .head }
    var mayFollow: Bool { (method == .get || method == .head) && body == nil }
}
