import HotfixCore

extension Explanation {
    /// The explanation for a person.
    ///
    /// - Parameter now: What distances are counted from.
    /// - Returns: Lines, without the end of the last.
    func text(now: Instant) -> String {
        guard window != nil else { return "\(oneLine(pair.description)): no window has been judged." }
        let facts = table(facts { moment($0, now: now) })
        guard grounds != nil else { return "\(oneLine(pair.description))\n\(facts)" }
        return "\(oneLine(pair.description)): \(headline ?? "missing")\n\(facts)"
    }
}
