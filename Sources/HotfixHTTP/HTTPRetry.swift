/// When and how often a call is tried again.
///
/// Waits grow exponentially with full jitter. A server that says how long to wait is obeyed: `Retry-After` in
/// seconds or as a date, or, on a 429 without it, Sentry's reset time measured against the server's own clock.
package struct HTTPRetry: Sendable {
    /// Attempts in all, at least 1.
    package var attempts: Int
    /// The longest first wait.
    package var base: Duration
    /// The longest wait that the back-off chooses.
    package var cap: Duration
    /// The time all attempts and waits may take together; a wait that does not fit ends the attempts.
    package var budget: Duration
    /// Whether an answer is worth another attempt.
    package var isTransient: @Sendable (HTTPAnswer) -> Bool

    /// Creates a policy.
    package init(
        attempts: Int = 3,
        base: Duration = .milliseconds(500),
        cap: Duration = .seconds(10),
        budget: Duration = .seconds(60),
        isTransient: @escaping @Sendable (HTTPAnswer) -> Bool = HTTPRetry.isTransientStatus
    ) {
        self.attempts = max(1, attempts)
        self.base = base
        self.cap = cap
        self.budget = budget
        self.isTransient = isTransient
    }

    /// One attempt.
    package static let none = HTTPRetry(attempts: 1, budget: .seconds(86_400))

    /// Three attempts within a minute.
    package static let standard = HTTPRetry()

    /// Whether an answer's status is 429, 500, 502, 503 or 504.
    package static let isTransientStatus: @Sendable (HTTPAnswer) -> Bool = {
        [429, 500, 502, 503, 504].contains($0.status)
    }

    /// How long to wait before the next attempt.
    ///
    /// - Parameters:
    ///   - answer: The answer of the attempt that failed, if there was one.
    ///   - attempt: The number of that attempt, from 1.
    ///   - jitter: A random number, at least 0 and less than 1.
    /// - Returns: The wait, which may be longer than the cap when the server asked for it.
    func wait(after answer: HTTPAnswer?, attempt: Int, jitter: Double) -> Duration {
        if let asked = answer?.askedWait { return asked + base * jitter }
        let doublings = min(max(attempt - 1, 0), 20)
        return min(cap, base * (1 << doublings)) * jitter
    }
}

extension HTTPAnswer {
    /// How long the server asks to wait, if it says: 0 s or more.
    package var askedWait: Duration? {
        let now = date.map(Double.init) ?? headArrivedAt
        if let text = headers["Retry-After"] {
            if let seconds = Double(text) { return clamped(seconds, atLeast: 0) }
            if let time = unixTime(ofHTTPDate: text) { return clamped(Double(time) - now, atLeast: 0) }
        }
        if status == 429, let reset = headers["X-Sentry-Rate-Limit-Reset"].flatMap({ Double($0) }) {
            return clamped(reset - now, atLeast: 1)
        }
        return nil
    }

    private func clamped(_ seconds: Double, atLeast least: Double) -> Duration {
        guard seconds.isFinite else { return .seconds(least) }
        return .seconds(min(max(seconds, least), 1_000_000))
    }
}
