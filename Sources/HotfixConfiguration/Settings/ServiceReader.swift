import HotfixCore

/// Reads one service of `hotfix.yaml`.
struct ServiceReader {
    /// The type of each source, empty where it is unknown.
    var sourceTypes: [String: String]

    func service(_ keys: KeyedFields<ServiceKey>) -> Service? {
        let name = keys.required(.name).flatMap(name)
        var service = Service(name: name ?? "")
        service.environment = keys[.environment]?.text("the name of an environment")?.text
        var isWhole = name != nil && (keys[.environment] == nil || service.environment != nil)
        for entry in keys.others {
            // A source that is wrong itself still says that the service is bound to it.
            let binding = sourceTypes[entry.name].flatMap(SourceType.init) == nil ? [:] : binding(entry)
            if let binding { service.bindings[entry.name] = binding } else { isWhole = false }
        }
        return isWhole ? service : nil
    }

    private func name(_ field: Field) -> String? {
        guard let text = field.text("the name of the service") else { return nil }
        guard !text.text.contains("/"), text.text.utf8.count <= 200 else {
            field.report("must not have a '/' in it, nor more than 200 bytes.", "The names in sources are given apart.")
            return nil
        }
        return text.text
    }

    private func binding(_ entry: Entry) -> [String: String]? {
        switch sourceTypes[entry.name].flatMap(SourceType.init) {
        case .prometheus, .otlp:
            let name = entry.field.keyed(PrometheusBindingKey.self)?.required(.service)?.text("the name of the service")
            return name.map { [PrometheusBindingKey.service.rawValue: $0.text] }
        case .sentry:
            let project = entry.field.keyed(SentryBindingKey.self)?.required(.project)
            return project.flatMap { slug($0, "the slug or id of a project") }
                .map { [SentryBindingKey.project.rawValue: $0] }
        case nil: return nil
        }
    }

    /// Reports what a service lacks for its policy.
    func check(_ settings: ServiceSettings, _ field: Field) {
        // Guardrails of a source that is wrong itself are not known.
        if settings.pairs.isEmpty, !sourceTypes.values.contains("") {
            let names = Set(settings.policy.guardrails.map(\.source)).sorted().map { "'\($0)'" }.joined(
                separator: " or ")
            field.report(
                "no guardrail of '\(settings.policyName)' applies to the service '\(settings.service.name)'.",
                "Say what it is called in \(names).")
        }
        guard settings.service.environment == nil else { return }
        for guardrail in settings.policy.guardrails where settings.service.bindings[guardrail.source] != nil {
            guard case .query(let query) = guardrail.measure,
                [query.text, query.events ?? ""].contains(where: { $0.contains("{environment}") })
            else { continue }
            field.report(
                "the query of '\(guardrail.name)' needs an environment, and the service names none.",
                "Add 'environment'.")
        }
    }
}
