import HotfixAgent
import HotfixCore
import HotfixTracker

extension CheckReport {
    /// What could not be asked, one line for each cause.
    var failureTexts: [String] {
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

    /// The report for a person.
    func text(_ readiness: Readiness, now: Instant) -> String {
        var lines = ["Checked until \(moment(at, now: now)): \(windowsJudged) windows judged."]
        for entry in judged where entry.verdict == .breach {
            let word = entry.isConfirmed ? "breach" : "pending breach"
            lines.append("  \(word): \(oneLine(entry.pair.description)) at \(entry.start), value \(figure(entry.value, unit: nil))")
        }
        for episode in episodes {
            let what = episode.ending.map { "closed (\($0.rawValue))" } ?? "open"
            lines.append("  episode \(oneLine(episode.id)): \(what), \(episode.windows) windows")
        }
        lines.append(readiness.text(now: now))
        return lines.joined(separator: "\n")
    }

    /// The report for a program.
    func json(_ readiness: Readiness) -> JSONValue {
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
            "episodes": .array(episodes.map(\.json)), "failures": .array(failureTexts.map { JSONValue($0) }),
            "readiness": readiness.json,
        ])
    }
}
