import HotfixCore

/// Reads `hotfix.yaml`, and the policies that it names.
final class SettingsReader {
    private let path: String
    private let references: References
    private let reading: Reading
    private var policies: [String: Policy?] = [:]
    private var policyDiagnostics: [Diagnostic] = []

    init(path: String, references: References) {
        self.path = path
        self.references = references
        reading = Reading(file: path.isEmpty ? "hotfix.yaml" : path, references: references)
    }

    func settings(_ text: String) throws -> Settings {
        let settings = reading.root(of: text).flatMap(settings)
        let diagnostics = reading.sortedDiagnostics + policyDiagnostics
        guard let settings, diagnostics.isEmpty else { throw SettingsError(diagnostics) }
        return settings
    }

    private func settings(_ field: Field) -> Settings? {
        guard let keys = field.keyed(SettingsKey.self) else { return nil }
        let state =
            keys[.state].map(state) ?? .sqlite(path: absolutePath(".hotfix/ledger.db", in: references.directory))
        let remindEvery = keys[.remindEvery]?.duration(allowsZero: true) ?? 3600
        var tracker = keys[.tracker].flatMap(tracker)
        let serve = keys[.serve].flatMap(serve)
        var sources: [SourceSettings] = []
        var sourceTypes: [String: String] = [:]
        let sourcesField = keys.required(.sources, "Name at least one.")
        if let sourcesField, sourcesField.isEmptyMapping {
            sourcesField.report("names no source.", "Name at least one.")
        }
        for entry in sourcesField?.entries() ?? [] {
            let (source, type) = source(entry)
            sourceTypes[entry.name] = type
            if let source { sources.append(source) }
        }
        let services = services(keys, sourceTypes: sourceTypes)
        let receivers = receivers(keys, services: services, sources: sources, sourceTypes: sourceTypes)
        if tracker?.forge == nil { tracker?.forge = receivers.gate?.forge }
        let retention = retention(keys[.retention], services: services)
        let release = keys[.release].flatMap(ReleaseReader().release)
        guard let state else { return nil }
        var settings = Settings(
            path: path, state: state, sources: sources, services: services, tracker: tracker, remindEvery: remindEvery,
            ledgerRetention: retention, serve: serve ?? ServeSettings(), channels: receivers.channels,
            annotations: receivers.annotations, gate: receivers.gate, heartbeat: receivers.heartbeat)
        settings.release = release ?? ReleaseSettings()
        return settings
    }

    private struct Receivers {
        var channels: [ChannelSettings] = []
        var annotations: [AnnotationSettings] = []
        var gate: GateSettings?
        var heartbeat: HeartbeatSettings?
    }

    /// Whom messages go to, and what shows the state.
    private func receivers(
        _ keys: KeyedFields<SettingsKey>, services: [ServiceSettings], sources: [SourceSettings],
        sourceTypes: [String: String]
    ) -> Receivers {
        var names = ReceiverNames()
        var receivers = Receivers()
        // A service or a source that is wrong itself is reported once, where it stands.
        let isWhole = services.count == keys[.services].flatMap { $0.isList ? $0.elements()?.count : nil }
        if let field = keys[.notify] {
            let reader = ChannelReader(services: isWhole ? Set(services.map(\.service.name)) : nil)
            receivers.channels = reader.channels(field, names: &names)
        }
        var reader = DisplayReader(
            services: isWhole ? services.map(\.service) : nil, sources: sources, sourceTypes: sourceTypes)
        if let tracker = keys[.tracker], tracker.peek(TrackerKey.github.rawValue) == nil {
            reader.gateUses.insert(.forge)
        }
        if let field = keys[.annotate] { receivers.annotations = reader.annotations(field, names: &names) }
        receivers.gate = keys[.gate].flatMap(reader.gate)
        receivers.heartbeat = keys[.heartbeat].flatMap(reader.heartbeat)
        return receivers
    }

    private func state(_ field: Field) -> StateLocation? {
        guard let text = field.text("a location such as sqlite:.hotfix/ledger.db") else { return nil }
        let scheme = text.text.prefix { $0 != ":" }.lowercased()
        guard !["postgresql", "postgres"].contains(scheme) else {
            field.report("PostgreSQL is not supported by this build.", "Write sqlite:PATH.")
            return nil
        }
        let location = String(text.text.dropFirst(7))
        guard text.text.hasPrefix("sqlite:"), !location.isEmpty, !location.hasPrefix("//"), !location.hasPrefix(":"),
            !location.hasSuffix("/"), !location.contains("?")
        else {
            field.report("this is no place of a ledger.", "Write sqlite:PATH, such as sqlite:.hotfix/ledger.db.")
            return nil
        }
        return .sqlite(path: absolutePath(location, in: references.directory))
    }

    private func serve(_ field: Field) -> ServeSettings? {
        guard let keys = field.keyed(ServeKey.self) else { return nil }
        let settings = ServeSettings(
            readToken: keys[.readToken].flatMap(serverToken), writeToken: keys[.writeToken].flatMap(serverToken),
            otlpToken: keys[.otlpToken].flatMap(serverToken), url: keys[.url].flatMap(serverURL))
        if let token = settings.readToken, token == settings.writeToken {
            field.report("'read_token' and 'write_token' are the same.", "Give two: whoever reads must not write.")
        }
        return settings
    }

    private func serverURL(_ field: Field) -> String? {
        guard let url = field.url() else { return nil }
        guard isPrivate(url) else {
            field.report("is plain http to another machine.", "Write the https address that people open.")
            return nil
        }
        return url
    }

