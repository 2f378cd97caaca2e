package import HotfixCore
import HotfixHTTP

extension PrometheusSource: ExaminableSource {
    package func examine(_ wishes: [SeriesWish], at now: Instant) async -> SourceExamination {
        var examination = SourceExamination()
        await probe(&examination, at: now)
        guard examination.isUsable, let instant = wishes.map(\.at).max() else { return examination }
        await examineRetention(&examination, wishes)

        var found = await define(wishes)
        await defineFromEarlier(wishes, &found)
        let scans = Dictionary(uniqueKeysWithValues: wishes.map { ($0.pair, Self.scan($0)) })
        let discovery = await discovered(wishes, scans, at: instant)
        for wish in wishes {
            switch found[wish.pair] {
            case .success(let definition):
                examination.definitions[wish.pair] = definition
                if let finding = environmentFinding(definition, wish) { examination.find(finding, once: true) }
            case .failure(let error): examination.find(finding(error, wish, discovery), once: true)
            case nil: break
            }
        }
        for wish in wishes where examination.definitions[wish.pair] != nil {
            examineOwnQuery(&examination, wish, scans[wish.pair] ?? [], discovery)
        }
        await examineNumbers(&examination, wishes)
        if let discovery { await examineBuckets(&examination, wishes, discovery, at: instant) }
        return examination
    }

    private var subject: Finding.Subject { .source(name) }
    private var sourceProbe: SourceProbe { SourceProbe(source: name, client: api.client) }

    /// Asks for a constant, which every server that speaks the query API knows.
    private func probe(_ examination: inout SourceExamination, at now: Instant) async {
        var call = api.call("query", "vector(1)", [("time", "\(now.seconds)")])
        call.retry = .none
        switch await sourceProbe.send(call) {
        case .failure(let examined): examination.giveUp(examined.finding)
        case .success(let answer):
            if let clock = sourceProbe.clock(answer) {
                if clock.severity == .problem { examination.giveUp(clock) } else { examination.find(clock) }
            }
            if let failure = refusal(answer, at: now) {
                examination.giveUp(failure)
            } else if examination.diagnosis.findings.isEmpty {
                examination.diagnosis.pass(
                    subject, "\(answer.url) answers queries, and its clock agrees with the one here.")
            }
        }
    }

    private func refusal(_ answer: HTTPAnswer, at now: Instant) -> Finding? {
        let said = readableHead(of: answer.body, hiding: api.access.secrets)
        let answered = "\(answer.url) answered \(answer.status)\(said.isEmpty || isHTML(answer) ? "" : ": \(said)")."
        if [400, 401, 403, 422].contains(answer.status), said.lowercased().contains("org id") {
            return Finding(
                .problem, .tenantMissing, subject, answered,
                remedy: "Name the tenant: `headers: {X-Scope-OrgID: …}` at the source.")
        }
        if [401, 403].contains(answer.status) {
            let remedy =
                switch api.access.credentials {
                case .none where api.access.headers.isEmpty:
                    "The source has no credentials: give it `bearer` or `basic`, as the server wants."
                case .none: "Give it `bearer` or `basic`, as the server wants, or a valid credential in its `headers`."
                case .bearer: "Give it a valid token in `bearer`, with the right to read metrics."
                case .basic: "Correct user name and password in `basic`; they need the right to read metrics."
                }
            return Finding(.problem, .credentialsRefused, subject, answered, remedy: remedy)
        }
        let advice =
            "`url` is what /api/v1 is under, its path included: Mimir's ends in /prometheus, Grafana Cloud's in /api/prom."
        if let failure = sourceProbe.failure(answer, urlAdvice: advice, hiding: api.access.secrets) { return failure }
        if (try? PrometheusReply(answer.body, on: TimeGrid(at: now)))?.status == "success" { return nil }
        return Finding(
            .problem, .notTheAPI, subject,
            "\(answer.url) answered 200 with something else than a Prometheus API does: \(said).",
            remedy: advice)
    }

