import HotfixCore

/// One thing that can be asked of the server, or stated to it: the one table that serving, calling and describing share.
package enum APIRoute: String, CaseIterable, Sendable {
    case health, openAPI, readiness, gate, services, explanations, explanation, verdicts, export
    case episodes, excuse, acknowledge, ack, deployments, record, close, takeBack, baselines, exclude, accept
    case silences, silence, lift, messages, explain, overview, ready, metrics, badge

    /// The method.
    package var method: String {
        switch self {
        case .excuse, .acknowledge, .ack, .record, .close, .takeBack, .exclude, .accept, .silence, .lift: "POST"
        default: "GET"
        }
    }

    /// The path, with `{names}` for the segments that vary.
    package var template: String {
        switch self {
        case .health: "/healthz"
        case .openAPI: "/api/v1/openapi.json"
        case .readiness: "/api/v1/readiness"
        case .gate: "/api/v1/gate"
        case .services: "/api/v1/services"
        case .explanations: "/api/v1/services/{service}/explanations"
        case .explanation: "/api/v1/services/{service}/guardrails/{guardrail}/explanation"
        case .verdicts: "/api/v1/services/{service}/guardrails/{guardrail}/verdicts"
        case .export: "/api/v1/ledger"
        case .episodes: "/api/v1/episodes"
        case .excuse: "/api/v1/episodes/{episode}/excusal"
        case .acknowledge: "/api/v1/episodes/{episode}/acknowledgement"
        case .ack: "/api/v1/episodes/{episode}/ack"
        case .deployments, .record: "/api/v1/deployments"
        case .close: "/api/v1/deployments/close"
        case .takeBack: "/api/v1/deployments/{deployment}/void"
        case .baselines: "/api/v1/baselines"
        case .exclude: "/api/v1/exclusions"
        case .accept: "/api/v1/acceptances"
        case .silences, .silence: "/api/v1/silences"
        case .lift: "/api/v1/silences/{silence}/lift"
        case .messages: "/api/v1/messages"
        case .explain: "/explain"
        case .overview: "/api/v1/overview"
        case .ready: "/readyz"
        case .metrics: "/metrics"
        case .badge: "/badge.svg"
        }
    }

    /// Whether it changes the ledger.
    package var isWrite: Bool { method == "POST" }

    /// The status of an answer that all is well with.
    package var success: Int {
        switch self {
        case .record, .exclude, .silence: 201
        default: 200
        }
    }

    /// Whether it tells nothing of the ledger but when it was checked, so that no token is asked for.
    package var isOpen: Bool { [.health, .openAPI, .ready].contains(self) }

    /// The types of an answer that all is well with, the usual one first.
    var mediaTypes: [String] {
        switch self {
        case .explain, .metrics: ["text/plain"]
        case .badge: ["image/svg+xml"]
        case .export: ["text/csv", "application/json"]
        default: ["application/json"]
        }
    }

    /// Whether an answer has a tag, by which one may ask whether it is another now.
    var hasTag: Bool { !isWrite && ![.health, .ready, .metrics, .gate, .export].contains(self) }

    /// What it does, in a sentence.
    package var summary: String {
        switch self {
        case .health: "Whether the server runs."
        case .openAPI: "This description."
        case .readiness: "Whether the hotfix is ready, why not, and when: `hotfix readiness --format json`."
        case .gate: "Whether a commit may be merged."
        case .services: "What is watched."
        case .explanations: "The newest verdict of each guardrail of a service with everything it was reached from."
        case .explanation: "One verdict with everything it was reached from."
        case .verdicts:
            "The verdicts of a guardrail, oldest first, in pages; `changed` says that the ledger is another since the first."
        case .export: "Every verdict, one a row: `hotfix ledger export`."
        case .episodes: "The episodes in the order in which the ledger first held them, in pages."
        case .excuse: "Excuses an episode: its windows become unproven, never clean."
        case .deployments: "All deployments, in the order recorded."
        case .record: "Records a deployment."
        case .close: "Closes the open hotfix."
        case .takeBack: "Takes a deployment back."
        case .baselines: "What is left out of look-backs, and the stored baselines."
        case .exclude: "Leaves an interval out of look-backs."
        case .accept: "Accepts that guardrails which the deployment counts on were dropped."
        case .acknowledge:
            "Says that an open episode was seen: its reminders stop. `service/guardrail` names the one that is open."
        case .ack: "The same by its short name."
        case .silences: "All silences, in the order recorded."
        case .silence: "Lets messages about a service, a guardrail or both not be told for a while."
        case .lift: "Ends a silence before its time."
        case .messages: "What is open, what is silenced, and what was told to whom: `hotfix alerts list --format json`."
        case .overview: "The series of services with the policy in force, and what was done over time: `hotfix report`."
        case .explain: "What `hotfix explain` prints, as text: where links in messages lead."
        case .ready: "Whether checks are made: 503 where the newest is more than four windows old."
        case .metrics: "What is known, in the text format of Prometheus."
        case .badge: "The state in a word and a colour, as a picture."
        }
    }

    /// The names of the query's parameters; one that is not among them is refused, since it would be passed over.
    package var parameters: [APIParameter] {
        let page = [
            APIParameter("limit", "How many, 1 to 1000; 100 by default."),
            APIParameter("cursor", "Where the page begins: `next` of the page before."),
        ]
        let part = [
            APIParameter("limit", "How many, 1 to 1000; all by default."),
            APIParameter("cursor", "Where they begin: that of the link to the next ones."),
        ]
        let span = [
            APIParameter("from", "Windows that start at or after this time."),
            APIParameter("to", "Windows that start before this time."),
        ]
        let age = APIParameter("max_age", "How old the newest window may be; 4 windows by default.")
        switch self {
        case .readiness:
            return [
                APIParameter("service", "Only this service; may be repeated."),
                APIParameter("at", "Leave out windows and deployments of later."), age,
            ]
        case .gate: return [APIParameter("commit", "The full id of the branch's head.", isRequired: true), age]
        case .explanations, .explanation:
            return [APIParameter("at", "The window that holds this time; else the newest with a verdict.")]
        case .verdicts: return span + page
        case .export: return span + [APIParameter("format", "csv or json; csv by default.")]
        case .services, .deployments, .silences: return part
        case .episodes: return [APIParameter("service", "Only those of this service.")] + page
        case .overview:
            return [
                APIParameter("service", "The series of this service; may be repeated."),
                APIParameter("from", "From when on; 7 days ago by default."),
            ]
        case .messages: return [APIParameter("limit", "How many messages, 1 to 1000, the newest first; 20 by default.")]
        case .explain:
            return [
                APIParameter("service", "The service.", isRequired: true),
                APIParameter("guardrail", "Only this guardrail of it."),
                APIParameter("at", "The window that holds this time; else the newest with a verdict."),
            ]
        case .badge: return [APIParameter("service", "Only this service; may be repeated.")]
        default: return []
        }
    }

    /// Whether a parameter may be given more than once.
    func mayRepeat(_ parameter: String) -> Bool {
        parameter == "service" && [.readiness, .badge, .overview].contains(self)
    }

    /// The members of the object that is sent; nil where nothing is.
    package var members: (names: [String], required: [String])? {
        switch self {
        case .record: (DeploymentEntry.members, ["commit"])
        case .takeBack: (TakingBackEntry.members, ["reason"])
        case .close: ([], [])
        case .exclude: (ExclusionEntry.members, ["interval", "reason"])
        case .excuse: (ExcusalEntry.members, ["reason", "by"])
        case .accept: (AcceptanceEntry.members, ["reason"])
        case .acknowledge, .ack: (AcknowledgementEntry.members, ["by"])
        case .silence: (SilenceEntry.members, ["reason", "by"])
        case .lift: (LiftingEntry.members, ["by"])
        default: nil
        }
    }

    /// The path with its names filled in.
    ///
    /// - Parameter values: What stands for each name, as it is; it is encoded here.
    /// - Returns: The path, encoded.
    package func path(_ values: [String: String] = [:]) -> String {
        segments.map { segment in
            segment.hasPrefix("{") ? encodedSegment(values[String(segment.dropFirst().dropLast())] ?? "") : segment
        }.joined(separator: "/")
    }

    /// The values of the names where a path is one of this route's.
    ///
    /// - Parameter path: The decoded segments after the first slash.
    /// - Returns: The values by their names; nil where it is another's.
    func match(_ path: [String]) -> [String: String]? {
        let segments = segments.dropFirst()
        guard segments.count == path.count else { return nil }
        var values: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            if segment.hasPrefix("{") {
                guard !text.isEmpty else { return nil }
                values[String(segment.dropFirst().dropLast())] = text
            } else if segment != text {
                return nil
            }
        }
        return values
    }

    private var segments: [String] { template.split(separator: "/", omittingEmptySubsequences: false).map(String.init) }
}

/// A parameter of a query.
package struct APIParameter: Sendable, Hashable {
    /// The name.
    package var name: String
    /// What it is for.
    package var summary: String
    /// Whether it must be given.
    package var isRequired: Bool

    init(_ name: String, _ summary: String, isRequired: Bool = false) {
        self.name = name
        self.summary = summary
        self.isRequired = isRequired
    }
}
