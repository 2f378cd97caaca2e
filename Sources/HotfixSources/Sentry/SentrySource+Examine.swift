package import HotfixCore
import HotfixHTTP

extension SentrySource: ExaminableSource {
    package func examine(_ wishes: [SeriesWish], at now: Instant) async -> SourceExamination {
        var examination = SourceExamination()
        await probe(&examination)
        guard examination.isUsable else { return examination }
        let region: String?
        let projects: [SentryProject]
        do throws(SourceError) {
            region = try await self.region()
            projects = try await self.projects(region: region)
        } catch {
            examination.giveUp(Finding(error, about: subject))
            return examination
        }
        guard !wishes.isEmpty else { return examination }
        let refused = await examineScopes(&examination, wishes, projects, region)

        let found = await define(wishes)
        for wish in wishes {
            switch found[wish.pair] {
            case .success(let definition):
                examination.definitions[wish.pair] = definition
                examination.historyHints[wish.pair] = firstEvent(of: wish, among: projects)
            case .failure(let error) where error.code == .credentials && refused:
                examination.diagnosis.leaveOut(
                    .guardrail(wish.pair), "its values, since the token lacks a scope.",
                    remedy: "Give the token the scope, and run hotfix doctor again.")
            case .failure(let error):
                let finding = finding(error, wish, projects)
                if !examination.diagnosis.findings.contains(finding) { examination.find(finding) }
            case nil: break
            }
        }
        return examination
    }

    private var subject: Finding.Subject { .source(name) }
    private var sourceProbe: SourceProbe { SourceProbe(source: name, client: caller.client) }
    private static let urlAdvice =
        "`url` is the server alone, for example https://sentry.io, https://us.sentry.io or https://de.sentry.io."

    private func send(_ address: SentryAddress) async -> Result<HTTPAnswer, SourceProbe.Examined> {
        var call = caller.call(address)
        call.retry = .none
        return await sourceProbe.send(call)
    }

    /// Asks for the organization's projects, without which nothing can be asked.
    private func probe(_ examination: inout SourceExamination) async {
        // Its projects are in its region, which sentry.io names.
        let address =
            findsRegion
            ? SentryAddress(base: base, path: ["organizations", organization], query: [.init("detailed", "0")])
            : SentryAddress(
                base: base, path: ["organizations", organization, "projects"], query: [.init("per_page", "1")])
        switch await send(address) {
        case .failure(let examined): examination.giveUp(examined.finding)
        case .success(let answer):
            if let clock = sourceProbe.clock(answer) {
                if clock.severity == .problem { examination.giveUp(clock) } else { examination.find(clock) }
            }
            if let failure = refusal(answer, asking: [findsRegion ? "organizations" : "projects"]) {
                examination.giveUp(failure)
            } else if examination.diagnosis.findings.isEmpty {
                examination.diagnosis.pass(
                    subject,
                    "\(withoutUser(base)) answers for '\(organization)', and its clock agrees with the one here.")
            }
        }
    }

    private func refusal(_ answer: HTTPAnswer, asking endpoints: [String]) -> Finding? {
        let secrets = [caller.token] + caller.headers.map(\.value)
        let said = readableHead(of: answer.body, hiding: secrets)
        let isPage = isHTML(answer)
        let answered = "\(answer.url) answered \(answer.status)\(said.isEmpty || isPage ? "" : ": \(said)")."
        switch answer.status {
        case 401:
            return Finding(
                .problem, .credentialsRefused, subject, answered,
                remedy:
                    "Give the source a valid `token`: Settings > Custom Integrations in Sentry, with the scopes org:read"
                    + " and project:read.")
        case 403 where !isPage: return forbidden(endpoints)
        case 404 where said.contains("detail"):
            return Finding(
                .problem, .unknownOrganization, subject, answered,
                remedy:
                    "Correct `organization`, the slug in the address of its pages, and see that `url` is the region's"
                    + " where it lives. \(Self.urlAdvice)")
        default: return sourceProbe.failure(answer, urlAdvice: Self.urlAdvice, hiding: secrets)
        }
    }

    private func forbidden(_ endpoints: [String], _ severity: Finding.Severity = .problem) -> Finding {
        let what = "Sentry answered 403 to this token at \(list(endpoints))."
        if caller.token.value.hasPrefix("sntrys_") {
            return Finding(
                severity, .organizationToken, subject,
                "\(what) It is an organization token (sntrys_), which reads no data.",
                remedy:
                    "Create a token in Settings > Custom Integrations with the scopes org:read and project:read, and give"
                    + " that as `token`.")
        }
        return Finding(
            severity, .scopeMissing, subject, what,
            remedy: "Give the token's integration the scopes org:read and project:read, and its projects to see.")
    }