    private func examineRetention(_ examination: inout SourceExamination, _ wishes: [SeriesWish]) async {
        let call = HTTPCall(
            .get, "\(api.base)/api/v1/status/runtimeinfo",
            headers: api.access.headers.map { ($0.name, $0.value.value) },
            credentials: api.access.credentials, tls: api.access.tls, deadline: api.access.timeout, retry: .none)
        // Servers that only speak the query API have no such page, which says nothing of them.
        guard case .success(let answer) = await sourceProbe.send(call), answer.status == 200,
            let retention = PrometheusRuntime(answer.body)?.retention
        else { return }
        let kept = spelledDuration(retention)
        for wish in wishes { examination.historyHints[wish.pair] = "The server says that it keeps \(kept)." }
        let relative = wishes.filter { needsBaseline($0.guardrail) }
        guard let longest = relative.map(\.guardrail.baseline.lookback).max(), retention < longest else { return }
        examination.find(
            Finding(
                .warning, .shortRetention, subject,
                "It says that it keeps \(kept) of data; the longest look-back is \(spelledDuration(longest)).",
                remedy:
                    "Raise --storage.tsdb.retention.time above the look-back (a remote store behind it may keep more).")
        )
    }

    /// Defines what has no data now from the data that it had, so that its values tell when they stopped.
    private func defineFromEarlier(
        _ wishes: [SeriesWish], _ found: inout [Pair: Result<SeriesDefinition, SourceError>]
    ) async {
        let longest = wishes.map(\.guardrail.baseline.lookback).max() ?? 0
        for age in [3600, 86_400, longest / 2, longest] where age <= longest {
            let earlier = wishes.compactMap { wish -> SeriesWish? in
                guard case .failure(let error)? = found[wish.pair], error.code == .unknownSubject else { return nil }
                var earlier = wish
                earlier.at = wish.at - age
                return earlier
            }
            guard !earlier.isEmpty else { return }
            for case (let pair, .success(let definition)) in await define(earlier) {
                found[pair] = .success(definition)
            }
        }
    }

    /// The texts of a wish's own queries, scanned.
    private static func scan(_ wish: SeriesWish) -> [PromQLScan] {
        guard case .query(let query) = wish.guardrail.measure else { return [] }
        return ([query.text] + [query.events].compactMap { $0 }).map { PromQLScan($0) }
    }

    private func discovered(
        _ wishes: [SeriesWish], _ scans: [Pair: [PromQLScan]], at instant: Instant
    ) async -> Discovery? {
        var measures: Set<BuiltInMeasure> = []
        for case .builtIn(let measure) in wishes.map(\.guardrail.measure) { measures.insert(measure) }
        let own = Set(scans.values.flatMap { $0 }.flatMap(\.metrics).map(\.name).prefix(50))
        do {
            return try await PrometheusDefiner(source: name, api: api).discover(measures, and: own, at: instant)
        } catch {
            // Definitions failed with it, and tell it; own queries are examined without.
            return nil
        }
    }

    /// Tells of a wish without a definition; what is wrong with a service is told of the service, once.
    private func finding(_ error: SourceError, _ wish: SeriesWish, _ discovery: Discovery?) -> Finding {
        let environments = wish.service.bindings[name]?["service"].flatMap { discovery?.environments(of: $0) } ?? []
        let shown = list(environments.sorted())
        if error.code == .ambiguous, wish.service.environment == nil, environments.count > 1 {
            return Finding(
                .problem, .severalEnvironments, .service(wish.service.name),
                "It has data of several environments in '\(name)', and the configuration does not say which is meant: \(shown).",
                remedy: "Give the service its `environment`.")
        }
        if error.code == .unknownSubject, let environment = wish.service.environment, !environments.isEmpty,
            !environments.contains(environment)
        {
            return Finding(
                .problem, .unknownEnvironment, .service(wish.service.name),
                "It has no data of the environment '\(environment)' in '\(name)', only of \(shown).",
                remedy: "Correct the service's `environment`, or set deployment.environment.name where it runs.")
        }
        return Finding(error, about: .guardrail(wish.pair))
    }

