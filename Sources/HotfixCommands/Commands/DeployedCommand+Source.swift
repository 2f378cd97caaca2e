import HotfixConfiguration
import HotfixCore
import HotfixHTTP
import HotfixSources

extension DeployedCommand {
    /// Fills in what `--from` reads from a source: version, time and commit, where they were not given.
    ///
    /// - Parameters:
    ///   - source: The source's name.
    ///   - workplace: The configuration, with secrets.
    /// - Throws: `CommandError` where the source is none of Sentry's, knows no deploy, or knows different ones of the services.
    mutating func fillIn(from source: String, _ workplace: Workplace) async throws {
        let settings = workplace.settings
        guard let named = settings.sources.first(where: { $0.name == source }) else {
            let known = settings.sources.map { "'\($0.name)'" }.joined(separator: ", ")
            throw CommandError(
                .wrong, "--from names no source of \(settings.path): '\(oneLine(source))'. It knows: \(known).")
        }
        guard named.type == .sentry else {
            throw CommandError(
                .wrong,
                "--from '\(oneLine(source))' is of type \(named.type.rawValue), which records no deployments. Name a source"
                    + " of type sentry.")
        }
        let chosen = try workplace.selected(services)
        let wanted = settings.services.map(\.service).filter { chosen?.contains($0.name) ?? true }
        if let unbound = wanted.first(where: { $0.bindings[source] == nil }) {
            throw CommandError(
                .wrong,
                "Service '\(oneLine(unbound.name))' names no project at '\(oneLine(source))'. Name the others with --service,"
                    + " and record that one with --commit.")
        }
        let found = try await ask(source, workplace, wanted)
        guard let first = found.first?.deployment else { return }
        guard found.allSatisfy({ $0.deployment.version == first.version && $0.deployment.at == first.at }) else {
            let list = found.map { "'\($0.service)' \($0.deployment.version) at \($0.deployment.at)" }
            throw CommandError(
                .wrong,
                "The services were deployed differently: \(oneLine(list.joined(separator: ", "))). Record each by itself,"
                    + " with --service.")
        }
        guard let commit = commit ?? first.commit else {
            throw CommandError(
                .wrong,
                "Sentry knows no full commit id of release '\(oneLine(first.version))'. Give it with --commit, or associate"
                    + " commits with the release (sentry-cli releases set-commits).")
        }
        self.commit = commit
        version = first.version
        at = at ?? first.at.description
        if let note = first.note { Surroundings.current.writeError("hotfix: \(oneLine(note))\n") }
        if format == .text {
            try Surroundings.current.write("From \(oneLine(source)): version \(oneLine(first.version)).\n")
        }
    }

    private func ask(
        _ source: String, _ workplace: Workplace, _ services: [Service]
    ) async throws -> [(service: String, deployment: SentryDeployment)] {
        let surroundings = Surroundings.current
        let client = surroundings.client()
        let sentry = workplace.sources(client).first { $0.name == source } as? SentrySource
        let results = await sentry?.deployments(of: services, version: version) ?? [:]
        await client.shutDown()
        return try services.compactMap { service in
            switch results[service.name] {
            case .success(let deployment): return (service.name, deployment)
            case .failure(let error):
                throw CommandError(
                    error.isConfigurationError ? .wrong : .unfinished,
                    "\(oneLine(service.name)): \(oneLine(error.message))")
            case nil: return nil
            }
        }
    }
}
