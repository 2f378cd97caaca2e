package import HotfixCore

extension SentrySource {
    /// A wish with everything in it that needs no request.
    private struct Target: Sendable {
        var wish: SeriesWish
        var quantity: SentrySeries.Quantity
        var place: SentryPlace

        var question: Question { Question(place: place, quantity: quantity) }
    }

    private struct Question: Hashable {
        var place: SentryPlace
        var quantity: SentrySeries.Quantity
    }

    package func define(_ wishes: [SeriesWish]) async -> [Pair: Result<SeriesDefinition, SourceError>] {
        var results: [Pair: Result<SeriesDefinition, SourceError>] = [:]
        var targets: [Target] = []
        for wish in wishes {
            do throws(SourceError) {
                targets.append(try target(of: wish))
            } catch {
                results[wish.pair] = .failure(error)
            }
        }
        guard !targets.isEmpty else { return results }
        do throws(SourceError) {
            let region = try await region()
            let projects = try await projects(region: region)
            let found = await inParallel(Array(Set(targets.map(\.place)))) { place in
                (place, await find(place, among: projects, region: region))
            }
            let places = Dictionary(uniqueKeysWithValues: found)
            let endpoints = await endpoints(for: targets, at: places)
            for target in targets {
                results[target.wish.pair] = definition(of: target, at: places[target.place], endpoints)
            }
        } catch {
            for target in targets { results[target.wish.pair] = .failure(error) }
        }
        return results
    }

    private func target(of wish: SeriesWish) throws(SourceError) -> Target {
        guard case .builtIn(let measure) = wish.guardrail.measure, let quantity = SentrySeries.Quantity(measure) else {
            throw SourceError(
                .refused,
                "\(name): \(wish.pair): Sentry takes no query and no measure '\(wish.guardrail.measure.text)'."
                    + " Use `measure: error-rate`, `failure-rate` or `crash-free-sessions`."
            )
        }
        guard let project = wish.service.bindings[name]?["project"], !project.isEmpty else {
            throw SourceError(
                .refused,
                "\(name): the service '\(wish.service.name)' names no Sentry project."
                    + " Give it `\(name): {project: …}` with the project's slug or id."
            )
        }
        try checkStretch(
            window: wish.window, over: wish.guardrail.over ?? wish.window, quantity, of: wish.pair
        )
        let place = SentryPlace(project: project, environment: wish.service.environment)
        return Target(wish: wish, quantity: quantity, place: place)
    }

    /// Asks sentry.io for the server of the organization's region; a server of one's own is its only region.
    func region() async throws(SourceError) -> String? {
        guard findsRegion else { return nil }
        let address = SentryAddress(
            base: base, path: ["organizations", organization], query: [.init("detailed", "0")]
        )
        do throws(SentryFailure) {
            let reply = try await caller.get(address, about: subject("the region"), as: SentryOrganization.self)
            return try trusted(region: reply.body.links?.regionUrl)
        } catch {
            throw error.error
        }
    }

    private func trusted(region: String?) throws(SentryFailure) -> String? {
        do throws(SourceError) {
            return try trustedRegion(region, source: name, organization: organization)
        } catch {
            throw SentryFailure(error)
        }
    }

    func projects(region: String?) async throws(SourceError) -> [SentryProject] {
        let address = SentryAddress(
            base: region ?? base, path: ["organizations", organization, "projects"], query: [.init("per_page", "100")]
        )
        do throws(SentryFailure) {
            return try await caller.pages(address, about: subject("the projects"), of: SentryProject.self)
        } catch {
            throw error.error
        }
    }

