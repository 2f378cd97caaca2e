extension Readiness {
    /// The readiness in Markdown, as GitHub shows it: the answer, a table by service and guardrail, episodes and notes.
    ///
    /// No line begins with text from outside, and none of that text is markup.
    ///
    /// - Parameter room: The largest number of bytes; what does not fit is left out, and that is said.
    /// - Returns: Lines, with the end of the last.
    package func markdown(room: Int = .max) -> String {
        var page = MarkdownPage(room: room)
        page.add(["## Hotfix: \(sentence)", ""])
        if let deployment {
            let branch = deployment.branch.map { " of \(markdownText($0))" } ?? ""
            page.add(["- Deployed: \(markdownText(deployment.commit))\(branch) at \(deployment.at)"])
        }
        page.add([
            "- Proven: \(hours(provenSeconds)) of \(hours(requiredSeconds)), since \(shown(since))",
            "- Earliest: \(shown(earliestReady))", "- Evaluated until: \(shown(evaluatedUntil))", "",
        ])
        page.add([
            "| Service | State | Guardrail | Verdict | Value | Baseline | Limit | Change |",
            "| --- | --- | --- | --- | ---: | ---: | ---: | ---: |",
        ])
        page.add(services.map { $0.markdownRows.joined(separator: "\n") }, orSay: "services")
        if !episodes.isEmpty {
            page.add(["", "### Episodes", ""])
            page.add(
                episodes.map { episode in
                    let end =
                        episode.closedAt.map { "closed \($0) (\(episode.ending?.rawValue ?? "ended"))" } ?? "open"
                    let seen = acknowledgements.newest(of: episode).map { ", \(markdownText($0.text))" } ?? ""
                    return "- \(markdownText(episode.id)): \(end), \(count(episode.windows, "window"))\(seen)"
                }, orSay: "episodes")
        }
        if !silences.isEmpty {
            page.add(["", "### Silenced", ""])
            page.add(
                silences.map { "- \(markdownText($0.text(until: $0.endsAt.description)))" }, orSay: "silences")
        }
        let notWatched = services.flatMap { service in service.notWatched.map { "\(service.name)/\($0)" } }
        let known = notes + notWatched.map { "Not watched: \($0)." }
        if !known.isEmpty {
            page.add(["", "### To know", ""])
            page.add(known.map { "- \(markdownText($0))" }, orSay: "notes")
        }
        return page.text
    }

    /// The state as a sentence.
    package var sentence: String {
        let why = stateReason.map { " (\($0.text))" } ?? ""
        return switch state {
        case .ready: "ready since \(shown(earliestReady))"
        case .notDeployed: "not ready, nothing is deployed\(why)"
        case .counting, .breaching, .blind: "not ready, \(state.rawValue)\(why)"
        }
    }

    private func shown(_ instant: Instant?) -> String { instant?.description ?? "–" }
}

extension ServiceReadiness {
    fileprivate var markdownRows: [String] {
        let why = stateReason.map { " (\($0.rawValue))" } ?? ""
        let lacking = unprovenWindows + missingWindows
        let gaps = lacking == 0 ? "" : ", \(unprovenWindows) unproven and \(missingWindows) missing"
        let state = "\(state.rawValue)\(why), \(hours(provenSeconds)) proven\(gaps)"
        guard !guardrails.isEmpty else { return [row([markdownText(name), state] + Array(repeating: "", count: 6))] }
        return guardrails.enumerated().map { index, guardrail in
            let reason = guardrail.reason.map { " (\($0.rawValue))" } ?? ""
            func cell(_ value: Double?) -> String { markdownText(figure(value, unit: guardrail.unit)) }
            return row([
                index == 0 ? markdownText(name) : "", index == 0 ? state : "", markdownText(guardrail.name),
                "\(guardrail.verdict?.rawValue ?? "missing")\(reason)", cell(guardrail.value),
                cell(guardrail.baseline?.number), cell(guardrail.limit), guardrail.changePercent.map(percent) ?? "",
            ])
        }
    }

    private func row(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }
}

/// Lines of Markdown that are kept within a size.
private struct MarkdownPage {
    /// What is kept back for saying that something was left out.
    private static let reserve = 200

    private(set) var text = ""
    private let room: Int

    init(room: Int) { self.room = room }

    mutating func add(_ lines: [String], orSay what: String? = nil) {
        for (index, line) in lines.enumerated() {
            guard text.utf8.count + line.utf8.count + 1 <= room - Self.reserve else {
                let left = "\n(\(lines.count - index) \(what ?? "lines") more, which do not fit here)\n"
                if text.utf8.count + left.utf8.count <= room { text += left }
                return
            }
            text += line + "\n"
        }
    }
}

/// Text from outside as text: no character of it means anything in Markdown, HTML or a workflow command.
package func markdownText(_ text: String) -> String {
    let scalars = Array(oneLine(text).unicodeScalars)
    func isDigit(_ index: Int) -> Bool { scalars.indices.contains(index) && ("0"..."9").contains(scalars[index]) }
    return scalars.indices.reduce(into: "") { result, index in
        let scalar = scalars[index]
        let isText =
            switch scalar {
            case " ", ",", "/", "%": true
            // A point within a number begins no address, a sign within a word no list.
            case ".": isDigit(index - 1) && isDigit(index + 1)
            case "-", "+": index > 0
            default: !scalar.isASCII || scalar.properties.isAlphabetic || isDigit(index)
            }
        if isText { result.unicodeScalars.append(scalar) } else { result += "&#\(scalar.value);" }
    }
}