    /// A token that goes as a header, and is too long to be guessed.
    private func serverToken(_ field: Field) -> Secret? {
        guard let token = field.secret(for: .server), references.secrets.contains(.server) else { return nil }
        guard token.value.utf8.count >= 16 else {
            field.report("the token is shorter than 16 characters.", "Make one by: openssl rand -hex 32")
            return nil
        }
        guard token.value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            field.report(
                "the token holds a blank, or a character that is not ASCII.", "Make one by: openssl rand -hex 32")
            return nil
        }
        return token
    }

    private func tracker(_ field: Field) -> TrackerSettings? {
        guard let keys = field.keyed(TrackerKey.self) else { return nil }
        let folder = absolutePath("docs/OPERATIONS", in: references.directory)
        let statusFile = keys[.statusFile].map { $0.path() ?? "" } ?? "\(folder)/hotfix-status.json"
        var settings = TrackerSettings(
            statusFile: statusFile,
            outstandingFile: keys[.outstandingFile].map { $0.path() ?? "" } ?? outstandingReport(beside: statusFile),
            publish: keys[.publish]?.choice(TrackerSettings.Publish.self) ?? .none)
        if !settings.statusFile.isEmpty, settings.statusFile == settings.outstandingFile {
            field.report("'status_file' and 'outstanding_file' are the same file.", "Name two.")
        }
        TrackerReader().read(keys, into: &settings)
        return settings
    }

    /// A source, and its type even where something else of it is wrong; the type is empty where it is unknown.
    private func source(_ entry: Entry) -> (SourceSettings?, String) {
        guard isPlainName(entry) else { return (nil, "") }
        if ServiceKey(rawValue: entry.name) != nil {
            entry.key.report(
                "a source cannot be called '\(entry.name)': services have a key of that name.", "Rename it.")
        }
        return (
            SourceReader(name: entry.name).source(entry.field), SourceReader.type(of: entry.field)?.rawValue ?? ""
        )
    }

    private func services(_ keys: KeyedFields<SettingsKey>, sourceTypes: [String: String]) -> [ServiceSettings] {
        let list = keys.required(.services, "Name at least one.")?.elements()
        let elements = list ?? []
        if list?.isEmpty == true { keys[.services]?.report("names no service.", "Name at least one.") }
        // Without sources, every guardrail would be wrong again.
        let standard = sourceTypes.isEmpty ? nil : standardPolicy(keys, elements, sourceTypes)
        var names: Set<String> = []
        return elements.compactMap { element -> ServiceSettings? in
            guard let keys = element.keyed(ServiceKey.self, allowing: Array(sourceTypes.keys.sorted())) else {
                return nil
            }
            let reader = ServiceReader(sourceTypes: sourceTypes)
            let service = reader.service(keys)
            if let name = service?.name, !names.insert(name).inserted {
                keys[.name]?.report("a service of the name '\(name)' is there already.", "Rename one of them.")
            }
            let policy = keys[.policy].map { sourceTypes.isEmpty ? nil : namedPolicy($0, sourceTypes) } ?? standard
            guard let service, let policy else { return nil }
            let settings = ServiceSettings(
                service: service, policy: policy.policy, policyName: policy.name, policyFile: policy.file)
            reader.check(settings, element)
            return settings
        }
    }

    private struct NamedPolicy {
        var policy: Policy
        var name: String
        var file: String?
    }

    /// The policy of the services that name none: the one given, else the runbook's where any service needs it.
    private func standardPolicy(
        _ keys: KeyedFields<SettingsKey>, _ services: [Field], _ sourceTypes: [String: String]
    ) -> NamedPolicy? {
        if let field = keys[.policy] { return namedPolicy(field, sourceTypes) }
        guard services.contains(where: { $0.isMapping && $0.peek(ServiceKey.policy.rawValue) == nil }) else {
            return nil
        }
        let name = "runbook (built in)"
        return parsed(runbookPolicyText, file: name, sourceTypes).map { NamedPolicy(policy: $0, name: name) }
    }

    private func namedPolicy(_ field: Field, _ sourceTypes: [String: String]) -> NamedPolicy? {
        guard let written = field.text("the path of a policy")?.text, let file = field.path() else { return nil }
        if let known = policies[file] { return known.map { NamedPolicy(policy: $0, name: written, file: file) } }
        policies[file] = .some(nil)
        let text: String
        do { text = try references.readFile(file) } catch {
            field.report("the policy '\(file)' \(reason(error)).")
            return nil
        }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let policy = parsed(text, file: written.hasPrefix("/") ? written : folder + written, sourceTypes)
        policies[file] = .some(policy)
        return policy.map { NamedPolicy(policy: $0, name: written, file: file) }
    }

    private func parsed(_ text: String, file: String, _ sourceTypes: [String: String]) -> Policy? {
        do { return try parsePolicy(text: text, file: file, sourceTypes: sourceTypes) } catch {
            policyDiagnostics += (error as? SettingsError)?.diagnostics ?? []
            return nil
        }
    }

    /// The ledger must keep what a look-back needs, and two weeks in which a hotfix may be watched.
    private func retention(_ field: Field?, services: [ServiceSettings]) -> Seconds {
        let retention = field?.duration() ?? 90 * 86_400
        let lookback =
            services.flatMap(\.policy.guardrails).filter(\.hasRelativeLimit).map(\.baseline.lookback).max() ?? 0
        let least = lookback + 14 * 86_400
        if retention < least {
            let message = "\(formatDuration(retention)) is less than the longest look-back and 14 days."
            let remedy = "Write 'retention: \(formatDuration(least))' or more."
            if let field {
                field.report(message, remedy)
            } else {
                reading.report(Diagnostic(file: reading.file, key: "retention", message: message, remedy: remedy))
            }
        }
        return retention
    }
}
