import HotfixConfiguration
import HotfixCore
import HotfixPlot
import HotfixTracker

/// Everything that one verdict was reached from.
struct Explanation {
    private let pair: PairSnapshot
    private let service: ServiceSnapshot
    private let window: Window?
    private let detail: VerdictDetail?
    private let counted: CountedVerdict?
    /// The hours that end with the window; nil where no window is explained.
    let plot: Plot?
    /// Whether the window is missing only since its running version could not be asked.
    private let lacksVersion: Bool

    /// Explains the window that holds an instant; nil means the newest with a verdict.
    init(_ pair: PairSnapshot, of service: ServiceSnapshot, at instant: Instant?) {
        self.pair = pair
        self.service = service
        let step = service.context.step
        window =
            instant.map { Window(containing: $0, length: step) }
            ?? pair.records.entries.filter { $0.record.verdict != nil }.max { $0.start < $1.start }
            .map { Window(containing: $0.start, length: step) }
        detail = window.flatMap { service.context.detail(of: pair, at: $0.start) }
        let counted = window.flatMap { pair.counted($0.start)?.held(against: service.versions, at: $0.start) }
        self.counted = counted
        lacksVersion = counted == nil && window.map { service.versions?.state(at: $0.start) == .unasked } ?? false
        plot = window.map { Plot(pair, of: service, until: $0.end) }
    }

    static func json(_ explanations: [Explanation]) -> JSONValue { .array(explanations.map(\.json)) }

    func text(now: Instant) -> String {
        guard let window else { return "\(oneLine(pair.pair.description)): no window has been judged." }
        var rows: [[String]] = [["window", "\(window.start) to \(window.end)"]]
        guard let detail else {
            let asked = pair.records[window.start] != nil
            rows.append([
                "verdict",
                headline
                    ?? "missing: \(asked ? "its look-back could not be asked" : "it could not be asked, or was not due")",
            ])
            return "\(oneLine(pair.pair.description))\n\(table(rows))"
        }
        rows += verdictRows(detail) + versionRows(window) + baselineRows(detail) + sourceRows(detail)
        rows.append([
            "evaluated", moment(detail.verdict.evaluatedAt, now: now) + ", revision \(detail.verdict.revision)",
        ])
        return "\(oneLine(pair.pair.description)): \(headline ?? "missing")\n\(table(rows))"
    }

    /// What of the running version was seen, and what was deployed; of windows that count only.
    private func versionRows(_ window: Window) -> [[String]] {
        guard let versions = service.versions, versions.state(at: window.start) != .unwatched else { return [] }
        let beside = versions.deployment.beside.map(oneLine)
        var deployed = oneLine(versions.version)
        if !beside.isEmpty { deployed += ", beside \(beside.joined(separator: ", "))" }
        let seen = versions.seen(at: window.start)
        guard !seen.isEmpty else { return [["version", "could not be asked; deployed: \(deployed)"]] }
        return seen.enumerated().map { index, entry in
            let text = entry.versions.map { $0.isEmpty ? "none" : $0.map(oneLine).joined(separator: ", ") }
            let what = text.map { "seen: \($0)" } ?? "could not be asked"
            return [index == 0 ? "version" : "", "\(what); deployed: \(deployed) (\(oneLine(entry.source)))"]
        }
    }

    private var versionJSON: JSONValue {
        guard let window, let versions = service.versions, versions.state(at: window.start) != .unwatched else {
            return .null
        }
        return .object([
            "deployed": JSONValue(versions.version),
            "beside": .array(versions.deployment.beside.map { JSONValue($0) }),
            "seen": .array(
                versions.seen(at: window.start).map { entry in
                    .object([
                        "source": JSONValue(entry.source),
                        "versions": entry.versions.map { .array($0.map { JSONValue($0) }) } ?? .null,
                    ])
                }),
        ])
    }

    private var unit: String? { pair.series?.definition.unit ?? pair.guardrail.unit }

    /// What the window counts as, which an excusal or an earlier query may make another than was reached last.
    private var verdict: Verdict? { lacksVersion ? nil : counted?.verdict ?? detail?.verdict.verdict }

    private var reason: Reason? { lacksVersion ? nil : counted.map(\.reason) ?? detail?.verdict.reason }

    private var isConfirmed: Bool { verdict == .breach && detail?.verdict.isConfirmed == true }

    private var headline: String? {
        guard let verdict else { return nil }
        let confirmed = verdict == .breach ? isConfirmed ? ", confirmed" : ", pending" : ""
        return verdict.rawValue + (reason.map { " (\($0.rawValue))" } ?? "") + confirmed
    }

