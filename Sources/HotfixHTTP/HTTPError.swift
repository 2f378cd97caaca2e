/// Why a request got no answer.
///
/// Its texts never hold credentials, header values, bodies or the secret parts of an address.
package struct HTTPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Sendable {
        /// The address is not an `http` or `https` address.
        case invalidURL
        /// A header's name or value can't be sent.
        case invalidHeader
        /// The host's name, or the proxy's, is unknown.
        case resolve
        /// No connection, or it was lost before the answer.
        case unreachable
        /// The handshake or a certificate failed.
        case tls
        /// A deadline passed.
        case timedOut
        /// The answer is larger than the call's limit.
        case tooLarge
        /// The answer ended early.
        case truncated
        /// What came back is not HTTP.
        case protocolError
        /// The server redirected to where the client does not follow.
        case redirectRefused
        /// The client was shut down.
        case cancelled
        /// A limit on requests; for callers that turn such an answer into an error, never thrown by the client.
        case rateLimited
        /// The system or libcurl refused memory, a thread or an option.
        case resources
    }

    /// What kind of failure it is.
    package var code: Code
    /// What happened, to what, and what to do next.
    package var message: String
    /// The transport's own words.
    package var cause: String?
    /// Whether the same call may succeed later.
    package var isTransient: Bool
    /// Whether it is certain that no server saw the request; where it is not, what a write came to is unknown.
    package var isUnsent: Bool

    /// Creates an error.
    package init(
        _ code: Code, _ message: String, cause: String? = nil, isTransient: Bool = false, isUnsent: Bool = false
    ) {
        self.code = code
        self.message = message
        self.cause = cause
        self.isTransient = isTransient
        self.isUnsent = isUnsent || code == .invalidURL || code == .invalidHeader || code == .resolve
    }

    /// The message and the cause.
    package var description: String {
        guard let cause else { return message }
        return "\(message) (\(cause))"
    }
}
