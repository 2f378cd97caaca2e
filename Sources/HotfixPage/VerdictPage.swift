package import HotfixCore

/// The page of one verdict, with everything that it was reached from.
package struct VerdictPage: Sendable {
    private let explanation: Explanation
    private let episode: Episode?
    private let acknowledgement: Acknowledgement?
    private let frame: PageFrame
    private let now: Instant

    /// Makes the page.
    ///
    /// - Parameters:
    ///   - explanation: The verdict.
    ///   - episode: The episode that its window belongs to; nil where it belongs to none.
    ///   - acknowledgement: Who has seen that.
    ///   - frame: Whom it is for.
    ///   - now: The instant that it is of.
    package init(
        _ explanation: Explanation, episode: Episode?, acknowledgement: Acknowledgement?,
        in frame: PageFrame, now: Instant
    ) {
        self.explanation = explanation
        self.episode = episode
        self.acknowledgement = acknowledgement
        self.frame = frame
        self.now = now
    }

    /// The document.
    package var html: HTML {
        let pair = explanation.pair
        var parts = [
            HTML.element(
                .nav, [.set(.ariaLabel, "Where this is")],
                [
                    .element(
                        .p, [],
                        [
                            .link("The hotfix", to: .home), " › ",
                            .link(pair.service, to: .service(pair.service)), HTML(" › \(pair.guardrail)"),
                        ])
                ]), verdict,
        ]
        if let plot = explanation.plot {
            parts.append(
                .part(
                    "plot", HTML("The \(hours(plot.end - plot.start)) that end with the window"),
                    [PlotPart(plot: plot, pair: pair, id: "windows").html]))
        }
        if let episode { parts.append(part(of: episode)) }
        return PageShell(
            title: "\(word) · \(pair) · hotfix", tone: tone, frame: frame, now: now, isLive: true
        ).html(parts)
    }

    private var word: String {
        switch explanation.verdict {
        case .breach: explanation.isConfirmed ? "breach" : "pending breach"
        case let verdict?: verdict.rawValue
        case nil: explanation.window == nil || isToCome ? "not judged" : "missing"
        }
    }

    /// Whether nobody can have judged the window yet.
    private var isToCome: Bool { explanation.verdict == nil && explanation.window.map { $0.end >= now } ?? false }

    private var tone: Tone {
        switch explanation.verdict {
        case .clean: .good
        case .breach: explanation.isConfirmed ? .bad : .warn
        default: .warn
        }
    }

    private var verdict: HTML {
        let pair = explanation.pair
        let title = HTML.element(
            .h1, [.id("verdict-title")],
            [.word(word, tone), .element(.span, [], [HTML("\(pair.guardrail) of \(pair.service)")])])
        guard let window = explanation.window else {
            return .element(
                .section,
                [.id("verdict"), .class("state is-\(tone.rawValue)"), .set(.ariaLabelledBy, "verdict-title")],
                [title, .p("No window of this guardrail has been judged.")])
        }
        var ways: [HTML] = [.link("Window before", to: .verdict(pair, at: window.start - window.length))]
        if window.end + window.length <= now { ways.append(.link("Window after", to: .verdict(pair, at: window.end))) }
        ways.append(.link("Newest window", to: .verdict(pair)))
        let neighbours = HTML.element(
            .nav, [.set(.ariaLabel, "Windows beside this one")],
            [.element(.ul, [], ways.map { .element(.li, [], [$0]) })])
        var content = [title, .p(HTML(sentence)), .p(HTML(age(of: window))), neighbours]
        content += [.h(.h2, id: "reached", "What it was reached from"), .facts(facts)]
        content += HTML.outside(explanation.links)
        content.append(
            .muted(
                "The same by command: ",
                .code(
                    "hotfix explain \(quotedForShell(pair.service)) \(quotedForShell(pair.guardrail)) --at \(window.start)"
                )))
        return .element(
            .section, [.id("verdict"), .class("state is-\(tone.rawValue)"), .set(.ariaLabelledBy, "verdict-title")],
            content)
    }

    /// How long ago the window was: what was clean once says nothing of now.
    private func age(of window: Window) -> String {
        guard window.end < now else { return "It is not over." }
        return "It ended \(hours(now - window.end)) ago, and tells of that time alone."
    }

    private var sentence: String {
        guard let window = explanation.window else { return "" }
        let span = "\(shown(window.start)) to \(clock(window.end))"
        guard let grounds = explanation.grounds, explanation.verdict != nil else {
            return isToCome
                ? "The window \(span) is not judged yet."
                : "The window \(span) has no verdict, and so counts for nothing."
        }
        let unit = explanation.unit
        let value =
            grounds.observation.value.map { "In the window \(span) the value was \(figure($0, unit: unit))" }
            ?? "In the window \(span) there was no value"
        let limit = grounds.limitNumber.map { ", the limit \(figure($0, unit: unit))" } ?? ""
        let baseline = grounds.baseline?.number.map { ", the baseline \(figure($0, unit: unit))" } ?? ""
        let reason =
            explanation.reason.map { " It is \(explanation.verdict?.rawValue ?? "missing") as: \($0.rawValue)." } ?? ""
        return "\(value)\(limit)\(baseline).\(reason)"
    }

    private var facts: [(name: String, content: HTML)] {
        var rows: [(name: String, content: HTML)] = []
        for row in explanation.facts() where row.count == 2 {
            let content: HTML = row[0] == "query" ? .code(row[1]) : HTML(row[1])
            if row[0].isEmpty, let last = rows.indices.last {
                rows[last].content = HTML([rows[last].content, .element(.div, [], [content])])
            } else {
                rows.append((row[0], content))
            }
        }
        return rows
    }

    private func part(of episode: Episode) -> HTML {
        var content: [HTML] = [
            .p(
                .word(episode.isOpen ? "open" : episode.ending?.rawValue ?? "ended", episode.isOpen ? .bad : .calm),
                HTML(" \(count(episode.windows, "window")) in breach from "), .time(episode.start),
                HTML(", the worst "),
                HTML(figure(episode.peak, unit: explanation.unit)), ".")
        ]
        if let acknowledgement {
            content.append(.p(HTML("\(acknowledgement.text), at \(shown(acknowledgement.recordedAt))")))
        } else if episode.isOpen {
            content.append(FormPart(frame: frame).acknowledge(episode))
        }
        content += HTML.outside(explanation.links)
        return .part("episode", "The episode that it belongs to", content)
    }
}