    private func verdictRows(_ detail: VerdictDetail) -> [[String]] {
        var rows = [["verdict", headline ?? "missing"]]
        rows.append(["value", exact(detail.observation.value)])
        if let events = detail.observation.events { rows.append(["events", significant(events)]) }
        if let samples = detail.observation.samples { rows.append(["covered", percent(samples * 100)]) }
        if let outcomes = detail.observation.outcomes {
            rows.append([
                "outcomes",
                "\(outcomes.acceptedErrors) errors accepted, \(outcomes.droppedErrors) dropped, "
                    + "\(outcomes.acceptedAny ? "something" : "nothing") accepted in the hour",
            ])
        }
        if let limit = detail.judgement?.limit {
            rows.append(["limit", "\(limit), \(exact(detail.judgement?.limitNumber))"])
        }
        if let value = detail.observation.value, let baseline = detail.baseline?.number {
            // No division by a baseline decides anything; this one is for the reader.
            rows.append([
                "change",
                baseline == 0
                    ? "baseline 0: a `floor` says from where on a value matters"
                    : percent((value / baseline - 1) * 100),
            ])
        }
        return rows
    }

    private func baselineRows(_ detail: VerdictDetail) -> [[String]] {
        guard let baseline = detail.baseline else {
            return [["baseline", needsBaseline(detail.guardrail) ? "could not be asked" : "none needed"]]
        }
        let rule = detail.guardrail.baseline
        var rows = [
            ["baseline", "\(exact(baseline.number)), \(rule.statistic.rawValue) of \(formatDuration(rule.lookback))"]
        ]
        rows.append([
            "look-back",
            "\(baseline.windowsUsed) of \(baseline.windowsPossible) windows, "
                + "coverage \(significant(baseline.coverage * 100))%",
        ])
        if let stored = detail.stored {
            rows.append([
                "",
                "\(stored.from) to \(stored.to), stored as \(stored.id) at \(stored.storedAt), "
                    + "anchored at deployment \(stored.deployment)",
            ])
            for excluded in stored.excluded {
                rows.append(["left out", "\(excluded.interval), \(oneLine(excluded.reason))"])
            }
            if stored.windowsExcluded > 0 { rows.append(["", "\(stored.windowsExcluded) windows left out"]) }
        } else if case .inline(_, let isProvisional) = detail.verdict.basis.baseline {
            rows.append([
                "", isProvisional ? "anchored, provisional until it is stored" : "rolling, stored with the verdict",
            ])
        }
        return rows
    }

    private func sourceRows(_ detail: VerdictDetail) -> [[String]] {
        var rows = [
            [
                "policy",
                "version \(detail.policy.id) of \(oneLine(detail.policy.service)), adopted \(detail.policy.adoptedAt)",
            ]
        ]
        if let outvoted = detail.verdict.outvoted {
            rows.append([
                "", "the newer version \(outvoted.policy) gave a better verdict, which does not count for this streak",
            ])
        }
        if let definition = pair.series?.definition {
            rows.append(["source", oneLine(definition.source) + (definition.variant.map { ", \(oneLine($0))" } ?? "")])
            rows.append(["query", oneLine(definition.query)])
        }
        return rows
    }

    /// All digits, with the readable form beside.
    private func exact(_ number: Double?) -> String {
        guard let number else { return "none" }
        let readable = figure(number, unit: unit)
        let isWhole = number == number.rounded() && abs(number) < 1e15
        let digits = isWhole ? String(Int(number)) : "\(number)"
        return readable.hasPrefix(digits) ? readable : "\(digits) (\(readable))"
    }

    private var json: JSONValue {
        let baseline = detail?.baseline
        let stored = detail?.stored
        let definition = pair.series?.definition
        return .object([
            "service": JSONValue(pair.pair.service), "guardrail": JSONValue(pair.pair.guardrail),
            "window_start": JSONValue(window?.start), "window_end": JSONValue(window?.end),
            "verdict": JSONValue(verdict?.rawValue ?? "missing"), "reason": JSONValue(reason?.rawValue),
            "confirmed": .boolean(isConfirmed), "value": JSONValue(detail?.observation.value),
            "events": JSONValue(detail?.observation.events), "unit": JSONValue(unit),
            "limit": JSONValue(detail?.judgement?.limitNumber),
            "limit_rule": JSONValue(detail?.judgement?.limit?.description), "baseline": JSONValue(baseline?.number),
            "baseline_windows": baseline.map { JSONValue($0.windowsUsed) } ?? .null,
            "baseline_possible": baseline.map { JSONValue($0.windowsPossible) } ?? .null,
            "coverage": JSONValue(baseline?.coverage), "baseline_id": stored.map { JSONValue($0.id) } ?? .null,
            "lookback_start": JSONValue(stored?.from), "lookback_end": JSONValue(stored?.to),
            "excluded": .array(
                (stored?.excluded ?? []).map {
                    .object(["interval": JSONValue($0.interval.description), "reason": JSONValue($0.reason)])
                }),
            "policy": detail.map { JSONValue($0.policy.id) } ?? .null,
            "revision": detail.map { JSONValue($0.verdict.revision) } ?? .null,
            "evaluated_at": JSONValue(detail?.verdict.evaluatedAt), "source": JSONValue(definition?.source),
            "variant": JSONValue(definition?.variant), "query": JSONValue(definition?.query), "version": versionJSON,
        ])
    }
}
