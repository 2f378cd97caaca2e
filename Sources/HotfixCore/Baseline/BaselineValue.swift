/// The number that relative limits are relative to, with how much of the look-back it rests on.
package struct BaselineValue: Sendable, Hashable, Codable {
    /// The statistic in the measure's unit; nil where no window of the look-back had a value.
    package var number: Double?
    /// How many windows went into it.
    package var windowsUsed: Int
    /// How many windows the statistic would use: 2,016 for seven days of 5 minutes, 21 for a seasonal one.
    package var windowsPossible: Int
    /// Whether the look-back is a row of zeros from a project of which outcomes show nothing accepted.
    package var isSilent: Bool

    /// Makes a baseline's value.
    package init(number: Double?, windowsUsed: Int, windowsPossible: Int, isSilent: Bool = false) {
        self.number = number
        self.windowsUsed = windowsUsed
        self.windowsPossible = windowsPossible
        self.isSilent = isSilent
    }

    /// Windows used over windows that the statistic would use, 0...1.
    package var coverage: Double {
        windowsPossible == 0 ? 0 : Double(windowsUsed) / Double(windowsPossible)
    }
}

/// What is known of a baseline at the moment a window is judged.
package enum BaselineState: Sendable, Hashable {
    /// The guardrail needs none.
    case notNeeded
    /// At least one window of the look-back that is not excluded could not be asked.
    case unasked
    /// Computed from the whole look-back.
    case known(BaselineValue)

    /// The value, where it is known.
    package var value: BaselineValue? {
        if case .known(let value) = self { value } else { nil }
    }
}
