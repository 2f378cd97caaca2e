/// A set of guardrails, with the window they are judged in and the streak they add up to.
package struct Policy: Sendable, Hashable, Codable {
    /// What the streak must reach.
    package struct Streak: Sendable, Hashable, Codable {
        /// The proven clean time that makes a hotfix ready, in seconds.
        package var required: Seconds
        /// A run of asked windows, none of them clean, that lasts longer than this restarts the streak; in seconds.
        package var longestGap: Seconds
        /// Counting starts this many seconds after the deployment.
        package var warmUp: Seconds

        /// Makes the runbook's streak, unless told otherwise.
        package init(required: Seconds = 48 * 3600, longestGap: Seconds = 3600, warmUp: Seconds = 0) {
            self.required = required
            self.longestGap = longestGap
            self.warmUp = warmUp
        }
    }

    /// The length of a window in seconds; divides a day.
    package var window: Seconds
    /// What the streak must reach.
    package var streak: Streak
    /// The guardrails, in the order of the file.
    package var guardrails: [Guardrail]

    /// Makes a policy.
    package init(window: Seconds = 300, streak: Streak = .init(), guardrails: [Guardrail]) {
        self.window = window
        self.streak = streak
        self.guardrails = guardrails
    }

    /// The guardrail of this name, nil where the policy has none.
    package func guardrail(_ name: String) -> Guardrail? { guardrails.first { $0.name == name } }
}
