/// Why a source gave no answer, or none that may be used.
package struct SourceError: Error, Sendable, Hashable, Codable {
    /// The kinds of failure.
    package enum Code: String, Sendable, Hashable, Codable {
        /// No connection, no name, no valid certificate.
        case unreachable
        /// No answer in time.
        case timedOut
        /// Too many requests, or a quota.
        case rateLimited
        /// The credentials were refused or lack a scope.
        case credentials
        /// The source says that it failed itself.
        case failed
        /// The source's clock and ours differ by more than 60 s.
        case clock
        /// The answer is not whole: a warning of missing data, truncated, another interval than asked for.
        case partial
        /// The answer is not what the contract says.
        case malformed
        /// The source refuses the query: a mistake in the configuration.
        case refused
        /// The source does not know a project, an environment or a label value that the configuration names.
        case unknownSubject
        /// The query returns more series than the guardrail can tell apart.
        case ambiguous
    }

    /// The kind of failure.
    package var code: Code
    /// What happened, to what, and what to do next; holds no secret.
    package var message: String

    /// Makes an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the configuration has to be mended: asking again changes nothing.
    package var isConfigurationError: Bool {
        switch code {
        case .refused, .unknownSubject, .ambiguous: true
        case .unreachable, .timedOut, .rateLimited, .credentials, .failed, .clock, .partial, .malformed: false
        }
    }
}

extension SourceError: CustomStringConvertible {
    package var description: String { message }
}
