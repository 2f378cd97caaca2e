package import HotfixCore

extension SimulatedSentry {
    /// A simulated project; every number is of the minute that starts at an instant.
    package struct Project: Sendable {
        /// A quantity that was accepted or thrown away.
        package struct Outcome: Sendable, Hashable {
            /// `error`, `transaction`, `session`, ….
            package var category: String
            /// `accepted`, `rate_limited`, ….
            package var outcome: String
            /// How many.
            package var quantity: Int

            /// Makes an outcome.
            package init(_ category: String, _ outcome: String, _ quantity: Int) {
                self.category = category
                self.outcome = outcome
                self.quantity = quantity
            }
        }

        /// Things of which some failed: sessions that crashed, transactions that failed.
        package struct Share: Sendable, Hashable {
            /// How many there were.
            package var count: Int
            /// How many of them failed.
            package var failed: Int
            /// How many of them were stored; the count is extrapolated from these.
            package var sampled: Int

            /// Makes a share of things that were all stored, unless told otherwise.
            package init(_ count: Int, failed: Int, sampled: Int? = nil) {
                self.count = count
                self.failed = failed
                self.sampled = sampled ?? count
            }
        }

        /// The numeric id.
        package var id: Int
        /// The name in addresses.
        package var slug: String
        /// The visible environments.
        package var environments: [String]
        /// The hidden ones.
        package var hiddenEnvironments: [String]
        /// When the first error event came, as Sentry writes it.
        package var firstEvent: String?
        /// Error events in a minute, in an environment or in all.
        package var errors: @Sendable (_ minute: Instant, _ environment: String?) -> Int
        /// What was accepted and thrown away in a minute.
        package var outcomes: @Sendable (_ minute: Instant) -> [Outcome]
        /// Sessions of a minute.
        package var sessions: @Sendable (_ minute: Instant) -> Share
        /// Transactions of a minute.
        package var transactions: @Sendable (_ minute: Instant) -> Share

        /// Makes a project; unless told otherwise it has one environment, accepts its errors, and knows neither sessions nor transactions.
        package init(
            id: Int, slug: String, environments: [String] = ["production"], hiddenEnvironments: [String] = [],
            firstEvent: String? = "2024-01-01T00:00:00.123456Z",
            errors: @escaping @Sendable (_ minute: Instant, _ environment: String?) -> Int = { _, _ in 0 },
            outcomes: (@Sendable (_ minute: Instant) -> [Outcome])? = nil,
            sessions: @escaping @Sendable (_ minute: Instant) -> Share = { _ in Share(0, failed: 0) },
            transactions: @escaping @Sendable (_ minute: Instant) -> Share = { _ in Share(0, failed: 0) }
        ) {
            self.id = id
            self.slug = slug
            self.environments = environments
            self.hiddenEnvironments = hiddenEnvironments
            self.firstEvent = firstEvent
            self.errors = errors
            self.outcomes = outcomes ?? { [Outcome("error", "accepted", errors($0, nil))] }
            self.sessions = sessions
            self.transactions = transactions
        }
    }

    /// What differs between the servers that there are.
    package struct Server: Sendable {
        /// Whether there is `events-timeseries/`; servers before about 25.4 answer 404 without a body.
        package var hasTimeseries = true
        /// Whether buckets say that they are incomplete.
        package var marksIncomplete = true
        /// Whether a project may be given by its slug.
        package var takesSlugs = true
        /// The most buckets of spans: 10,100, on older servers 2,016.
        package var spanBuckets = 10_100
        /// Whether outcomes of less than an hour come for whole hours.
        package var widensOutcomes = false
        /// The server of the organization's region.
        package var regionURL: String?
        /// The organization's releases, in the order they were made.
        package var releases: [Release] = []
        /// The most entries on a page of a list.
        package var pageSize = 100
        /// The most requests in a second; nil where there is no limiter.
        package var requestsPerSecond: Int?
        /// Headers of every answer.
        package var headers: [(String, String)] = []

        /// Makes sentry.io as it is today.
        package init() {}
    }
}

/// Counts that stand for 5 minutes each, as a count of minutes: all of them fall into the first.
package func everyFiveMinutes(_ count: @escaping @Sendable (_ bucket: Instant) -> Int)
    -> @Sendable (_ minute: Instant, _ environment: String?) -> Int
{
    { minute, _ in minute == minute.floored(to: 300) ? count(minute) : 0 }
}
