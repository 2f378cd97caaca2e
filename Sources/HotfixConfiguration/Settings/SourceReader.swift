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
        guard let type: SourceType = field.type(of: "source") else { return nil }
        switch type {
        case .prometheus: return field.keyed(PrometheusKey.self).flatMap(prometheus)
        case .sentry: return field.keyed(SentryKey.self).flatMap(sentry)
        case .otlp: return field.keyed(OTLPKey.self).flatMap(otlp)
        }
    }

    private func otlp(_ keys: KeyedFields<OTLPKey>) -> SourceSettings? {
        let url = keys[.scrape].map { $0.url() } ?? ""
        var source = SourceSettings(
            name: name, url: url ?? "", kind: .otlp(isScraped: keys[.scrape] != nil),
            timing: SourceTiming(settle: 90, recheck: 900), timeout: 10)
        if keys[.scrape] == nil {
            keys.refuse(
                [.bearer, .basic, .headers, .tls, .timeout], because: "says how a page is scraped.",
                "Give 'scrape' too; what is pushed comes to `hotfix serve --otlp`.")
        } else {
            source.credentials = credentials(bearer: keys[.bearer], basic: keys[.basic], for: .sources)
            read(headers: keys[.headers], tls: keys[.tls], into: &source)
        }
        read(timeout: keys[.timeout], settle: keys[.settle], recheck: keys[.recheck], into: &source)
        return url == nil ? nil : source
    }

    private func prometheus(_ keys: KeyedFields<PrometheusKey>) -> SourceSettings? {
        let url = keys.required(.url)?.url()
        var source = SourceSettings(name: name, url: url ?? "", kind: .prometheus, timing: .prometheus)
        source.credentials = credentials(bearer: keys[.bearer], basic: keys[.basic], for: .sources)
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
        var ignored = SourceSettings(name: name, url: "", kind: .prometheus, timing: .sentry)
        readRest(keys, into: &ignored)
    }

    private func readRest(_ keys: KeyedFields<SentryKey>, into source: inout SourceSettings) {
        read(timeout: keys[.timeout], settle: keys[.settle], recheck: keys[.recheck], into: &source)
        if let settle = keys[.settle], source.timing.settle < Self.shortestSentrySettle {
            settle.report("Sentry's windows are incomplete for 90 s.", "Write 95s or more.")
        }
        read(headers: keys[.headers], tls: keys[.tls], into: &source)
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
        source.headers = headers?.headers(for: .sources, besides: source.credentials) ?? []
        if let tls = tls?.tls(for: .sources) { source.tls = tls }
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
