import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport

/// The token of tests, which must be seen by Sentry alone.
let canary = "canary-7f3a-token"

/// A command line whose services are projects of a simulated Sentry, on a socket.
struct SentryLab: Sendable {
    let commands: CommandLab
    let sentry: SimulatedSentry
    let server: LoopbackServer
}

/// One guardrail on errors, with a look-back of a day and a streak of half an hour.
let errorPolicy = """
    baseline: {lookback: 1d}
    streak: {required: 30m}
    guardrails:
      error-rate: {source: sentry, measure: error-rate, limit: +25%}

    """

/// A configuration of services in production, each of a project with its name and `-api`.
func sentryConfiguration(url: String, services: [String] = ["checkout"], more: String = "") -> String {
    """
    policy: policy.yaml
    sources:
      sentry: {type: sentry, url: "\(url)", organization: acme, token: "${SENTRY_AUTH_TOKEN}", recheck: 10m}
    services:
    \(services.map { "  - {name: \($0), environment: production, sentry: {project: \($0)-api}}" }.joined(separator: "\n"))
    \(more)
    """
}

/// A project with so many errors in every five minutes.
func project(_ name: String = "checkout", id: Int = 101, _ errors: @escaping @Sendable (Instant) -> Int = { _ in 50 })
    -> SimulatedSentry.Project
{
    SimulatedSentry.Project(id: id, slug: "\(name)-api", errors: everyFiveMinutes(errors))
}

/// Runs a body with a configuration whose source is a simulated Sentry.
func withSentry(
    _ projects: [SimulatedSentry.Project] = [project()], policy: String = errorPolicy,
    services: [String] = ["checkout"],
    more: String = "", now: Instant = noon + 430, date: (@Sendable (Double) -> LoopbackDate)? = nil,
    server kind: SimulatedSentry.Server = .init(), token: String = canary, environment: [String: String] = [:],
    _ body: (SentryLab) async throws -> Void
) async throws {
    let variables = environment.merging(["SENTRY_AUTH_TOKEN": token]) { $1 }
    try await withCommands(["policy.yaml": policy], environment: variables, now: now) { commands in
        let sentry = SimulatedSentry(token: canary, projects: projects, server: kind, now: { commands.now })
        try await withLoopbackServer(
            { await sentry.answer($0) }, date: { date?(commands.clock) ?? .at(commands.clock) },
            { server in
                try commands.write(
                    sentryConfiguration(url: server.url, services: services, more: more), to: "hotfix.yaml")
                try await body(SentryLab(commands: commands, sentry: sentry, server: server))
            })
    }
}

/// Whether a request is for a resource of Sentry's.
func isFor(_ resource: String, _ request: LoopbackRequest) -> Bool { request.path.hasSuffix("/\(resource)/") }
