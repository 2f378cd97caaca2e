import HotfixCore

extension OpenAPI {
    /// What the answers are made of, by name.
    static var schemas: [(name: String, shape: JSONShape)] {
        stateSchemas + recordSchemas + messageSchemas + windowSchemas
    }

    private static let state = JSONShape.word(Readiness.State.allCases.map(\.rawValue))
    private static let stateReason = JSONShape.optional(.word(Readiness.StateReason.allCases.map(\.rawValue)))
    private static let verdict = JSONShape.word(Verdict.allCases.map(\.rawValue) + ["missing"])
    private static let reason = JSONShape.optional(.word(Reason.allCases.map(\.rawValue)))

    private static var stateSchemas: [(name: String, shape: JSONShape)] {
        [
            (
                "readiness",
                .object([
                    ("state", state), ("state_reason", stateReason), ("ready", .flag), ("required_seconds", .whole),
                    ("proven_seconds", .whole), ("since", .optional(.time)), ("earliest_ready", .optional(.time)),
                    ("evaluated_until", .optional(.time)), ("deployment", .optional(.named("deployment"))),
                    ("services", .list(.named("service"))), ("episodes", .list(.named("episode"))),
                    ("notes", .list(.text)), ("other_deployments", .list(.named("deployment"))),
                    (
                        "unrecorded_deploys",
                        .list(
                            .object([("service", .text), ("source", .text), ("version", .text), ("at", .time)]))
                    ), ("silences", .list(.named("silence"))),
                ])
            ),
            (
                "service",
                .object([
                    ("name", .text), ("state", state), ("state_reason", stateReason), ("deployment", .optional(.text)),
                    ("commit", .optional(.text)), ("required_seconds", .whole), ("proven_seconds", .whole),
                    ("since", .optional(.time)), ("since_reason", .optional(.text)),
                    ("earliest_ready", .optional(.time)), ("evaluated_until", .optional(.time)),
                    ("unproven_windows", .whole), ("missing_windows", .whole),
                    ("guardrails", .list(.named("guardrail"))),
                    (
                        "last_breach",
                        .optional(
                            .object([
                                ("guardrail", .text), ("window_start", .time), ("value", .optional(.number)),
                                ("limit", .optional(.number)),
                            ]))
                    ), ("not_watched", .list(.text)), ("version", .optional(.object([]))),
                ])
            ),
            (
                "guardrail",
                .object([
                    ("name", .text), ("verdict", verdict), ("reason", reason), ("window_start", .optional(.time)),
                    ("value", .optional(.number)), ("baseline", .optional(.number)), ("limit", .optional(.number)),
                    ("change_percent", .optional(.number)), ("baseline_windows", .optional(.whole)),
                    ("coverage", .optional(.number)), ("unit", .optional(.text)),
                    ("baseline_possible", .optional(.whole)), ("baseline_silent", .optional(.flag)),
                ])
            ),
            (
                "gate",
                .object([
                    ("commit", .text), ("open", .flag), ("objection", .optional(.text)),
                    ("readiness", .named("readiness")),
                ])
            ),
            ("running", .object([("status", .text)])),
            ("checked", .object([("status", .text), ("last_check", .optional(.time))])),
        ]
    }

