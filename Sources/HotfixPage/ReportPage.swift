package import HotfixCore

/// One self-contained page of a hotfix, for the archive: it loads nothing, and runs nothing.
package struct ReportPage: Sendable {
    private let readiness: Readiness
    private let overview: Overview
    private let now: Instant
    private let about: [String]

    /// Makes the report.
    ///
    /// - Parameters:
    ///   - readiness: How the hotfix stands, or those of its services that the report is about.
    ///   - overview: The series of its services, and what was done.
    ///   - about: The services that it is about, where it is not about all of the hotfix.
    ///   - now: The instant that it is of.
    package init(_ readiness: Readiness, _ overview: Overview, about: [String] = [], now: Instant) {
        self.readiness = readiness
        self.overview = overview
        self.about = about
        self.now = now
    }

    /// The document.
    package var html: HTML {
        let services = overview.services.map { service in
            ServicePart(
                service: service, readiness: readiness.services.first { $0.name == service.name }, now: now,
                isPage: false
            ).html
        }
        let parts =
            [
                StatePart(readiness: readiness, now: now, scope: about.isEmpty ? .hotfix : .some(about)).html,
                timeline, approvals, verdicts, episodes,
            ] + services
            + [
                TrackerPart(tracker: overview.tracker).html,
                PolicyPart(services: overview.services, notes: readiness.notes).html,
            ]
        let branch = readiness.deployment?.branch.map { " \($0)" } ?? ""
        let head: [HTML] = [
            .element(.meta, [.set(.charset, "utf-8")]),
            .element(
                .meta,
                [
                    .set(.httpEquiv, "Content-Security-Policy"),
                    .set(
                        .content, "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"),
                ]),
            .element(.meta, [.set(.name, "viewport"), .set(.content, "width=device-width, initial-scale=1")]),
            .element(.meta, [.set(.name, "color-scheme"), .set(.content, "light dark")]),
            .element(.title, [], [HTML("Hotfix\(branch): report of \(shown(now))")]), .style(.style),
        ]
        return .document(
            head,
            [
                .element(.a, [.class("skip"), .href(PageLink(fragment: "main"))], ["Skip to the content"]),
                .element(
                    .header, [.class("top")],
                    [
                        .element(.span, [.class("brand")], [HTML("Report of hotfix\(branch)")]),
                        .element(.span, [.class("asof")], ["As of ", .time(now), ", from ", .time(overview.from)]),
                    ]), .element(.main, [.id("main"), .set(.tabindex, "-1")], parts),
                .element(
                    .footer, [],
                    [.p("Times are UTC. A window without a value never counts as clean. Made by hotfix report.")]),
            ])
    }

    private var timeline: HTML {
        let entries = TimelineEntry.all(of: overview)
        // An archive that leaves something out says so.
        let isCut = overview.deployments.contains {
            !$0.isVoid && $0.hotfix == readiness.deployment?.hotfix && $0.at < overview.from
        }
        let cut: [HTML] =
            isCut ? [.p(HTML("The hotfix is older: this report tells nothing of before \(shown(overview.from))."))] : []
        guard !entries.isEmpty else { return .part("timeline", "Timeline", cut + [.p("Nothing was recorded.")]) }
        return .part(
            "timeline", "Timeline",
            cut + [
                .table(
                    "What happened, and what was done",
                    [TableHead("When", .when), "What", TableHead("Told as", .text), TableHead("By", .text)],
                    entries.map { entry in
                        [
                            .time(entry.at), .word(entry.kind.rawValue, entry.kind.tone), HTML(entry.text),
                            HTML(entry.by ?? "–"),
                        ]
                    })
            ])
    }

    private var approvals: HTML {
        let history = (overview.tracker?.history ?? []).filter { $0.at >= overview.from }
        let rows = history.filter { ["approve", "review"].contains($0.step) || $0.reason != nil }.map { step in
            [
                HTML.time(step.at), HTML(step.step), HTML(step.did), HTML(step.by), HTML(step.reason ?? "–"),
            ]
        }
        guard !rows.isEmpty else {
            // That nobody approved is another thing than that nobody knows.
            let text =
                switch overview.tracker {
                case nil: "No tracker is configured, so that nobody knows here."
                case let tracker? where tracker.failure != nil:
                    "The tracker could not be read: who approved is not known."
                default: "The tracker holds none of this time."
                }
            return .part("approvals", "Approvals and overrides", [.p(HTML(text))])
        }
        return .part(
            "approvals", "Approvals and overrides",
            [
                .table(
                    "Who approved, and who went on in spite of what",
                    [
                        TableHead("When", .when), "Step", TableHead("What", .text), TableHead("By", .text),
                        TableHead("Reason", .text),
                    ],
                    rows)
            ])
    }

    private var verdicts: HTML {
        let shownOutcomes: [Plot.Outcome] = [.clean, .breach, .pending, .unproven, .missing]
        let rows = overview.services.flatMap { service in
            service.guardrails.map { guardrail in
                [HTML("\(service.name)/\(guardrail.name)")]
                    + shownOutcomes.map { outcome in
                        HTML(String(guardrail.plot.points.count { $0.outcome == outcome }))
                    }
            }
        }
        return .part(
            "verdicts", "Verdicts",
            [
                .table(
                    "Windows from \(shown(overview.from)) to \(shown(overview.at))",
                    [TableHead("Guardrail", .text)] + shownOutcomes.map { TableHead($0.shownWord, .number) }, rows)
            ])
    }

    private var episodes: HTML {
        guard !overview.episodes.isEmpty else { return .part("episodes", "Episodes", [.p("There was none.")]) }
        let rows = overview.episodes.map { episode in
            let unit = overview.services.first { $0.name == episode.pair.service }?.guardrails
                .first { $0.name == episode.pair.guardrail }?.plot.unit
            return [
                HTML(episode.pair.description), .time(episode.start),
                episode.closedAt.map { HTML.time($0) } ?? "open", HTML(episode.ending?.rawValue ?? "–"),
                HTML(String(episode.windows)), HTML(figure(episode.peak, unit: unit)),
                HTML(overview.acknowledgements.newest(of: episode)?.text ?? "–"),
            ]
        }
        return .part(
            "episodes", "Episodes",
            [
                .table(
                    "Episodes of this time",
                    [
                        TableHead("Guardrail", .text), TableHead("From", .when), TableHead("Closed", .when), "Ended as",
                        TableHead("Windows", .number), TableHead("Worst value", .number), TableHead("Seen", .text),
                    ], rows)
            ])
    }
}