    /// Finds a project by id or slug, and makes sure that it knows the environment.
    func find(_ place: SentryPlace, among projects: [SentryProject], region: String?)
        async -> Result<SentryPlace.Found, SourceError>
    {
        guard
            let project = projects.first(where: { $0.id == place.project })
                ?? projects.first(where: { $0.slug == place.project })
        else {
            let others = known(projects.map(\.slug), insteadOf: place.project)
            return .failure(
                SourceError(
                    .unknownSubject,
                    "\(name): the organization '\(organization)' shows this token no project '\(place.project)'\(others)."
                        + " Correct the service's project, or give the token's integration access to it."
                )
            )
        }
        let found = SentryPlace.Found(
            id: project.id, slug: project.slug, environment: place.environment, region: region,
            firstEvent: project.firstEvent.flatMap(second(of:))
        )
        guard let environment = place.environment, !(project.environments ?? []).contains(environment) else {
            return .success(found)
        }
        // The project's own list leaves hidden environments out.
        let address = SentryAddress(
            base: region ?? base, path: ["projects", organization, project.slug, "environments"],
            query: [.init("visibility", "all")]
        )
        do throws(SentryFailure) {
            let about = subject("the environments", project: project.slug)
            let all = try await caller.pages(address, about: about, of: SentryEnvironment.self).map(\.name)
            if all.contains(environment) { return .success(found) }
            return .failure(
                SourceError(
                    .unknownSubject,
                    "\(name): the project '\(project.slug)' of organization '\(organization)' has no environment"
                        + " '\(environment)'\(known(all, insteadOf: environment))."
                        + " Correct the service's environment; Sentry learns of one with its first event."
                )
            )
        } catch {
            return .failure(error.error)
        }
    }

    /// Finds the endpoint that gives each quantity, by asking the places for one window until one answers.
    private func endpoints(for targets: [Target], at places: [SentryPlace: Result<SentryPlace.Found, SourceError>])
        async -> [Question: Result<SentrySeries.Endpoint, SourceError>]
    {
        var settled: [SentrySeries.Quantity: Result<SentrySeries.Endpoint, SourceError>] = [:]
        var results: [Question: Result<SentrySeries.Endpoint, SourceError>] = [:]
        for target in targets {
            guard case .success(let found)? = places[target.place] else { continue }
            let question = target.question
            guard results[question] == nil else { continue }
            if let known = settled[target.quantity] {
                results[question] = known
                continue
            }
            let answer = await endpoint(for: target, at: found)
            results[question] = answer
            if isOfServer(answer) { settled[target.quantity] = answer }
        }
        return results
    }

    private func endpoint(for target: Target, at found: SentryPlace.Found)
        async -> Result<SentrySeries.Endpoint, SourceError>
    {
        let window = target.wish.window
        let range = Span(start: target.wish.at - window, end: target.wish.at, step: window)
        var failure = SourceError(.failed, "\(name): \(subject(target.quantity.rawValue)): no endpoint was asked.")
        for endpoint in target.quantity.endpoints {
            let series = found.series(target.quantity, endpoint)
            do throws(SentryFailure) {
                _ = try await readBuckets(of: series, range)
                return .success(endpoint)
            } catch {
                failure = error.error
                guard error.kind == .noEndpoint else { return .failure(failure) }
            }
        }
        return .failure(failure)
    }

    /// Whether an answer says something of the server rather than of the project that was asked for.
    private func isOfServer(_ answer: Result<SentrySeries.Endpoint, SourceError>) -> Bool {
        switch answer {
        case .success: true
        case .failure(let error):
            switch error.code {
            case .refused, .unknownSubject, .credentials, .ambiguous: false
            case .unreachable, .timedOut, .rateLimited, .failed, .clock, .partial, .malformed: true
            }
        }
    }

    private func definition(
        of target: Target, at place: Result<SentryPlace.Found, SourceError>?,
        _ endpoints: [Question: Result<SentrySeries.Endpoint, SourceError>]
    ) -> Result<SeriesDefinition, SourceError> {
        let missing = SourceError(
            .failed, "\(name): \(target.wish.pair) was not asked about. The next check asks again.")
        return (place ?? .failure(missing)).flatMap { found in
            let question = target.question
            return (endpoints[question] ?? .failure(missing)).map { endpoint in
                found.series(target.quantity, endpoint).definition(
                    source: name, base: base, organization: organization, window: target.wish.window,
                    firstEvent: target.quantity == .errors ? found.firstEvent : nil
                )
            }
        }
    }
}
