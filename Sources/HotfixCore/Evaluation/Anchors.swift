/// The deployments of one service, as the ledger has them now.
package struct ServiceDeployments: Sendable, Hashable {
    /// A stretch of windows whose look-back ends with the window of one deployment.
    package struct AnchorPeriod: Sendable, Hashable {
        /// The deployment.
        package var deployment: Deployment
        /// The start of its window: the first window of the period, and the end of the look-back.
        package var start: Instant
        /// The first instant that no longer belongs to the period; nil while it lasts.
        package var end: Instant?
    }

    /// Those that stand, oldest first: by `at`, then in the order recorded.
    package let standing: [Deployment]
    /// The stretches with an anchored baseline, oldest first.
    package let periods: [AnchorPeriod]

    /// Finds the deployments that cover a service.
    ///
    /// - Parameters:
    ///   - service: The service's name.
    ///   - all: Every deployment in the ledger.
    ///   - step: The length of a window in seconds.
    package init(of service: String, in all: [Deployment], step: Seconds) {
        standing = all.filter { !$0.isVoid && $0.services.contains(service) }.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
        var periods: [AnchorPeriod] = []
        var seen: Set<Int> = []
        for deployment in standing {
            let isFirst = seen.insert(deployment.hotfix).inserted
            guard isFirst || deployment.newBaselineReason != nil else { continue }
            let start = deployment.at.floored(to: step)
            if let last = periods.indices.last {
                periods[last].end = min(periods[last].end ?? start, start)
            }
            periods.append(AnchorPeriod(deployment: deployment, start: start, end: deployment.closedAt))
        }
        self.periods = periods
    }

    /// The deployment from which the streak counts: the newest one, unless it is closed.
    package var running: Deployment? {
        guard let newest = standing.last, newest.isOpen else { return nil }
        return newest
    }

    /// The first deployment of the open hotfix; nil while none is open.
    package var firstOpen: Deployment? {
        guard let running else { return nil }
        return standing.first { $0.hotfix == running.hotfix }
    }

    /// The anchored stretch that a window belongs to; nil where its look-back is rolling.
    package func period(at windowStart: Instant) -> AnchorPeriod? {
        periods.last { period in
            windowStart >= period.start && (period.end.map { windowStart < $0 } ?? true)
        }
    }
}
