extension Overview {
    /// The overview; series are written as columns, since they are long.
    package var json: JSONValue {
        .object([
            "at": JSONValue(at), "from": JSONValue(from), "services": .array(services.map(\.json)),
            "deployments": .array(deployments.map(\.json)),
            "episodes": .array(episodes.map { $0.json(acknowledgements.newest(of: $0)) }),
            "acknowledgements": .array(acknowledgements.map(\.json)), "silences": .array(silences.map(\.json)),
            "excusals": .array(excusals.map(\.json)), "exclusions": .array(exclusions.map(\.json)),
            "acceptances": .array(acceptances.map(\.json)), "tracker": tracker?.json ?? .null,
            "links": .array(
                links.sorted { $0.key < $1.key }.map { episode, links in
                    .object(["episode": JSONValue(episode), "links": .array(links.map(\.json))])
                }),
        ])
    }

    /// Reads an overview.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            at: try reader.instant("at"), from: try reader.instant("from"),
            services: try reader.objects("services", Service.init),
            deployments: try reader.objects("deployments", Deployment.init),
            episodes: try reader.objects("episodes", Episode.init),
            acknowledgements: try reader.objects("acknowledgements", Acknowledgement.init),
            silences: try reader.objects("silences", Silence.init),
            excusals: try reader.objects("excusals", Excusal.init),
            exclusions: try reader.objects("exclusions", Exclusion.init),
            acceptances: try reader.objects("acceptances", Acceptance.init),
            tracker: try reader.optionalObject("tracker", Tracker.init))
        let links = try reader.objects("links") { (reader) throws(JSONContentError) in
            (try reader.text("episode"), try reader.objects("links", MessageLink.init))
        }
        self.links = Dictionary(links) { $1 }
    }
}

extension Overview.Service {
    fileprivate var json: JSONValue {
        .object([
            "name": JSONValue(name), "environment": JSONValue(environment), "policy": JSONValue(policy),
            "policy_adopted_at": JSONValue(adoptedAt), "required_seconds": JSONValue(streak.required),
            "longest_gap_seconds": JSONValue(streak.longestGap), "warm_up_seconds": JSONValue(streak.warmUp),
            "guardrails": .array(guardrails.map(\.json)),
        ])
    }

    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        let name = try reader.text("name")
        self.init(
            name: name, environment: try reader.optionalText("environment"), policy: try reader.whole("policy"),
            adoptedAt: try reader.instant("policy_adopted_at"),
            streak: Policy.Streak(
                required: try reader.whole("required_seconds"), longestGap: try reader.whole("longest_gap_seconds"),
                warmUp: try reader.whole("warm_up_seconds")),
            guardrails: try reader.objects("guardrails") { (reader) throws(JSONContentError) in
                try Overview.Guardrail(reader, of: name)
            })
    }
}

extension Overview.Guardrail {
    fileprivate var json: JSONValue {
        .object([
            "name": JSONValue(name), "source": JSONValue(source), "measure": JSONValue(measure),
            "limits": .array(limits.map { JSONValue($0) }), "baseline_rule": JSONValue(baseline),
            "confirm_breaching": JSONValue(confirm.breaching), "confirm_of": JSONValue(confirm.of),
            "dropped": .boolean(isDropped), "link": JSONValue(link), "unit": JSONValue(plot.unit),
            "plot": plot.columns,
        ])
    }

    fileprivate init(_ reader: JSONReader, of service: String) throws(JSONContentError) {
        let name = try reader.text("name")
        let title = Pair(service, name).description
        let unit = try reader.optionalText("unit")
        let plot = try reader.optionalObject("plot") { (reader) throws(JSONContentError) in
            try Plot(columns: reader, title: title, unit: unit)
        }
        guard let plot else { throw reader.wrong("plot", "there") }
        self.init(
            name: name, source: try reader.text("source"), measure: try reader.text("measure"),
            limits: try reader.texts("limits"), baseline: try reader.optionalText("baseline_rule"),
            confirm: Guardrail.Confirm(
                breaching: try reader.whole("confirm_breaching"), of: try reader.whole("confirm_of")),
            isDropped: try reader.flag("dropped"), link: try reader.optionalText("link"), plot: plot)
    }
}

