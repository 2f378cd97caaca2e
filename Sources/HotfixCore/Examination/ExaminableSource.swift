/// A source that can say more of itself than values: whether it can be asked, and what stands in the way.
package protocol ExaminableSource: MetricSource {
    /// Finds out what only this source knows; asks a bounded number of questions and changes nothing.
    ///
    /// - Parameters:
    ///   - wishes: What guardrails want of services.
    ///   - now: The instant of the examination.
    /// - Returns: What was found, and the queries that answer the wishes.
    func examine(_ wishes: [SeriesWish], at now: Instant) async -> SourceExamination
}

/// What a source says of itself.
package struct SourceExamination: Sendable {
    /// What was found.
    package var diagnosis = Diagnosis()
    /// Whether the source can be asked at all; where not, a problem says why.
    package var isUsable = true
    /// Which queries answer the wishes; a wish without one has a problem that says why.
    package var definitions: [Pair: SeriesDefinition] = [:]
    /// The highest value that a pair's histogram can show, in the unit of its values.
    package var highestValues: [Pair: Double] = [:]
    /// What the source says of how far back its data reaches, as a sentence.
    package var historyHints: [Pair: String] = [:]

    /// Makes an examination that found nothing yet.
    package init() {}

    /// Adds a finding.
    package mutating func find(_ finding: Finding) { diagnosis.findings.append(finding) }

    /// Adds the finding that says why the source cannot be asked.
    package mutating func giveUp(_ finding: Finding) {
        diagnosis.findings.append(finding)
        isUsable = false
    }
}
