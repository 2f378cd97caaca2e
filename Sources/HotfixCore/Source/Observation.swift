/// What a source answered for one window.
package struct Observation: Sendable, Hashable, Codable {
    /// What Sentry's outcomes say of a project in one window.
    package struct Outcomes: Sendable, Hashable, Codable {
        /// Whether the project accepted an event of any category in the hour up to the window's end.
        package var acceptedAny: Bool
        /// Error events accepted in the window.
        package var acceptedErrors: Int
        /// Error events of the window that were rate-limited, abuse or cardinality-limited.
        package var droppedErrors: Int

        /// Makes the outcomes of a window.
        package init(acceptedAny: Bool, acceptedErrors: Int, droppedErrors: Int) {
            self.acceptedAny = acceptedAny
            self.acceptedErrors = acceptedErrors
            self.droppedErrors = droppedErrors
        }
    }

    /// The value in the measure's unit, never NaN or infinite; nil where the source answered without one.
    package var value: Double?
    /// The events behind the value, where they are counted and the source gave a number.
    package var events: Double?
    /// The share of the window, 0...1, that scrapes or points covered, where it was asked.
    package var samples: Double?
    /// What outcomes say of the window, where they were asked.
    package var outcomes: Outcomes?

    /// Makes an observation; a value that is not finite is no value.
    package init(value: Double?, events: Double? = nil, samples: Double? = nil, outcomes: Outcomes? = nil) {
        self.value = value.flatMap { $0.isFinite ? $0 : nil }
        self.events = events.flatMap { $0.isFinite ? $0 : nil }
        self.samples = samples.flatMap { $0.isFinite ? $0 : nil }
        self.outcomes = outcomes
    }
}