extension Overview.Tracker {
    fileprivate var json: JSONValue {
        .object([
            "facts": .array(facts.map(\.json)), "tasks": .array(tasks.map(\.json)),
            "history": .array(
                history.map { step in
                    .object([
                        "at": JSONValue(step.at), "by": JSONValue(step.by), "step": JSONValue(step.step),
                        "did": JSONValue(step.did), "reason": JSONValue(step.reason),
                    ])
                }), "failure": JSONValue(failure),
        ])
    }

    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            facts: try reader.objects("facts", Fact.init), tasks: try reader.objects("tasks", Fact.init),
            history: try reader.objects("history") { (reader) throws(JSONContentError) in
                Step(
                    at: try reader.instant("at"), by: try reader.text("by"), step: try reader.text("step"),
                    did: try reader.text("did"), reason: try reader.optionalText("reason"))
            }, failure: try reader.optionalText("failure"))
    }
}

extension Overview.Tracker.Fact {
    fileprivate var json: JSONValue { .object(["name": JSONValue(name), "text": JSONValue(text)]) }

    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(name: try reader.text("name"), text: try reader.text("text"))
    }
}

extension Plot {
    /// The plot as columns: a letter for each window's outcome, and the three numbers of each.
    fileprivate var columns: JSONValue {
        .object([
            "start": JSONValue(start), "step_seconds": JSONValue(step),
            "outcomes": JSONValue(String(points.map(\.outcome.letter))),
            "values": .array(points.map { JSONValue($0.value) }),
            "baselines": .array(points.map { JSONValue($0.baseline) }),
            "limits": .array(points.map { JSONValue($0.limit) }),
            "deployments": .array(deployments.map { JSONValue($0) }),
        ])
    }

    fileprivate init(columns reader: JSONReader, title: String, unit: String?) throws(JSONContentError) {
        let step = try reader.whole("step_seconds")
        guard (1...86_400).contains(step) else { throw reader.wrong("step_seconds", "from 1 to a day") }
        var outcomes: [Outcome] = []
        for letter in try reader.text("outcomes") {
            guard let outcome = Outcome.allCases.first(where: { $0.letter == letter }) else {
                throw reader.wrong("outcomes", "made of letters that are known here")
            }
            outcomes.append(outcome)
        }
        let values = try reader.column("values", outcomes.count)
        let baselines = try reader.column("baselines", outcomes.count)
        let limits = try reader.column("limits", outcomes.count)
        var deployments: [Instant] = []
        for text in try reader.texts("deployments") {
            guard let instant = Instant(text: text) else { throw reader.wrong("deployments", "times") }
            deployments.append(instant)
        }
        self.init(
            title: title, unit: unit, start: try reader.instant("start"), step: step,
            points: outcomes.indices.map {
                Point(outcome: outcomes[$0], value: values[$0], baseline: baselines[$0], limit: limits[$0])
            }, deployments: deployments)
    }
}

extension JSONReader {
    /// Numbers and gaps, as many as are expected.
    fileprivate func column(_ key: JSONString, _ count: Int) throws(JSONContentError) -> [Double?] {
        let found = try elements(key)
        guard found.count == count else { throw wrong(key, "as long as the other columns") }
        var numbers: [Double?] = []
        numbers.reserveCapacity(count)
        for element in found {
            switch element {
            case .null: numbers.append(nil)
            case .number(let spelling):
                guard let number = Double(spelling), number.isFinite else { throw wrong(key, "a list of numbers") }
                numbers.append(number)
            default: throw wrong(key, "a list of numbers")
            }
        }
        return numbers
    }
}

extension Plot.Outcome {
    /// The letter that stands for it where there is room for no more.
    package var letter: Character {
        switch self {
        case .breach: "B"
        case .pending: "P"
        case .missing: "M"
        case .unproven: "U"
        case .clean: "C"
        case .unjudged: "-"
        }
    }
}
