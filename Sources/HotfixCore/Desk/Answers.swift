/// Whether a commit may be merged, and the readiness that says so.
package struct GateAnswer: Sendable, Hashable {
    /// The commit that was asked about.
    package var commit: String
    /// The readiness of all services.
    package var readiness: Readiness

    /// Makes an answer.
    package init(commit: String, readiness: Readiness) {
        self.commit = commit
        self.readiness = readiness
    }

    /// Why it may not be merged; nil means that it may.
    package var objection: String? { readiness.objection(toMerging: commit) }
}

/// What became of a deployment that was to be recorded.
package struct DeploymentReceipt: Sendable, Hashable {
    /// The deployment as the ledger has it.
    package var deployment: Deployment
    /// Whether the ledger had it before, so that nothing changed.
    package var wasKnown: Bool
    /// The number of a newer open deployment, from which the streak counts.
    package var newer: Int?

    /// Makes a receipt.
    package init(deployment: Deployment, wasKnown: Bool, newer: Int? = nil) {
        self.deployment = deployment
        self.wasKnown = wasKnown
        self.newer = newer
    }
}

/// What is left out of look-backs, and the stored baselines.
package struct LookbackBook: Sendable, Hashable {
    /// A stored baseline in a line.
    package struct Line: Sendable, Hashable {
        /// The number of the baseline.
        package var id: Int
        /// The number of the series.
        package var series: Int
        /// Whose baseline; nil where the ledger no longer knows.
        package var pair: Pair?
        /// The unit of the values.
        package var unit: String?
        /// The start of the look-back.
        package var from: Instant
        /// The end of the look-back.
        package var to: Instant
        /// The statistic.
        package var statistic: BaselineRule.Statistic
        /// One value, or one for each window of the day.
        package var values: [Double?]
        /// How many windows went into the first value.
        package var windowsUsed: Int
        /// How many windows the statistic would use.
        package var windowsPossible: Int
        /// The deployment that ends the look-back.
        package var deployment: Int
        /// When it was stored.
        package var storedAt: Instant
    }

    /// What is left out, in the order recorded.
    package var exclusions: [Exclusion]
    /// The baselines, in the order stored.
    package var baselines: [Line]

    /// Reads the book from what a ledger holds.
    package init(_ facts: LedgerFacts) {
        let series = Dictionary(facts.series.map { ($0.id, $0) }) { $1 }
        exclusions = facts.exclusions
        baselines = facts.baselines.map { baseline in
            let first = baseline.values.first
            return Line(
                id: baseline.id, series: baseline.series, pair: series[baseline.series]?.pair,
                unit: series[baseline.series]?.definition.unit, from: baseline.from, to: baseline.to,
                statistic: baseline.rule.statistic, values: baseline.values.map(\.number),
                windowsUsed: first?.windowsUsed ?? 0, windowsPossible: first?.windowsPossible ?? 0,
                deployment: baseline.deployment, storedAt: baseline.storedAt)
        }
    }

    init(exclusions: [Exclusion], baselines: [Line]) {
        self.exclusions = exclusions
        self.baselines = baselines
    }
}

extension Deployment {
    /// The deployment without the names of its guardrails, as desks give it.
    package var forDesk: Deployment {
        var deployment = self
        deployment.pairs = []
        return deployment
    }
}

extension Readiness {
    /// The readiness with its deployments as desks give them.
    package var forDesk: Readiness {
        var readiness = self
        readiness.deployment = deployment?.forDesk
        for index in services.indices { readiness.services[index].deployment = services[index].deployment?.forDesk }
        return readiness
    }
}