/// Something that happened, or was done.
struct TimelineEntry {
    /// What kind of thing.
    enum Kind: String {
        case deployed, voided, closed, breach, recovered, ended, silenced, seen, excused, excluded, accepted, tracker

        var tone: Tone {
            switch self {
            case .breach: .bad
            case .recovered: .good
            case .deployed: .busy
            case .voided, .excused, .excluded, .accepted, .silenced: .warn
            default: .calm
            }
        }
    }

    let at: Instant
    let kind: Kind
    let text: String
    let by: String?

    /// Everything of an overview's time, oldest first.
    static func all(of overview: Overview) -> [TimelineEntry] {
        var entries = overview.deployments.flatMap(of)
        entries += overview.episodes.flatMap { of($0) }
        for silence in overview.silences {
            entries.append(
                TimelineEntry(
                    at: silence.start, kind: .silenced,
                    text: "\(silence.subject) until \(shown(silence.endsAt)): \(silence.reason)", by: silence.by))
        }
        for seen in overview.acknowledgements {
            entries.append(
                TimelineEntry(
                    at: seen.recordedAt, kind: .seen, text: seen.episode + (seen.note.map { ": \($0)" } ?? ""),
                    by: seen.by))
        }
        for excusal in overview.excusals {
            entries.append(
                TimelineEntry(
                    at: excusal.recordedAt, kind: .excused, text: "\(excusal.episode): \(excusal.reason)",
                    by: excusal.by))
        }
        for exclusion in overview.exclusions {
            let whose = exclusion.service ?? "all services"
            entries.append(
                TimelineEntry(
                    at: exclusion.recordedAt, kind: .excluded,
                    text: "\(exclusion.interval) left out of the look-backs of \(whose): \(exclusion.reason)",
                    by: exclusion.by))
        }
        for acceptance in overview.acceptances {
            entries.append(
                TimelineEntry(
                    at: acceptance.recordedAt, kind: .accepted,
                    text: "\(acceptance.pair) was dropped: \(acceptance.reason)",
                    by: acceptance.by))
        }
        for step in overview.tracker?.history ?? [] {
            let reason = step.reason.map { " Reason: \($0)" } ?? ""
            entries.append(
                TimelineEntry(at: step.at, kind: .tracker, text: "\(step.step): \(step.did)\(reason)", by: step.by))
        }
        return entries.filter { $0.at >= overview.from }.enumerated()
            .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    private static func of(_ deployment: Deployment) -> [TimelineEntry] {
        let branch = deployment.branch.map { " of \($0)" } ?? ""
        let version = deployment.version.map { ", version \($0)" } ?? ""
        var entries = [
            TimelineEntry(
                at: deployment.at, kind: .deployed,
                text: "\(deployment.commit)\(branch)\(version) to \(deployment.services.joined(separator: ", ")) "
                    + "(deployment \(deployment.id))", by: nil)
        ]
        if let voidedAt = deployment.voidedAt {
            entries.append(
                TimelineEntry(
                    at: voidedAt, kind: .voided, text: "deployment \(deployment.id): \(deployment.voidReason ?? "")",
                    by: nil))
        } else if let closedAt = deployment.closedAt {
            entries.append(
                TimelineEntry(at: closedAt, kind: .closed, text: "deployment \(deployment.id) and its hotfix", by: nil))
        }
        return entries
    }

    private static func of(_ episode: Episode) -> [TimelineEntry] {
        let opened = TimelineEntry(
            at: episode.openedAt, kind: .breach, text: "\(episode.pair) from \(shown(episode.start)) on", by: nil)
        guard let closedAt = episode.closedAt else { return [opened] }
        let isRecovered = episode.ending == .recovered
        let text = isRecovered ? "\(episode.pair)" : "\(episode.pair), \(episode.ending?.rawValue ?? "ended")"
        return [
            opened, TimelineEntry(at: closedAt, kind: isRecovered ? .recovered : .ended, text: text, by: nil),
        ]
    }
}
