/// Whether a hotfix may be merged back, and why (not).
package struct Readiness: Sendable, Hashable {
    /// The states, the worst first.
    package enum State: String, Sendable, Hashable, Codable, CaseIterable {
        case breaching, blind
        case notDeployed = "not-deployed"
        case counting, ready
    }

    /// Why a state holds, where its name does not say it.
    package enum StateReason: String, Sendable, Hashable, Codable, CaseIterable {
        /// The streak has reached its time and is being asked once more.
        case confirming
        /// The policy judges otherwise than the one by which the newest check judged, and no check has judged by it yet.
        case policy
        /// The newest complete window ended too long ago.
        case stale
        /// The newest complete windows are all unproven.
        case unproven
        /// No window was clean or breach for 24 hours.
        case noVerdict = "no-verdict"
        /// The ledger holds windows that end after the reader's clock.
        case clock
        /// The deployment lies before the source's history.
        case noHistory = "no-history"
        /// A service has never been evaluated.
        case neverChecked = "never-checked"
        /// The deployment was closed.
        case closed
    }

    /// The state of the hotfix: its worst service's.
    package var state: State
    /// Why, where the state does not say it.
    package var stateReason: StateReason?
    /// The longest time that a service's policy requires, in seconds.
    package var requiredSeconds: Seconds
    /// The least proven time of a service, in seconds.
    package var provenSeconds: Seconds
    /// The latest start of a service's streak; nil while one is not deployed.
    package var since: Instant?
    /// The latest instant at which a service may be ready; nil while one is not deployed.
    package var earliestReady: Instant?
    /// The earliest end of a service's newest complete window; nil while one has none.
    package var evaluatedUntil: Instant?
    /// The newest deployment.
    package var deployment: Deployment?
    /// The services, in the order of the configuration.
    package var services: [ServiceReadiness]
    /// Open episodes, and those since the deployment.
    package var episodes: [Episode]
    /// What of the policy, the look-back and the excusals a reader has to know to trust the answer.
    package var notes: [String]
    /// Roll-outs that a source knows of and that nobody has recorded.
    package var unrecordedDeploys: [UnrecordedDeploy] = []
    /// The silences that hold for a service at the instant, in the order recorded; nothing else follows from them here.
    package var silences: [Silence] = []
    /// The newest acknowledgement of each of the episodes that has one.
    package var acknowledgements: [Acknowledgement] = []

    /// Whether the hotfix is ready.
    package var isReady: Bool { state == .ready }

    /// Whether the merge of a commit is proven safe: ready, and every service runs that commit since its deployment.
    ///
    /// - Parameter commit: The full id of the branch's head.
    /// - Returns: Why not; nil means yes.
    package func objection(toMerging commit: String) -> String? {
        guard isFullCommit(commit) else {
            return "'\(commit)' is not a full commit id; give all 40 (or 64) hexadecimal digits."
        }
        for service in services {
            guard let deployment = service.deployment else { return "Service '\(service.name)' is not deployed." }
            guard deployment.hasFullCommit else {
                return
                    "Deployment \(deployment.id) of '\(service.name)' was recorded without a full commit id, and opens no gate."
            }
            guard deployment.commit.lowercased() == commit.lowercased() else {
                return "\(commit) is not what was deployed: '\(service.name)' runs \(deployment.commit)."
            }
        }
        return isReady ? nil : "The hotfix is \(state.rawValue)\(stateReason.map { " (\($0.rawValue))" } ?? "")."
    }
}

/// The readiness of one service.
package struct ServiceReadiness: Sendable, Hashable {
    /// The newest window of one guardrail.
    package struct GuardrailState: Sendable, Hashable {
        /// The guardrail's name.
        package var name: String
        /// The verdict; nil where the newest window is missing.
        package var verdict: Verdict?
        /// Its reason.
        package var reason: Reason?
        /// The start of the window.
        package var windowStart: Instant?
        /// The value.
        package var value: Double?
        /// The baseline.
        package var baseline: BaselineValue?
        /// The limit that the value was held against.
        package var limit: Double?
        /// The unit.
        package var unit: String?

        /// Makes a state.
        package init(
            name: String, verdict: Verdict? = nil, reason: Reason? = nil, windowStart: Instant? = nil,
            value: Double? = nil, baseline: BaselineValue? = nil, limit: Double? = nil, unit: String? = nil
        ) {
            self.name = name
            self.verdict = verdict
            self.reason = reason
            self.windowStart = windowStart
            self.value = value
            self.baseline = baseline
            self.limit = limit
            self.unit = unit
        }

        /// The change against the baseline in per cent; nil without a baseline, or where that is 0.
        package var changePercent: Double? {
            guard let value, let number = baseline?.number, number != 0 else { return nil }
            return (value / number - 1) * 100
        }
    }

    /// A confirmed breach.
    package struct LastBreach: Sendable, Hashable {
        /// The guardrail's name.
        package var guardrail: String
        /// The start of the window.
        package var windowStart: Instant
        /// The value.
        package var value: Double?
        /// The limit that was crossed.
        package var limit: Double?

        /// Makes a breach.
        package init(guardrail: String, windowStart: Instant, value: Double?, limit: Double?) {
            self.guardrail = guardrail
            self.windowStart = windowStart
            self.value = value
            self.limit = limit
        }
    }

    /// The service's name.
    package var name: String
    /// Its state.
    package var state: Readiness.State
    /// Why, where the state does not say it.
    package var stateReason: Readiness.StateReason?
    /// The deployment from which its streak counts.
    package var deployment: Deployment?
    /// The time that has to be proven, in seconds.
    package var requiredSeconds: Seconds
    /// The proven time in seconds.
    package var provenSeconds: Seconds
    /// From when on clean windows count.
    package var since: Instant?
    /// What set it there.
    package var sinceOrigin: Streak.Origin?
    /// When it may be ready; when it became ready, once it is.
    package var earliestReady: Instant?
    /// The end of its newest complete window.
    package var evaluatedUntil: Instant?
    /// How many windows since `since` were asked and are not clean.
    package var unprovenWindows: Int
    /// How many windows since `since` are missing.
    package var missingWindows: Int
    /// Its guardrails' newest windows.
    package var guardrails: [GuardrailState]
    /// The newest confirmed breach since the deployment.
    package var lastBreach: LastBreach?
    /// Guardrails of the policy that do not apply, since the service names no such source.
    package var notWatched: [String]
    /// What is known of its running version; nil where its deployment has none.
    package var version: VersionReadiness?
}

extension Readiness.StateReason {
    /// The reason in words.
    package var text: String {
        switch self {
        case .confirming: "the required time is reached; its windows are being asked once more"
        case .policy: "the policy was changed, and its windows are not judged by it yet"
        case .stale: "the newest window is too old: is the agent running?"
        case .unproven: "the newest windows are all unproven"
        case .noVerdict: "no window was clean or breach for 24 hours"
        case .clock: "the ledger is ahead of this machine's clock"
        case .noHistory: "the deployment lies before the source's history"
        case .neverChecked: "no window has been evaluated: is the agent running?"
        case .closed: "the deployment was closed"
        }
    }
}