    /// Tells where the configuration names an environment that nothing selects.
    private func environmentFinding(_ definition: SeriesDefinition, _ wish: SeriesWish) -> Finding? {
        guard let environment = wish.service.environment,
            definition.variant?.hasSuffix(SeriesIdentity.noEnvironment) ?? false
        else { return nil }
        return Finding(
            .note, .unlabelledEnvironment, .service(wish.service.name),
            "Series in '\(name)' that it is judged by bear no environment, so that '\(environment)' selects nothing: data of"
                + " another environment under the same name would be mixed in.",
            remedy: "Let the label deployment_environment_name be stored with them, or see that this source holds one"
                + " environment alone.")
    }

    private func examineOwnQuery(
        _ examination: inout SourceExamination, _ wish: SeriesWish, _ scans: [PromQLScan], _ discovery: Discovery?
    ) {
        guard case .query(let query) = wish.guardrail.measure else { return }
        let raw = scans.flatMap(\.metrics).filter(\.isRawCounter).map(\.name)
        if !raw.isEmpty {
            examination.find(
                Finding(
                    .warning, .rawCounter, .guardrail(wish.pair),
                    "Its query takes \(list(Array(Set(raw)).sorted())) as it stands: a counter grows until its process restarts,"
                        + " whatever happens.",
                    remedy: "Take how much it grew: rate(…[{window}]) or increase(…[{window}]), inside sum()."))
        }
        let texts = [query.text, query.events].compactMap { $0 }
        let selects = scans.contains { $0.labels.contains { $0.contains("env") } }
        guard !selects, !texts.contains(where: { $0.contains("{environment}") }),
            let service = wish.service.bindings[name]?["service"],
            let environments = discovery?.environments(of: service, on: Set(scans.flatMap(\.metrics).map(\.name))),
            environments.count > 1
        else { return }
        examination.find(
            Finding(
                .warning, .severalEnvironments, .guardrail(wish.pair),
                "Its query names no environment, and its metrics have several of this service:"
                    + " \(list(environments.sorted())).",
                remedy: "Select one in the query, for example deployment_environment_name=\"{environment}\"."))
    }

    /// Asks own queries for the newest window, to tell a value that is no number from none.
    private func examineNumbers(_ examination: inout SourceExamination, _ wishes: [SeriesWish]) async {
        var asked: [String: [ReplySeries]] = [:]
        for wish in wishes {
            guard case .query = wish.guardrail.measure, let definition = examination.definitions[wish.pair],
                asked[definition.query] != nil || asked.count < Self.mostQueries
            else { continue }
            if asked[definition.query] == nil {
                do {
                    asked[definition.query] = try await api.instant(definition.query, at: wish.at).series
                } catch {
                    // Its windows are asked next, and tell it.
                    asked[definition.query] = []
                }
            }
            let label = definition.details[DetailKey.label]
            let own = (asked[definition.query] ?? []).filter { series in
                label.map { series.labels[$0] == definition.details[DetailKey.value] } ?? true
            }
            guard own.count == 1, let series = own.first, !series.hasHistograms, let value = series.values.first,
                !value.isFinite
            else { continue }
            examination.find(
                Finding(
                    .warning, .notANumber, .guardrail(wish.pair),
                    "Its query gives \(value.isNaN ? "NaN" : "an infinite number") at \(wish.at), which is no value: the window is"
                        + " unproven (no-data).",
                    remedy:
                        "Mend a division by 0; where that is no traffic, count it with `events:`, and the window is idle."
                ))
        }
    }

    /// The most own queries that are asked for one instant.
    private static let mostQueries = 64
}

extension SourceExamination {
    /// Adds a finding unless the same was added before.
    fileprivate mutating func find(_ finding: Finding, once: Bool) {
        guard !once || !diagnosis.findings.contains(finding) else { return }
        find(finding)
    }
}