    private static var recordSchemas: [(name: String, shape: JSONShape)] {
        [
            (
                "deployment",
                .object([
                    ("id", .text), ("branch", .optional(.text)), ("commit", .text), ("version", .optional(.text)),
                    ("at", .time), ("recorded_at", .time), ("services", .list(.text)), ("closed_at", .optional(.time)),
                    ("voided_at", .optional(.time)), ("new_baseline", .optional(.text)), ("hotfix", .text),
                    ("beside", .list(.text)), ("incident", .text), ("void_reason", .optional(.text)),
                ])
            ),
            (
                "deployment-receipt",
                .object([
                    ("deployment", .named("deployment")), ("was_known", .flag), ("newer", .optional(.text)),
                ])
            ),
            (
                "exclusion",
                .object([
                    ("from", .time), ("to", .optional(.time)), ("service", .optional(.text)), ("reason", .text),
                    ("by", .optional(.text)), ("recorded_at", .time), ("id", .whole),
                ])
            ),
            (
                "excusal",
                .object([
                    ("episode", .text), ("service", .text), ("guardrail", .text), ("from", .time),
                    ("to", .optional(.time)), ("reason", .text), ("by", .text), ("recorded_at", .time),
                ])
            ),
            (
                "acceptance",
                .object([
                    ("service", .text), ("guardrail", .text), ("reason", .text), ("by", .optional(.text)),
                    ("recorded_at", .time),
                ])
            ),
            (
                "baselines",
                .object([
                    ("exclusions", .list(.named("exclusion"))),
                    (
                        "baselines",
                        .list(
                            .object([
                                ("id", .whole), ("service", .optional(.text)), ("guardrail", .optional(.text)),
                                ("from", .time), ("to", .time),
                                ("statistic", .word(BaselineRule.Statistic.allCases.map(\.rawValue))),
                                ("values", .list(.optional(.number))), ("windows_used", .whole),
                                ("windows_possible", .whole), ("deployment", .whole), ("stored_at", .time),
                                ("series", .whole), ("unit", .optional(.text)),
                            ]))
                    ),
                ])
            ),
        ]
    }

    private static let episode: [(name: String, shape: JSONShape)] = [
        ("id", .text), ("opened", .time), ("closed", .optional(.time)), ("ending", .optional(.text)),
        ("peak", .optional(.number)), ("windows", .whole), ("acknowledged_by", .optional(.text)), ("service", .text),
        ("guardrail", .text), ("start", .time), ("last_breach", .time), ("acknowledged_at", .optional(.time)),
        ("acknowledged_note", .optional(.text)),
    ]

    private static var messageSchemas: [(name: String, shape: JSONShape)] {
        let elsewhere = JSONShape.object([
            ("channel", .text), ("id", .text), ("by", .optional(.text)), ("reason", .optional(.text)),
            ("end", .optional(.time)),
        ])
        let delivery = JSONShape.object([
            ("channel", .text), ("state", .word(AlertsBook.Line.State.allCases.map(\.rawValue))),
            ("reason", .optional(.text)), ("not_before", .optional(.time)), ("repeated", .flag), ("attempts", .whole),
            ("at", .time),
        ])
        return [
            ("episode", .object(episode)),
            (
                "silence",
                .object([
                    ("id", .whole), ("service", .optional(.text)), ("guardrail", .optional(.text)), ("start", .time),
                    ("end", .time), ("reason", .text), ("by", .text), ("recorded_at", .time),
                    ("lifted_at", .optional(.time)), ("lifted_by", .optional(.text)),
                ])
            ),
            (
                "acknowledgement",
                .object([("episode", .text), ("by", .text), ("note", .optional(.text)), ("recorded_at", .time)])
            ),
            (
                "messages",
                .object([
                    (
                        "episodes",
                        .list(
                            .object(episode + [("silences", .list(.whole)), ("silences_elsewhere", .list(elsewhere))]))
                    ), ("silences", .list(.named("silence"))),
                    (
                        "messages",
                        .list(
                            .object([
                                ("id", .whole), ("kind", .text), ("thread", .text), ("opening", .optional(.whole)),
                                ("at", .time), ("created_at", .time), ("service", .optional(.text)),
                                ("guardrail", .optional(.text)), ("severity", .text), ("title", .text),
                                ("deliveries", .list(delivery)),
                            ]))
                    ),
                ])
            ),
        ]
    }

