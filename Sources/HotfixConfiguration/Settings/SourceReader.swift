import HotfixCore

/// Reads one source of `hotfix.yaml`.
struct SourceReader {
    var name: String

    /// Sentry calls a bucket incomplete for 90 s after its end; 5 s more for clocks.
    private static let shortestSentrySettle: Seconds = 95

    /// The type that a source claims, nil where it claims none that is known.
    static func type(of field: Field) -> SourceType? {
        field.peek("type")?.literal.flatMap(SourceType.init)
    }

    func source(_ field: Field) -> SourceSettings? {
        guard let type = Self.type(of: field) else {
            reportType(field)
            return nil
        }
        switch type {
        case .prometheus: return field.keyed(PrometheusKey.self).flatMap(prometheus)
        case .sentry: return field.keyed(SentryKey.self).flatMap(sentry)
        }
    }

    private func reportType(_ field: Field) {
        guard let entries = field.entries() else { return }
        let names = SourceType.allCases.map(\.rawValue)
        guard let type = entries.first(where: { $0.name == "type" })?.field else {
            return field.report("'type' is missing.", "One of: \(names.joined(separator: ", ")).")
        }
        // A type decides over the keys: it is read as it stands, and named in the file.
        guard let written = type.scalar("the type of a source") else { return }
        type.report(
            "\(written.quoted) is not a type of source.", suggestion(for: written.text, in: names, called: "One of"))
    }

    private func prometheus(_ keys: KeyedFields<PrometheusKey>) -> SourceSettings? {
        let url = keys.required(.url)?.url()
        let hints = SourceSettings.Prometheus(
            serviceLabel: keys[.serviceLabel]?.text("the name of a label")?.text,
            environmentLabel: keys[.environmentLabel]?.text("the name of a label")?.text)
        var source = SourceSettings(name: name, url: url ?? "", kind: .prometheus(hints), timing: .prometheus)
        if let bearer = keys[.bearer]?.secret() { source.credentials = .bearer(bearer) }
        if let basic = keys[.basic].flatMap(basic) {
            source.credentials = basic
            if keys[.bearer] != nil {
                keys.refuse([.basic], because: "'bearer' and 'basic' are both given.", "Keep one.")
            }
        }
        read(timeout: keys[.timeout], settle: keys[.settle], recheck: keys[.recheck], into: &source)
        read(headers: keys[.headers], tls: keys[.tls], into: &source)
        return url == nil ? nil : source
    }

    private func sentry(_ keys: KeyedFields<SentryKey>) -> SourceSettings? {
        let url = keys[.url].map { $0.url() } ?? "https://sentry.io"
        let organization = keys.required(.organization).flatMap { slug($0, "the slug of an organization") }
        let token = keys.required(.token)?.secret()
        guard let url, let organization, let token else {
            checkRest(keys)
            return nil
        }
        let outcomes = keys[.outcomes]?.boolean() ?? true
        var source = SourceSettings(
            name: name, url: url, kind: .sentry(.init(organization: organization, token: token, outcomes: outcomes)),
            timing: .sentry, credentials: .bearer(token))
        readRest(keys, into: &source)
        return source
    }

    private func checkRest(_ keys: KeyedFields<SentryKey>) {
        _ = keys[.outcomes]?.boolean()
        var ignored = SourceSettings(name: name, url: "", kind: .prometheus(.init()), timing: .sentry)
        readRest(keys, into: &ignored)
    }

    private func readRest(_ keys: KeyedFields<SentryKey>, into source: inout SourceSettings) {
        read(timeout: keys[.timeout], settle: keys[.settle], recheck: keys[.recheck], into: &source)
        if let settle = keys[.settle], source.timing.settle < Self.shortestSentrySettle {
            settle.report("Sentry's windows are incomplete for 90 s.", "Write 95s or more.")
        }
        read(headers: keys[.headers], tls: keys[.tls], into: &source)
    }

    private func basic(_ field: Field) -> SourceSettings.Credentials? {
        guard let keys = field.keyed(BasicKey.self) else { return nil }
        let username = keys.required(.username)?.text("a user name")
        if let username, username.text.contains(":") { keys[.username]?.report("must not have a colon in it.") }
        let password = keys.required(.password)?.secret()
        guard let username, let password else { return nil }
        return .basic(username: username.text, password: password)
    }

    private func read(timeout: Field?, settle: Field?, recheck: Field?, into source: inout SourceSettings) {
        if let timeout = timeout?.duration() { source.timeout = timeout }
        if let settle = settle?.duration(allowsZero: true) { source.timing.settle = settle }
        if let recheck = recheck?.duration(allowsZero: true) { source.timing.recheck = recheck }
        if let field = recheck ?? settle, source.timing.recheck < source.timing.settle {
            field.report(
                "a window is due after \(formatDuration(source.timing.settle)), but asked again only until "
                    + "\(formatDuration(source.timing.recheck)).", "Make 'recheck' longer than 'settle'.")
        }
    }

    private func read(headers: Field?, tls: Field?, into source: inout SourceSettings) {
        for entry in headers?.entries() ?? [] {
            if let header = header(entry, besides: source.headers) { source.headers.append(header) }
        }
        if case .bearer = source.credentials { refuseAuthorization(headers) }
        if case .basic = source.credentials { refuseAuthorization(headers) }
        guard let keys = tls?.keyed(TLSKey.self) else { return }
        source.tls = SourceSettings.TLS(
            caFile: keys[.caFile]?.path(), certificateFile: keys[.certificateFile]?.path(),
            keyFile: keys[.keyFile]?.path(), keyPassword: keys[.keyPassword]?.secret())
        if keys[.certificateFile] == nil {
            keys.refuse([.keyFile, .keyPassword], because: "belongs to a certificate.", "Give 'certificate_file' too.")
        }
    }

    private func refuseAuthorization(_ headers: Field?) {
        for entry in headers?.entries() ?? [] where entry.name.lowercased() == "authorization" {
            entry.key.report("the source has credentials already.", "Keep one of them.")
        }
    }

    private func header(_ entry: Entry, besides others: [SourceSettings.Header]) -> SourceSettings.Header? {
        let isToken =
            !entry.name.isEmpty
            && entry.name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "!#$%&'*+-.^_`|~".contains($0)) }
        guard isToken else {
            entry.key.report("'\(entry.name)' cannot be the name of a header.")
            return nil
        }
        guard !others.contains(where: { $0.name.lowercased() == entry.name.lowercased() }) else {
            entry.key.report("'\(entry.name)' is written more than once here.", "Keep one.")
            return nil
        }
        if isSecretHeader(entry.name) {
            return entry.field.secret().map { SourceSettings.Header(name: entry.name, value: $0) }
        }
        return entry.field.text("the value of a header").map { .init(name: entry.name, value: Secret($0.text)) }
    }

    /// Whether a header's name says that its value proves something.
    private func isSecretHeader(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["auth", "cookie", "token", "secret", "password", "key"].contains(where: name.contains)
    }
}

/// A name as Sentry makes it for organizations and projects; an id of digits is one too.
func slug(_ field: Field, _ expected: String) -> String? {
    guard let text = field.text(expected) else { return nil }
    let isSlug = text.text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
    guard isSlug, text.text.utf8.count <= 100 else {
        field.report(
            "\(text.quoted) is not \(expected).", "It is the word that Sentry shows in the address of its pages.")
        return nil
    }
    return text.text
}
