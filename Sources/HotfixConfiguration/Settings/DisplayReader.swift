import HotfixCore

/// Reads what `hotfix.yaml` says of annotations, the gate and the heartbeat.
struct DisplayReader {
    /// The services; nil where one of them is wrong itself.
    var services: [Service]?
    /// The sources that are well.
    var sources: [SourceSettings]
    /// The type of each source, empty where it is unknown.
    var sourceTypes: [String: String]
    /// What the gate's token is for; the tracker's too, where that names no repository of its own.
    var gateUses: Set<SecretUse> = [.channels]

    func annotations(_ field: Field, names: inout ReceiverNames) -> [AnnotationSettings] {
        let elements = field.elements() ?? []
        names.reserve(elements)
        return elements.compactMap { element in
            guard let type: AnnotationType = element.type(of: "annotation") else { return nil }
            let name = names.name(of: element, type.rawValue)
            let kind: AnnotationSettings.Kind? =
                switch type {
                case .grafana: element.keyed(GrafanaKey.self).flatMap(grafana).map { .grafana($0) }
                case .sentry: element.keyed(SentryDeploysKey.self).flatMap(sentry).map { .sentry($0) }
                }
            guard let kind, let name else { return nil }
            return AnnotationSettings(name: name, kind: kind)
        }
    }

    private func grafana(_ keys: KeyedFields<GrafanaKey>) -> AnnotationSettings.Grafana? {
        let url = keys.required(.url)?.receiverURL()
        let token = keys.required(.token)?.secret(for: .channels)
        var dashboards: [String] = []
        for element in keys[.dashboards]?.elements() ?? [] {
            guard let uid = uid(element) else { continue }
            if dashboards.contains(uid) {
                element.report("'\(uid)' is written more than once here.", "Keep one.")
            } else {
                dashboards.append(uid)
            }
        }
        if keys[.dashboards]?.isList == true, keys[.dashboards]?.elements()?.isEmpty == true {
            keys[.dashboards]?.report(
                "names no dashboard.", "Name at least one, or remove the key to annotate the whole organization.")
        }
        guard let url, let token else { return nil }
        return AnnotationSettings.Grafana(url: url, token: token, dashboards: dashboards)
    }

    /// The uid of a dashboard: at most 40 letters, digits, `-` and `_`.
    private func uid(_ field: Field) -> String? {
        guard let text = field.text("the uid of a dashboard") else { return nil }
        guard text.text.utf8.count <= 40,
            text.text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) })
        else {
            field.report(
                "\(text.quoted) is not the uid of a dashboard.", "It is the word behind /d/ in the dashboard's address."
            )
            return nil
        }
        return text.text
    }

    private func sentry(_ keys: KeyedFields<SentryDeploysKey>) -> AnnotationSettings.SentryDeploys? {
        if let field = keys[.source] { return sentry(keys, ofSource: field) }
        let url = keys[.url].map { $0.receiverURL() } ?? "https://sentry.io"
        let organization = keys.required(.organization, "Give it, or a 'source' of type sentry.")
            .flatMap { slug($0, "the slug of an organization") }
        let token = keys.required(.token, "Give it, or a 'source' of type sentry.")?.secret(for: .channels)
        guard let url, let organization, let token else { return nil }
        // A project of the same name elsewhere is another project.
        let names = sources.filter { source in
            guard case .sentry(let sentry) = source.kind else { return false }
            return source.url == url && sentry.organization == organization
        }.map(\.name).sorted()
        guard !names.isEmpty else {
            // A source that is wrong itself might be the one.
            if sources.count == sourceTypes.count {
                keys.field.report(
                    "no source is of the organization '\(organization)' at \(url), so no service has a project there.",
                    "Name the source whose projects are meant: 'source'.")
            }
            return nil
        }
        guard let bindings = bindings(to: names, keys.field), !bindings.isEmpty else { return nil }
        return deploys(url: url, organization: organization, token: token, bindings)
    }

    private func sentry(
        _ keys: KeyedFields<SentryDeploysKey>, ofSource field: Field
    ) -> AnnotationSettings.SentryDeploys? {
        keys.refuse(
            [.url, .organization], because: "is that of the source.", "Keep 'source', or 'organization' and 'token'.")
        let token = keys[.token]?.secret(for: .channels)
        guard let name = field.text("the name of a source") else { return nil }
        guard let type = sourceTypes[name.text] else {
            field.report(
                "there is no source of the name \(name.quoted).",
                suggestion(for: name.text, in: sourceTypes.keys.sorted(), called: "Sources"))
            return nil
        }
        guard type == SourceType.sentry.rawValue || type.isEmpty else {
            field.report("the source \(name.quoted) is not of type sentry.", "Name one that is.")
            return nil
        }
        guard keys[.token] == nil || token != nil, let bindings = bindings(to: [name.text], field), !bindings.isEmpty,
            let source = sources.first(where: { $0.name == name.text }), case .sentry(let sentry) = source.kind
        else { return nil }
        if token != nil, !isPrivate(source.url) {
            keys.refuse(
                [.token], because: "the source's url is plain http to another machine.", "Give the source an https url."
            )
        }
        var deploys = deploys(
            url: source.url, organization: sentry.organization, token: token ?? sentry.token, bindings)
        deploys.headers = source.headers
        deploys.tls = source.tls
        return deploys
    }

    /// The services with a project at one of the sources; nil where they are not known.
    private func bindings(to names: [String], _ field: Field) -> [(service: Service, project: String)]? {
        guard let services else { return nil }
        let bindings = services.compactMap { service in
            names.lazy.compactMap { service.bindings[$0]?[SentryBindingKey.project.rawValue] }.first
                .map { (service, $0) }
        }
        if bindings.isEmpty {
            field.report("no service names a project there.", "Name it at a service: {project: SLUG}.")
        }
        // Sentry takes a deploy for slugs alone, and makes none of digits only.
        for (service, project) in bindings where project.allSatisfy(\.isNumber) {
            field.report(
                "the service '\(service.name)' names its project by the id \(project), and deploys are recorded by slugs.",
                "Write the slug at the service: the word behind /projects/ in the address of the project's page.")
        }
        return bindings
    }

    private func deploys(
        url: String, organization: String, token: Secret, _ bindings: [(service: Service, project: String)]
    ) -> AnnotationSettings.SentryDeploys {
        AnnotationSettings.SentryDeploys(
            url: url, organization: organization, token: token,
            projects: Dictionary(
                bindings.map { ($0.service.name, $0.project) }, uniquingKeysWith: { first, _ in first }),
            environments: Dictionary(
                bindings.compactMap { binding in binding.service.environment.map { (binding.service.name, $0) } },
                uniquingKeysWith: { first, _ in first }))
    }

    func heartbeat(_ field: Field) -> HeartbeatSettings? {
        guard let keys = field.keyed(HeartbeatKey.self) else { return nil }
        guard let field = keys.required(.url), let url = field.secretURL() else { return nil }
        guard !url.value.contains("#") else {
            field.report("the URL has a fragment.", "Remove what follows '#': it is never sent.")
            return nil
        }
        return HeartbeatSettings(url: url)
    }
}