    private static var windowSchemas: [(name: String, shape: JSONShape)] {
        [
            (
                "verdict",
                .object([
                    ("service", .text), ("guardrail", .text), ("window_start", .time), ("window_end", .time),
                    ("value", .optional(.number)), ("baseline", .optional(.number)),
                    ("baseline_windows", .optional(.whole)), ("coverage", .optional(.number)),
                    ("limit", .optional(.number)),
                    ("verdict", .optional(.word(Verdict.allCases.map(\.rawValue)))), ("reason", reason),
                    ("confirmed", .flag), ("revision", .whole), ("policy", .whole), ("evaluated_at", .time),
                ])
            ),
            (
                "watched-service",
                .object([
                    ("name", .text), ("environment", .optional(.text)), ("window_seconds", .whole),
                    (
                        "guardrails",
                        .list(
                            .object([
                                ("name", .text), ("source", .text), ("limits", .list(.text)),
                                ("unit", .optional(.text)), ("link", .optional(.text)),
                            ]))
                    ), ("not_watched", .list(.text)),
                ])
            ),
            (
                "explanation",
                .object([
                    ("service", .text), ("guardrail", .text), ("window_start", .optional(.time)),
                    ("window_end", .optional(.time)), ("verdict", verdict), ("reason", reason), ("confirmed", .flag),
                    ("value", .optional(.number)), ("events", .optional(.number)), ("unit", .optional(.text)),
                    ("limit", .optional(.number)), ("limit_rule", .optional(.text)), ("baseline", .optional(.number)),
                    ("baseline_windows", .optional(.whole)), ("baseline_possible", .optional(.whole)),
                    ("coverage", .optional(.number)), ("lookback_start", .optional(.time)),
                    ("lookback_end", .optional(.time)), ("policy", .optional(.whole)), ("revision", .optional(.whole)),
                    ("evaluated_at", .optional(.time)), ("source", .optional(.text)), ("query", .optional(.text)),
                    ("asked", .flag),
                ])
            ),
            (
                "overview",
                .object([
                    ("at", .time), ("from", .time), ("services", .list(.object([("name", .text)]))),
                    ("deployments", .list(.named("deployment"))), ("episodes", .list(.named("episode"))),
                    ("acknowledgements", .list(.named("acknowledgement"))), ("silences", .list(.named("silence"))),
                    ("excusals", .list(.named("excusal"))), ("exclusions", .list(.named("exclusion"))),
                    ("acceptances", .list(.named("acceptance"))), ("tracker", .optional(.object([]))),
                ])
            ),
        ]
    }

    /// What an answer of a route is that all is well with.
    static func shape(_ route: APIRoute) -> JSONShape {
        switch route {
        case .health: .named("running")
        case .ready: .named("checked")
        case .openAPI: .object([])
        case .readiness: .named("readiness")
        case .gate: .named("gate")
        case .services: .list(.named("watched-service"))
        case .explanations: .list(.named("explanation"))
        case .explanation: .named("explanation")
        case .verdicts:
            .object([("verdicts", .list(.named("verdict"))), ("next", .optional(.text)), ("changed", .flag)])
        case .export: .list(.named("verdict"))
        case .episodes:
            .object([("episodes", .list(.named("episode"))), ("next", .optional(.text)), ("changed", .flag)])
        case .excuse: .named("excusal")
        case .acknowledge, .ack: .named("acknowledgement")
        case .deployments: .list(.named("deployment"))
        case .record: .named("deployment-receipt")
        case .close, .takeBack: .named("deployment")
        case .baselines: .named("baselines")
        case .exclude: .named("exclusion")
        case .accept: .list(.named("acceptance"))
        case .silences: .list(.named("silence"))
        case .silence, .lift: .named("silence")
        case .messages: .named("messages")
        case .overview: .named("overview")
        case .explain, .metrics, .badge: .text
        }
    }

    /// What a member is that is sent.
    static func member(_ name: String) -> (shape: JSONShape, summary: String) {
        switch name {
        case "commit": (.text, "The commit's id: 7 to 64 hexadecimal digits.")
        case "branch": (.text, "The hotfix's branch.")
        case "version": (.text, "The version that was rolled out.")
        case "beside": (.list(.text), "Versions that may run beside it.")
        case "at": (.text, "When it was rolled out, as a time; now by default.")
        case "services": (.list(.text), "The services that it covers, at least one; all by default.")
        case "incident": (.text, "The incident that it mends, as FROM or FROM/TO: left out of look-backs.")
        case "no_incident": (.flag, "That it mends no incident.")
        case "new_baseline": (.flag, "That the look-back moves to it.")
        case "reason": (.text, "Why.")
        case "interval": (.text, "What is left out, as FROM/TO.")
        case "service": (.text, "The service; all by default.")
        case "guardrail": (.text, "The guardrail; all by default.")
        case "until": (.text, "Until when, as a time; or else `for`.")
        case "for": (.text, "How long, as 30m, 2h or 1d; or else `until`.")
        case "by": (.text, "Who says so.")
        case "note": (.text, "What others should know.")
        default: (.anything, name)
        }
    }
}
