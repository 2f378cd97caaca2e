package import HotfixCore

private let day: Seconds = 86_400

/// Reads a policy.
///
/// - Parameters:
///   - text: The YAML.
///   - file: What diagnostics call the file.
///   - sourceTypes: For each source of the configuration its type, `prometheus` or `sentry`.
/// - Returns: The checked policy.
/// - Throws: `SettingsError` with everything that is wrong.
package func parsePolicy(text: String, file: String, sourceTypes: [String: String]) throws -> Policy {
    let reading = Reading(file: file)
    let policy = reading.root(of: text).flatMap { PolicyReader(sourceTypes: sourceTypes).policy($0) }
    guard let policy, reading.diagnostics.isEmpty else { throw SettingsError(reading.sortedDiagnostics) }
    return policy
}

/// Reads a policy whose guardrails may name these sources.
struct PolicyReader {
    /// The type of each source; an unknown type where the source itself is wrong, so that no error follows from another.
    var sourceTypes: [String: String]

    /// A policy as far as it can be read; the reading says whether anything was wrong.
    func policy(_ field: Field) -> Policy? {
        guard let keys = field.keyed(PolicyKey.self) else { return nil }
        let standard = Policy(guardrails: [])
        let window = keys[.window].flatMap(window) ?? standard.window
        let baseline = keys[.baseline].map { self.baseline($0, inheriting: BaselineRule()) } ?? BaselineRule()
        let streak = keys[.streak].flatMap { self.streak($0, window: window) } ?? standard.streak
        guard let entries = keys.required(.guardrails, "A policy needs at least one.")?.entries() else { return nil }
        if let field = keys[.guardrails], field.isEmptyMapping {
            field.report("names no guardrail.", "A policy needs at least one.")
        }
        let guardrails = entries.compactMap { entry -> Guardrail? in
            guard isPlainName(entry) else { return nil }
            return GuardrailReader(name: entry.name, window: window, inherited: baseline, sourceTypes: sourceTypes)
                .guardrail(entry.field)
        }
        return Policy(window: window, streak: streak, guardrails: guardrails)
    }

    private func window(_ field: Field) -> Seconds? {
        guard let window = field.duration() else { return nil }
        guard window <= day, day.isMultiple(of: window) else {
            field.report(
                "a window of \(formatDuration(window)) does not divide a day.", "Take 1m, 5m, 10m, 15m, 30m or 1h.")
            return nil
        }
        return window
    }

    private func streak(_ field: Field, window: Seconds) -> Policy.Streak? {
        guard let keys = field.keyed(StreakKey.self) else { return nil }
        var streak = Policy.Streak()
        if let required = keys[.required]?.duration() {
            streak.required = required
            if required < window { keys[.required]?.report("is shorter than a window of \(formatDuration(window)).") }
        }
        if let gap = keys[.longestGap]?.duration(allowsZero: true) { streak.longestGap = gap }
        if let warmUp = keys[.warmUp]?.duration(allowsZero: true) { streak.warmUp = warmUp }
        return streak
    }

    /// A baseline that says only what differs from another.
    func baseline(_ field: Field, inheriting inherited: BaselineRule) -> BaselineRule {
        guard let keys = field.keyed(BaselineKey.self) else { return inherited }
        var rule = inherited
        if let lookback = keys[.lookback]?.duration() {
            rule.lookback = lookback
            if !lookback.isMultiple(of: day) {
                keys[.lookback]?.report(
                    "a look-back of \(formatDuration(lookback)) is not a whole number of days.", "Write one such as 7d."
                )
            }
        }
        if let statistic = keys[.statistic]?.choice(BaselineRule.Statistic.self) { rule.statistic = statistic }
        if let anchor = keys[.anchor]?.choice(BaselineRule.Anchor.self) { rule.anchor = anchor }
        if let coverage = keys[.minimumCoverage]?.share() { rule.minimumCoverage = coverage }
        if let elements = keys[.exclude]?.elements() {
            rule.exclude = []
            for element in elements {
                guard let exclusion = element.choice(BaselineRule.Exclusion.self) else { continue }
                if rule.exclude.contains(exclusion) { element.report("'\(exclusion.rawValue)' is named twice.") }
                rule.exclude.append(exclusion)
            }
        }
        return rule
    }
}

/// Whether a key can name a source or a guardrail: it stands in paths, options and identities of alerts.
func isPlainName(_ entry: Entry) -> Bool { isPlainName(entry.name, entry.key, shown: "'\(entry.name)'") }

/// Whether a text can be a name; what cannot is reported at the field.
func isPlainName(_ text: String, _ field: Field, shown: String) -> Bool {
    let isPlain =
        text.first.map { $0.isASCII && ($0.isLetter || $0.isNumber) } == true && text.utf8.count <= 100
        && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    if !isPlain {
        field.report(
            "\(shown) cannot be a name.",
            "A name is made of letters, digits, '.', '_' and '-', begins with one of the first two, and has at most 100."
        )
    }
    return isPlain
}
