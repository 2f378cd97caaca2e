extension Observation {
    /// What a window comes to when its source has answered again: nothing that is known is replaced by nothing, and what outcomes
    /// have counted only grows, since Sentry forgets them before it forgets events.
    ///
    /// - Parameters:
    ///   - new: The newer answer.
    ///   - purpose: What it was asked for; an answer for a look-back says nothing of outcomes.
    /// - Returns: nil where the answer changes nothing.
    func revised(by new: Observation, purpose: Ask.Purpose) -> Observation? {
        var merged = new
        if new.value == nil { merged.value = value }
        if new.events == nil || new.value == nil && value != nil { merged.events = events }
        merged.samples = new.samples ?? samples
        if purpose == .lookback || new.outcomes == nil {
            merged.outcomes = outcomes
        } else if let outcomes {
            merged.outcomes = new.outcomes?.grown(from: outcomes)
        }
        return merged.isSame(as: self) ? nil : merged
    }

    /// Whether two observations are equal but for the order in which a source added them up.
    private func isSame(as other: Observation) -> Bool {
        isClose(value, other.value) && isClose(events, other.events) && isClose(samples, other.samples)
            && outcomes == other.outcomes
    }
}

extension Observation.Outcomes {
    /// What is known when outcomes are counted again: the larger of each.
    fileprivate func grown(from old: Self) -> Self {
        Self(
            acceptedAny: acceptedAny || old.acceptedAny, acceptedErrors: max(acceptedErrors, old.acceptedErrors),
            droppedErrors: max(droppedErrors, old.droppedErrors))
    }

    /// Whether any of the counts is smaller than it was.
    func says(lessThan old: Self) -> Bool { grown(from: old) != self }
}

/// Whether two numbers are equal but for rounding: within 1e-12 of the larger one.
func isClose(_ left: Double?, _ right: Double?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return left == right || abs(left - right) <= 1e-12 * max(abs(left), abs(right))
}
