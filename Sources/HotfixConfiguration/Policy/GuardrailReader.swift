import HotfixCore

/// Reads one guardrail of a policy.
struct GuardrailReader {
    var name: String
    var window: Seconds
    var inherited: BaselineRule
    var sourceTypes: [String: String]

    func guardrail(_ field: Field) -> Guardrail? {
        guard let keys = field.keyed(GuardrailKey.self) else { return nil }
        let source = source(keys)
        let measure = measure(keys, sourceType: source.flatMap { sourceTypes[$0] })
        let scale = measure.map(MeasureScale.init) ?? .any
        let limits = keys.required(.limit, "Write one such as +25% or {above: 1.2}.")
            .flatMap { LimitReader(scale: scale).limits($0) }
        var guardrail = Guardrail(
            name: name, source: source ?? "", measure: measure ?? .builtIn(.cpu), limits: limits ?? [],
            baseline: inherited)
        readWindow(keys, into: &guardrail)
        readJudging(keys, into: &guardrail)
        readFloor(keys, into: &guardrail, scale: scale, areLimitsKnown: limits != nil)
        if let measure { check(keys, against: measure, sourceType: source.flatMap { sourceTypes[$0] }) }
        if let severity = keys[.severity]?.choice(Guardrail.Severity.self) { guardrail.severity = severity }
        guardrail.unit = keys[.unit]?.text()?.text
        guardrail.link = keys[.link]?.link()
        return source == nil || measure == nil || limits == nil ? nil : guardrail
    }

    private func source(_ keys: KeyedFields<GuardrailKey>) -> String? {
        guard let field = keys.required(.source), let name = field.text("the name of a source")?.text else {
            return nil
        }
        guard sourceTypes[name] != nil else {
            field.report(
                "unknown source '\(name)'.",
                suggestion(for: name, in: sourceTypes.keys.sorted(), called: "The configuration names"))
            return nil
        }
        return name
    }

    private func readWindow(_ keys: KeyedFields<GuardrailKey>, into guardrail: inout Guardrail) {
        if let over = keys[.over]?.duration() {
            guardrail.over = over
            if !over.isMultiple(of: window) {
                keys[.over]?.report(
                    "\(formatDuration(over)) is not a multiple of the window, \(formatDuration(window)).")
            }
        }
        if let events = keys[.minimumEvents]?.number("64") {
            guardrail.minimumEvents = events
            if events <= 0 { keys[.minimumEvents]?.report("must be more than 0.") }
        }
        if let samples = keys[.minimumSamples]?.share() {
            guardrail.minimumSamples = samples
            if samples == 0 { keys[.minimumSamples]?.report("must be more than 0.") }
        }
    }

    private func readJudging(_ keys: KeyedFields<GuardrailKey>, into guardrail: inout Guardrail) {
        if let confirm = keys[.confirm].flatMap(confirm) { guardrail.confirm = confirm }
        if let severe = keys[.severe]?.number("1.5") {
            guardrail.severe = severe
            if severe <= 1 {
                keys[.severe]?.report("must be more than 1.", "It is a factor: 1.5 is half as much again as the limit.")
            }
        }
        if let noData = keys[.noData]?.choice(Guardrail.NoData.self) { guardrail.noData = noData }
        if let quiet = keys[.quiet]?.choice(Guardrail.Quiet.self) { guardrail.quiet = quiet }
        if let count = keys[.recoverAfter]?.count() { guardrail.recoverAfter = count }
    }

    private func confirm(_ field: Field) -> Guardrail.Confirm? {
        guard let keys = field.keyed(ConfirmKey.self) else { return nil }
        let breaching = keys.required(.breaching)?.count()
        let of = keys.required(.of)?.count()
        guard let breaching, let of else { return nil }
        if breaching > of { field.report("\(breaching) of \(of) windows can never breach.", "Write at most \(of).") }
        return Guardrail.Confirm(breaching: breaching, of: of)
    }

    private func readFloor(
        _ keys: KeyedFields<GuardrailKey>, into guardrail: inout Guardrail, scale: MeasureScale, areLimitsKnown: Bool
    ) {
        if let field = keys[.floor], let floor = LimitReader(scale: scale).number(field) {
            guardrail.floor = floor
            if floor < 0 { field.report("must not be negative.") }
        }
        if let field = keys[.baseline] {
            guardrail.baseline = PolicyReader(sourceTypes: [:]).baseline(field, inheriting: inherited)
        }
        guard areLimitsKnown, !guardrail.hasRelativeLimit else { return }
        keys.refuse(
            [.floor, .baseline], because: "means nothing without a relative limit.",
            "Remove it, or add one such as +25%.")
    }

    /// Refuses what would be ignored with this measure.
    private func check(_ keys: KeyedFields<GuardrailKey>, against measure: Measure, sourceType: String?) {
        if sourceType == SourceType.sentry.rawValue {
            keys.refuse([.minimumSamples], because: "Sentry has no samples that could cover a window.", "Remove it.")
        }
        if !measure.traits.isErrorCount {
            keys.refuse([.quiet], because: "is for Sentry's error-rate only: no other 0 is doubted.", "Remove it.")
        }
        switch measure {
        case .query(let query) where query.events == nil:
            keys.refuse(
                [.minimumEvents], because: "an own query does not count its events.", "Add 'events', a query that does."
            )
        case .builtIn(let builtIn) where builtIn.traits.isCount:
            keys.refuse(
                [.minimumEvents], because: "'\(builtIn.name)' is itself a count: its 0 is a value.", "Remove it.")
        case .builtIn(let builtIn) where !builtIn.traits.countsEvents:
            keys.refuse([.minimumEvents], because: "'\(builtIn.name)' does not count events.", "Remove it.")
        case .builtIn, .query: break
        }
        if case .builtIn = measure { keys.refuse([.unit], because: "is for own queries only.", "Remove it.") }
    }
}
