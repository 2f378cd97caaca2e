import HotfixCore

/// One service: its state, its strip, and the curve of each of its guardrails.
struct ServicePart {
    let service: Overview.Service
    let readiness: ServiceReadiness?
    let now: Instant
    /// Whether windows lead to pages.
    var isPage = true
    /// Whether the page is about this service alone.
    var isOwnPage = false
    /// Whether its curves are shown.
    var hasCurves = true
    /// What whoever reads has asked for.
    var view = PageView()

    private var id: String { "service-\(slug(service.name))" }

    var html: HTML {
        let title: HTML = isPage ? .link(service.name, to: .service(service.name)) : HTML(service.name)
        var content: [HTML] = []
        if let readiness { content += state(readiness) }
        if isPage { content += StripPart(service).html }
        if isOwnPage { content.append(spans) }
        if hasCurves {
            content.append(.element(.div, [.class("plots")], service.guardrails.map(guardrail)))
        } else {
            content.append(
                .element(.p, [.class("more")], [.link("The curves of \(service.name)", to: .service(service.name))]))
        }
        return .part(id, title, content)
    }

    /// Which spans of the curves there are.
    private var spans: HTML {
        .element(
            .nav, [.class("spans"), .set(.ariaLabel, "How much of the curves is shown")],
            [
                .element(
                    .ul, [],
                    PageView.spans.map { span in
                        let here: [HTMLAttribute] = span.name == view.span ? [.set(.ariaCurrent, "page")] : []
                        let link = PageLink.service(
                            service.name, span: span.name == PageView.spans[0].name ? nil : span.name)
                        let text = span.length < 86_400 ? hours(span.length) : "\(span.length / 86_400) days"
                        return .element(.li, [], [.element(.a, [.href(link)] + here, [HTML("The last \(text)")])])
                    })
            ])
    }

    private func state(_ readiness: ServiceReadiness) -> [HTML] {
        let why = readiness.stateReason.map { " (\($0.text))" } ?? ""
        let lacking = readiness.unprovenWindows + readiness.missingWindows
        let gaps =
            lacking == 0
            ? "" : ", \(readiness.unprovenWindows) unproven and \(readiness.missingWindows) missing windows since"
        var content: [HTML] = [
            .p(
                .word(readiness.state.shownWord, readiness.state.tone),
                HTML("\(why) \(hours(readiness.provenSeconds)) of \(hours(readiness.requiredSeconds)) proven\(gaps)."))
        ]
        if let breach = readiness.lastBreach {
            let pair = Pair(readiness.name, breach.guardrail)
            let when = HTML.moment(breach.windowStart, now: now)
            content.append(
                .muted(
                    "Last breach: ",
                    isPage
                        ? .link(breach.guardrail, to: .verdict(pair, at: breach.windowStart)) : HTML(breach.guardrail),
                    " at ", when))
        }
        if !readiness.notWatched.isEmpty {
            content.append(.muted(HTML("Not watched: \(readiness.notWatched.joined(separator: ", ")).")))
        }
        if let version = readiness.version { content.append(.muted(HTML(telling(version)))) }
        return content
    }

    private func telling(_ version: VersionReadiness) -> String {
        let seen = version.watched.map { source in
            "\(source.source) sees \(source.seen.isEmpty ? "none" : source.seen.joined(separator: ", "))"
        }
        let beside = version.beside.isEmpty ? "" : ", beside \(version.beside.joined(separator: ", "))"
        return "Version \(version.deployed)\(beside) is deployed"
            + (seen.isEmpty ? "." : "; \(seen.joined(separator: ", ")).")
    }

    private func guardrail(_ guardrail: Overview.Guardrail) -> HTML {
        let pair = Pair(service.name, guardrail.name)
        let part = "\(id)-\(slug(guardrail.name))"
        let newest = readiness?.guardrails.first { $0.name == guardrail.name }
        let title: HTML = isPage ? .link(guardrail.name, to: .verdict(pair)) : HTML(guardrail.name)
        var content: [HTML] = [.h(.h3, id: "\(part)-title", title)]
        if let newest { content.append(.p(figures(newest))) }
        if guardrail.isDropped { content.append(.p("The configuration dropped this guardrail.")) }
        if let link = guardrail.link.flatMap(PageLink.init(outside:)) {
            content.append(.p(.link("What helps with it", to: link)))
        }
        content.append(
            PlotPart(
                plot: isPage ? guardrail.plot.last(view.length) : guardrail.plot, pair: pair, id: part, hasLinks: isPage
            ).html)
        return .element(.article, [.id(part), .set(.ariaLabelledBy, "\(part)-title")], content)
    }

    private func figures(_ newest: ServiceReadiness.GuardrailState) -> HTML {
        let word = newest.verdict?.rawValue ?? "missing"
        var tone: Tone = newest.verdict == .clean ? .good : newest.verdict == .breach ? .bad : .warn
        var text = newest.reason.map { " (\($0.rawValue))" } ?? ""
        // What is long ago is not taken for how it is now.
        if let start = newest.windowStart, now - start > 1800 {
            text += " at \(shown(start)):"
            tone = .calm
        }
        text += " \(figure(newest.value, unit: newest.unit))"
        if let change = newest.changePercent {
            text += ", \(percent(change)) against the baseline of \(figure(newest.baseline?.number, unit: newest.unit))"
        }
        if let limit = newest.limit { text += ", limit \(figure(limit, unit: newest.unit))" }
        return HTML([.word(word, tone), HTML(text + ".")])
    }
}

extension Plot {
    /// The newest part of the plot, so long in seconds, or all of it.
    fileprivate func last(_ length: Seconds) -> Plot {
        let count = max(1, length / max(1, step))
        guard count < points.count else { return self }
        var part = self
        part.start = start + (points.count - count) * step
        part.points = Array(points.suffix(count))
        return part
    }
}
