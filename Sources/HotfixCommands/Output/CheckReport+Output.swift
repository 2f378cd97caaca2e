import HotfixAgent
import HotfixCore

/// What could not be asked, one line for each cause.
func failureTexts(_ failures: [CheckReport.Failure]) -> [String] {
    var pairsByMessage: [(message: String, pairs: [Pair], spans: [Span])] = []
    for failure in failures {
        let index =
            pairsByMessage.firstIndex { $0.message == failure.error.message }
            ?? {
                pairsByMessage.append((failure.error.message, [], []))
                return pairsByMessage.count - 1
            }()
        if !pairsByMessage[index].pairs.contains(failure.pair) { pairsByMessage[index].pairs.append(failure.pair) }
        if let span = failure.span { pairsByMessage[index].spans.append(span) }
    }
    return pairsByMessage.map { entry in
        let names = entry.pairs.map(\.description).joined(separator: ", ")
        let from = entry.spans.map(\.start).min()
        let to = entry.spans.map(\.end).max()
        let when = from.flatMap { from in to.map { " [\(from) to \($0)]" } } ?? ""
        return "\(oneLine(names))\(when): \(oneLine(entry.message))"
    }
}

extension CheckReport {
    /// What could not be asked, one line for each cause.
    var failureTexts: [String] { HotfixCommands.failureTexts(failures) }

    /// What makes a verdict that was reached now less than it seems, one line each.
    var notices: [String] {
        guard let snapshot else { return [] }
        return snapshot.services.flatMap { service in
            service.pairs.compactMap { pair in
                newestProven(of: pair.pair).flatMap { service.context.detail(of: pair, at: $0) }
                    .flatMap { noticeOfZeroBaseline($0, pair) }
            }
        }
    }

    /// Nothing is a percentage above 0: whoever reads of such a breach has to know what would end it.
    private func noticeOfZeroBaseline(_ detail: VerdictDetail, _ pair: PairSnapshot) -> String? {
        guard detail.guardrail.floor == nil, detail.baseline?.number == 0,
            let limit = detail.guardrail.limits.first(where: { $0.isRelative && $0.isUpper })
        else { return nil }
        let unit = (pair.series?.definition.unit ?? pair.guardrail.unit).map { " (in \($0))" } ?? ""
        return "\(pair.pair): the baseline is 0, so that every value above 0 breaches \(limit)."
            + " Give the guardrail a `floor`\(unit), up to which a value does not matter."
    }

    private func unit(of pair: Pair) -> String? {
        let known = snapshot?.services.flatMap(\.pairs).first { $0.pair == pair }
        return known.flatMap { $0.series?.definition.unit ?? $0.guardrail.unit }
    }

    /// The report for a person.
    ///
    /// - Parameters:
    ///   - readiness: The readiness after the check.
    ///   - told: What came of telling people; nil where nobody was to be told.
    ///   - now: What distances are counted from.
    /// - Returns: Lines, without the end of the last.
    func text(_ readiness: Readiness, _ told: DispatchReport? = nil, now: Instant) -> String {
        var lines = ["Checked until \(moment(at, now: now)): \(count(windowsJudged, "window")) judged."]
        for entry in judged where entry.verdict == .breach {
            let word = entry.isConfirmed ? "breach" : "pending breach"
            let value = figure(entry.value, unit: unit(of: entry.pair))
            lines.append("  \(word): \(oneLine(entry.pair.description)) at \(entry.start), value \(value)")
        }
        for episode in episodes {
            let what = episode.ending.map { "closed (\($0.rawValue))" } ?? "open"
            lines.append("  episode \(oneLine(episode.id)): \(what), \(count(episode.windows, "window"))")
        }
        lines += notices.map { "  notice: \(oneLine($0))" }
        if let line = told?.text { lines.append(line) }
        lines.append(readiness.text(now: now))
        return lines.joined(separator: "\n")
    }

    /// The report for a program.
    func json(_ readiness: Readiness, _ told: DispatchReport? = nil) -> JSONValue {
        .object([
            "at": JSONValue(at), "windows_judged": JSONValue(windowsJudged),
            "judged": .array(
                judged.map { entry in
                    .object([
                        "service": JSONValue(entry.pair.service), "guardrail": JSONValue(entry.pair.guardrail),
                        "window_start": JSONValue(entry.start), "value": JSONValue(entry.value),
                        "verdict": JSONValue(entry.verdict.rawValue), "reason": JSONValue(entry.reason?.rawValue),
                        "confirmed": .boolean(entry.isConfirmed),
                    ])
                }),
            "episodes": .array(episodes.map { $0.json(readiness.acknowledgements.newest(of: $0)) }),
            "failures": .array(failureTexts.map { JSONValue($0) }),
            "notices": .array(notices.map { JSONValue($0) }),
            "unrecorded_deploys": .array(unrecordedDeploys.map(\.json)),
            "messages": told?.json ?? .null,
            "readiness": readiness.json,
        ])
    }
}
