import HotfixCore

/// What the page says first: the state in a sentence, the proven time, and what is deployed.
struct StatePart {
    let readiness: Readiness
    let now: Instant

    var html: HTML {
        .element(
            .section,
            [.id("state"), .class("state is-\(readiness.state.tone.rawValue)"), .set(.ariaLabelledBy, "state-title")],
            [
                .element(
                    .h1, [.id("state-title")],
                    [.word(readiness.state.shownWord, readiness.state.tone), .element(.span, [], [HTML(sentence)])])
            ] + proven + [facts])
    }

    /// The state as a sentence.
    var sentence: String {
        let why = readiness.stateReason.map { ": \($0.text)" } ?? ""
        switch readiness.state {
        case .ready:
            return "The hotfix is ready to be merged back"
                + (readiness.earliestReady.map { ", since \(shown($0))." } ?? ".")
        case .counting:
            if readiness.stateReason != nil { return ended("The hotfix is not ready\(why)") }
            let left = readiness.requiredSeconds - readiness.provenSeconds
            return "The hotfix is not ready: \(hours(max(0, left))) of clean time are still to be proven."
        case .breaching:
            let open = readiness.episodes.filter(\.isOpen)
            let whose = open.first.map { " \($0.pair.guardrail) of \($0.pair.service)" } ?? " a guardrail"
            let more = open.count > 1 ? " and \(open.count - 1) more" : ""
            return "The hotfix is not ready:\(whose)\(more) breached its limit."
        case .blind: return ended("Nobody can say whether the hotfix is well\(why)")
        case .notDeployed: return ended("The hotfix is not deployed\(why)")
        }
    }

    private func ended(_ sentence: String) -> String { sentence.hasSuffix("?") ? sentence : sentence + "." }

    private var proven: [HTML] {
        guard readiness.state != .notDeployed else {
            return [.p("Record the deployment: ", .code("hotfix deployed --commit SHA"))]
        }
        let text = "\(hours(readiness.provenSeconds)) of \(hours(readiness.requiredSeconds))"
        return [
            .element(
                .div, [.class("proven")],
                [
                    .element(
                        .label, [.set(.for, "proven")],
                        ["Clean time proven: \(text)"]),
                    .element(
                        .progress,
                        [
                            .id("proven"), .set(.max, String(max(1, readiness.requiredSeconds))),
                            .set(.value, String(min(readiness.provenSeconds, readiness.requiredSeconds))),
                        ], [HTML(text)]),
                    .element(.p, [], earliest),
                ])
        ]
    }

    private var earliest: [HTML] {
        guard let earliest = readiness.earliestReady else { return ["No instant of readiness can be told yet."] }
        // What was possible once says nothing of when it will be.
        guard readiness.isReady || earliest > now else { return ["The time is proven; what is lacking is said above."] }
        let label = readiness.isReady ? "Ready since " : "Ready at "
        let rest = readiness.isReady ? "." : " at the earliest."
        return [HTML(label), .element(.strong, [], [.time(earliest)]), HTML(" (\(distance(earliest, now)))\(rest)")]
    }

    private var facts: HTML {
        var rows: [(name: String, content: HTML)] = []
        if let deployment = readiness.deployment {
            rows.append(("Branch", HTML(deployment.branch ?? "not named")))
            rows.append(("Commit", .code(deployment.commit)))
            let version = deployment.version.map { ", version \($0)" } ?? ""
            rows.append(
                ("Deployed", HTML([.moment(deployment.at, now: now), HTML("\(version), deployment \(deployment.id)")])))
        }
        if readiness.state != .notDeployed {
            rows.append(("Counting since", .moment(readiness.since, now: now)))
        }
        rows.append(("Judged until", .moment(readiness.evaluatedUntil, now: now)))
        return .facts(rows)
    }
}

/// Which services there are, where a page shows not all of them in full.
struct ServicesPart {
    let readiness: Readiness
    let shown: Set<String>
    let now: Instant

    var html: HTML {
        let rows = readiness.services.map { service in
            [
                // What the configuration no longer has, has no page.
                shown.contains(service.name) || readiness.services.count > PageContents.mostServices
                    ? HTML.link(service.name, to: .service(service.name)) : HTML(service.name),
                .word(service.state.shownWord, service.state.tone),
                HTML("\(hours(service.provenSeconds)) of \(hours(service.requiredSeconds))"),
                .time(service.earliestReady), .time(service.evaluatedUntil),
            ]
        }
        return .part(
            "services", "Services",
            [
                .table(
                    "State of each service",
                    [
                        TableHead("Service", .text), "State", "Proven", TableHead("Ready at the earliest", .when),
                        TableHead("Judged until", .when),
                    ], rows)
            ])
    }
}
