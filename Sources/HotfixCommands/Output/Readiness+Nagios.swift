import Foundation
import HotfixCore

/// How many bytes a monitoring system surely takes: Nagios cuts what is longer than 8 KiB.
private let largestOutput = 8000

extension Readiness {
    /// The readiness as a monitoring plugin prints it: a line with what it comes to and the figures, then the details.
    ///
    /// - Returns: Lines, without the end of the last; together at most 8,000 bytes.
    var nagios: String {
        // Where not everything fits, the worst is told.
        let ranks = State.allCases
        let ordered = services.enumerated().sorted { left, right in
            let (a, b) = (ranks.firstIndex(of: left.element.state) ?? 0, ranks.firstIndex(of: right.element.state) ?? 0)
            return (a, left.offset) < (b, right.offset)
        }.map(\.element)
        let first = PluginStatus(state).line(summary(ordered))
        let figures = fitting(
            [provenFigure] + ordered.flatMap(\.figures), separator: " ", into: largestOutput / 2 - first.utf8.count)
        let details = fitting(
            ordered.flatMap(\.details) + openLines + silenceLines + notes,
            separator: "\n", into: largestOutput / 2 - 40)
        var text = "\(first) | \(figures.text)"
        if !details.text.isEmpty { text += "\n\(details.text)" }
        if details.left > 0 { text += "\n(\(count(details.left, "line")) more)" }
        return text
    }

    private func summary(_ ordered: [ServiceReadiness]) -> String {
        let proven = "\(hours(provenSeconds)) of \(hours(requiredSeconds))"
        let why = stateReason.map { " (\($0.rawValue))" } ?? ""
        switch state {
        case .ready: return "ready since \(shown(earliestReady)), \(proven)"
        case .counting: return "counting\(why), \(proven), earliest \(shown(earliestReady))"
        case .notDeployed: return "not deployed\(why)"
        case .blind, .breaching:
            let culprits = ordered.filter { $0.state == state }
            let breaches = culprits.flatMap(\.breaches)
            let told = breaches.isEmpty ? culprits.map(\.name) : breaches
            let more = told.count > 1 ? " (and \(told.count - 1) more)" : ""
            return "\(state.rawValue)\(why): \(told.first ?? "")\(more)"
        }
    }

    private var openLines: [String] {
        episodes.filter(\.isOpen).map { episode in
            let seen = acknowledgements.newest(of: episode).map { ", \($0.text)" } ?? ""
            return "open episode \(episode.id)\(seen)"
        }
    }

    private var silenceLines: [String] {
        silences.map { "silenced: \($0.text(until: $0.endsAt.description))" }
    }

    private func shown(_ instant: Instant?) -> String { instant?.description ?? "unknown" }

    private var provenFigure: String { "'proven'=\(provenSeconds)s;;\(requiredSeconds):;0;\(requiredSeconds)" }
}

extension ServiceReadiness {
    fileprivate var figures: [String] {
        ["\(pluginLabel("\(name) proven"))=\(provenSeconds)s;;\(requiredSeconds):;0;\(requiredSeconds)"]
            + guardrails.map { guardrail in
                let (factor, unit) = guardrail.pluginUnit
                let value = guardrail.value.map { plainDecimal($0 * factor) + unit } ?? "U"
                return "\(pluginLabel("\(name)/\(guardrail.name)"))=\(value);;\(guardrail.pluginRange(factor))"
            }
    }

    /// Its guardrails that breach in the newest window.
    fileprivate var breaches: [String] {
        guardrails.filter { $0.verdict == .breach }.map { guardrail in
            "\(name)/\(guardrail.name) \(figure(guardrail.value, unit: guardrail.unit)), "
                + "limit \(figure(guardrail.limit, unit: guardrail.unit))"
        }
    }

    fileprivate var details: [String] {
        let why = stateReason.map { " (\($0.rawValue))" } ?? ""
        let lacking = "\(unprovenWindows) unproven and \(missingWindows) missing windows"
        var lines = [
            "\(name): \(state.rawValue)\(why), \(hours(provenSeconds)) proven, \(lacking) since \(since?.description ?? "–")"
        ]
        lines += guardrails.map { guardrail in
            let reason = guardrail.reason.map { " (\($0.rawValue))" } ?? ""
            let unit = guardrail.unit
            return "\(name)/\(guardrail.name): \(guardrail.verdict?.rawValue ?? "missing")\(reason), "
                + "value \(figure(guardrail.value, unit: unit)), "
                + "baseline \(figure(guardrail.baseline?.number, unit: unit)), limit \(figure(guardrail.limit, unit: unit))"
        }
        return lines
    }
}

extension ServiceReadiness.GuardrailState {
    /// What a value is multiplied with to be in a unit that plugins know, and that unit.
    fileprivate var pluginUnit: (Double, String) {
        switch unit {
        case "s": (1, "s")
        case "bytes": (1, "B")
        case "share": (100, "%")
        default: (1, "")
        }
    }

    /// The range outside of which a value breaches; empty where no limit is known, or not on which side of it.
    fileprivate func pluginRange(_ factor: Double) -> String {
        guard let limit, let isUpper else { return "" }
        let number = plainDecimal(limit * factor)
        return isUpper ? "~:\(number)" : "\(number):"
    }

    /// Whether values above the limit breach, by what became of this one, else by where the baseline is.
    private var isUpper: Bool? {
        guard let limit else { return nil }
        if let value, value != limit {
            if verdict == .clean { return value < limit }
            if verdict == .breach { return value > limit }
        }
        guard let number = baseline?.number, number != limit else { return nil }
        return number < limit
    }
}

/// A label of performance data, quoted: there are no `'` and `=` in one.
private func pluginLabel(_ text: String) -> String {
    "'\(escaping(pluginText(text), ["'": "_", "=": "_"]))'"
}

/// A number in decimals alone, without an exponent.
private func plainDecimal(_ number: Double) -> String {
    let shortest = "\(number)"
    guard shortest.contains("e") else { return shortest.hasSuffix(".0") ? String(shortest.dropLast(2)) : shortest }
    let text = String(format: "%.12f", number)
    let short = String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
    return short == "-0" ? "0" : short
}

/// As many texts as fit, cleaned and joined, and how many did not.
private func fitting(_ texts: [String], separator: String, into room: Int) -> (text: String, left: Int) {
    var joined = ""
    for (index, text) in texts.enumerated() {
        let cleaned = separator == "\n" ? pluginText(text) : text
        guard joined.utf8.count + separator.utf8.count + cleaned.utf8.count <= room else {
            return (joined, texts.count - index)
        }
        joined += joined.isEmpty ? cleaned : separator + cleaned
    }
    return (joined, 0)
}
