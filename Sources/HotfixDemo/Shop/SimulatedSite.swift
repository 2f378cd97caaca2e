/// A simulated shop behind servers on loopback: a Sentry and a Prometheus, by one simulated clock.
package struct SimulatedSite: Sendable {
    /// The clock of both servers.
    package let clock: SimulatedClock
    /// Prometheus.
    package let prometheus: SimulatedPrometheus
    /// Sentry.
    package let sentry: SimulatedSentry
    /// Where Prometheus is: `http://127.0.0.1:PORT`.
    package let prometheusURL: String
    /// Where Sentry is: `http://127.0.0.1:PORT`.
    package let sentryURL: String

    /// Runs a body with a shop whose servers end with it.
    ///
    /// - Parameters:
    ///   - shop: The services.
    ///   - clock: The clock.
    ///   - organization: Sentry's organization.
    ///   - token: The token that Sentry takes.
    ///   - body: What is done with it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, and an error of the system's when no port can be had.
    package static func run<T>(
        _ shop: SimulatedShop, clock: SimulatedClock, organization: String, token: String,
        _ body: (SimulatedSite) async throws -> T
    ) async throws -> T {
        let now = { @Sendable in clock.now }
        let date = { @Sendable in LoopbackDate.at(clock.seconds) }
        let prometheus = SimulatedPrometheus(series: shop.series(), now: now)
        let sentry = SimulatedSentry(organization: organization, token: token, projects: shop.projects(), now: now)
        return try await withLoopbackServer({ prometheus.answer($0) }, date: date) { metrics in
            try await withLoopbackServer({ await sentry.answer($0) }, date: date) { errors in
                try await body(
                    SimulatedSite(
                        clock: clock, prometheus: prometheus, sentry: sentry, prometheusURL: metrics.url,
                        sentryURL: errors.url))
            }
        }
    }
}
