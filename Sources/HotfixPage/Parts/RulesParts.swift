import HotfixCore

/// What the tracker says is left to do.
struct TrackerPart {
    let tracker: Overview.Tracker?

    var html: HTML {
        guard let tracker else {
            return .part("tracker", "Hotfix tracker", [.p("No tracker is configured.")])
        }
        if let failure = tracker.failure {
            return .part("tracker", "Hotfix tracker", [.p(.word("unreadable", .warn), HTML(" \(failure)"))])
        }
        let tasks: HTML =
            tracker.tasks.isEmpty
            ? .p("Nothing is left to do.")
            : .element(
                .ul, [],
                tracker.tasks.map { task in
                    .element(.li, [], [HTML("\(task.name): "), .code(task.text)])
                })
        return .part(
            "tracker", "Hotfix tracker",
            [
                .h(.h3, id: "tasks", "Outstanding"), tasks,
                .details(
                    "tracker-facts", "What the status file says",
                    [.facts(tracker.facts.map { (name: $0.name, content: HTML($0.text)) })]),
            ])
    }
}

/// The policy in force, service by service.
struct PolicyPart {
    let services: [Overview.Service]
    let notes: [String]

    var html: HTML {
        var content: [HTML] = []
        for service in services {
            let rows = service.guardrails.map { guardrail in
                let confirm = guardrail.confirm
                return [
                    HTML(guardrail.name), HTML("\(guardrail.measure) of \(guardrail.source)"),
                    HTML(guardrail.limits.joined(separator: ", ")), HTML(guardrail.baseline ?? "none needed"),
                    HTML(confirm.of == 1 ? "each" : "\(confirm.breaching) of \(confirm.of)"),
                ]
            }
            let streak = service.streak
            content.append(
                .table(
                    "\(service.name): policy version \(service.policy), in force since \(shown(service.adoptedAt)); "
                        + "\(hours(streak.required)) to prove, a gap of more than \(hours(streak.longestGap)) starts anew",
                    [
                        "Guardrail", TableHead("Measure", .text), "Limit", TableHead("Baseline", .text),
                        "Breaches that count",
                    ], rows))
        }
        if !notes.isEmpty {
            content.append(.h(.h3, id: "to-know", "To know"))
            content.append(.element(.ul, [], notes.map { .element(.li, [], [HTML($0)]) }))
        }
        return .part("policy", "Policy in force", content)
    }
}