    /// An endpoint that is asked whether this token may ask it.
    private struct Probed {
        var name: String
        var address: SentryAddress
        /// Whether guardrails do without.
        var isOptional = false
    }

    /// Asks every endpoint that the guardrails need, once.
    ///
    /// - Returns: Whether the token may not ask all of them.
    private func examineScopes(
        _ examination: inout SourceExamination, _ wishes: [SeriesWish], _ projects: [SentryProject], _ region: String?
    ) async -> Bool {
        var forbiddenNames: [Bool: [String]] = [:]
        var allowed: [String] = []
        for endpoint in endpoints(wishes, projects, region) {
            // What else may fail here is told by the guardrails that ask it.
            guard case .success(let answer) = await send(endpoint.address) else { continue }
            if answer.status == 200 { allowed.append(endpoint.name) }
            if answer.status == 401 || answer.status == 403 && !isHTML(answer) {
                forbiddenNames[endpoint.isOptional, default: []].append(endpoint.name)
            }
        }
        if let names = forbiddenNames[false] { examination.find(forbidden(names)) }
        if let names = forbiddenNames[true] {
            var finding = forbidden(names, .warning)
            finding.what +=
                " Guardrails do without; deployments cannot be read from Sentry, and a deployment's --version cannot be"
                + " watched: its windows stay missing."
            examination.find(finding)
        }
        if !allowed.isEmpty { examination.diagnosis.pass(subject, "The token may ask \(list(allowed)).") }
        return forbiddenNames[false] != nil
    }

    /// The endpoints that the guardrails need, about the first of their projects that is known.
    private func endpoints(_ wishes: [SeriesWish], _ projects: [SentryProject], _ region: String?) -> [Probed] {
        let wanted = wishes.compactMap { wish in wish.service.bindings[name]?["project"] }
        guard let project = projects.first(where: { wanted.contains($0.slug) || wanted.contains($0.id) }),
            let wish = wishes.first
        else { return [] }
        let span = Span(start: wish.at - wish.window, end: wish.at, step: wish.window)
        var endpoints: [Probed] = []
        var quantities: Set<SentrySeries.Quantity> = []
        for wish in wishes {
            guard case .builtIn(let measure) = wish.guardrail.measure, let quantity = SentrySeries.Quantity(measure),
                quantities.insert(quantity).inserted, let endpoint = quantity.endpoints.first
            else { continue }
            let series = SentrySeries(
                region: region, project: project.id, slug: project.slug, environment: nil, quantity: quantity,
                endpoint: endpoint)
            endpoints.append(
                Probed(
                    name: endpoint.rawValue,
                    address: series.address(base: base, organization: organization, range: span)))
        }
        if outcomes, quantities.contains(.errors) {
            let end = span.end.floored(to: 3600)
            let hour = Span(start: end - 3600, end: end, step: 3600)
            let address = SentryOutcomes(project: project.id, region: region)
                .address(base: base, organization: organization, range: hour)
            endpoints.append(Probed(name: "stats_v2", address: address))
        }
        let server = region ?? base
        if wishes.contains(where: { $0.service.environment != nil }) {
            let path = ["projects", organization, project.slug, "environments"]
            endpoints.append(Probed(name: "environments", address: SentryAddress(base: server, path: path)))
        }
        let releases = SentryAddress(
            base: server, path: ["organizations", organization, "releases"],
            query: [.init("project", project.id), .init("per_page", "1")])
        return endpoints + [Probed(name: "releases", address: releases, isOptional: true)]
    }

    private func finding(_ error: SourceError, _ wish: SeriesWish, _ projects: [SentryProject]) -> Finding {
        guard error.code == .unknownSubject, let project = wish.service.bindings[name]?["project"] else {
            return Finding(error, about: .guardrail(wish.pair))
        }
        let isKnown = projects.contains { $0.slug == project || $0.id == project }
        return Finding(
            .problem, isKnown ? .unknownEnvironment : .unknownProject, .service(wish.service.name), error.message,
            remedy: isKnown
                ? "Name one of its environments as the service's `environment`, or have the SDK send this one."
                : "Name one of its projects as `\(name): {project: …}` at the service, or add the project to the token's"
                    + " integration.")
    }

    private func firstEvent(of wish: SeriesWish, among projects: [SentryProject]) -> String? {
        guard let wanted = wish.service.bindings[name]?["project"],
            let project = projects.first(where: { $0.slug == wanted || $0.id == wanted })
        else { return nil }
        return project.firstEvent.flatMap(second(of:)).map { "Sentry had the project's first error event at \($0)." }
            ?? "Sentry names no first error event of the project."
    }
}
