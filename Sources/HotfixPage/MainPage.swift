import HotfixCore

/// The page of a hotfix, or of one of its services.
package struct MainPage: Sendable {
    private let contents: PageContents
    private let frame: PageFrame
    private let view: PageView

    /// Makes the page.
    package init(_ contents: PageContents, in frame: PageFrame, view: PageView = PageView()) {
        self.contents = contents
        self.frame = frame
        self.view = view
    }

    /// The document.
    package var html: HTML {
        let readiness = contents.readiness
        let forms = FormPart(frame: frame)
        let state = StatePart(
            readiness: readiness, now: contents.now,
            scope: contents.service.map { .service($0, contents.whole) } ?? .hotfix)
        var parts: [HTML] = []
        if let service = contents.service {
            parts.append(
                .element(
                    .nav, [.set(.ariaLabel, "Where this is")],
                    [.element(.p, [], [.link("The hotfix", to: .home), HTML(" › \(service)")])]))
        }
        parts.append(state.html)
        if !unrecorded.isEmpty { parts.append(.part("unrecorded", "Deployments that nobody recorded", [unrecorded])) }
        let names = contents.overview.services.map(\.name)
        if contents.service == nil && (readiness.services.count > 1 || names.isEmpty) {
            parts.append(
                ServicesPart(readiness: readiness, shown: Set(names), now: contents.now, listing: view.listing).html)
        }
        parts.append(EpisodesPart(contents: contents, forms: forms).html)
        parts += services
        parts.append(
            .element(
                .div, [.class("facts-two"), .id("statements")],
                [
                    SilencesPart(contents: contents, forms: forms).html,
                    TrackerPart(tracker: contents.overview.tracker).html,
                ]))
        parts.append(MessagesPart(alerts: contents.alerts, service: contents.service).html)
        parts.append(PolicyPart(services: contents.overview.services, notes: readiness.notes).html)
        let subject = contents.service.map { "\($0) · " } ?? ""
        return PageShell(
            title: "\(subject)\(readiness.state.shownWord) · hotfix", tone: state.tone, frame: frame,
            now: contents.now, isLive: true
        ).html(parts)
    }

    private var services: [HTML] {
        let inFull = contents.inFull
        return contents.overview.services.map { service in
            ServicePart(
                service: service, readiness: contents.readiness.services.first { $0.name == service.name },
                now: contents.now, isOwnPage: contents.service != nil, hasCurves: inFull.contains(service.name),
                view: view
            ).html
        }
    }

    private var unrecorded: HTML {
        let deploys = contents.readiness.unrecordedDeploys
        guard !deploys.isEmpty else { return .nothing }
        return .element(
            .ul, [],
            deploys.map { deploy in
                .element(
                    .li, [],
                    [
                        HTML("\(deploy.service): version \(deploy.version), seen by \(deploy.source) at "),
                        .time(deploy.at),
                    ])
            })
    }
}

extension HTML {
    /// Whether nothing stands here.
    var isEmpty: Bool { markup.isEmpty }
}
