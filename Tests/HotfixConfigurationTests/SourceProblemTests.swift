import Testing

@testable import HotfixConfiguration

@Suite struct SourceProblemTests {
    private let prometheus = "type: prometheus, url: \"http://localhost:9090\""

    private func found(_ keys: String, environment: [String: String] = ["T": "s3cr3t"]) -> [String] {
        let text = """
            sources: {otel: {\(keys)}}
            services: [{name: checkout, otel: {service: checkout}, policy: p.yaml}]
            """
        return problems(text, environment: environment, files: smallFiles)
            .map { String($0.dropFirst("/etc/hotfix/hotfix.yaml:1: sources.otel".count)) }
    }

    @Test(arguments: [
        ("url: 'http://x'", ": 'type' is missing. One of: prometheus, sentry, otlp."),
        ("type: promtheus", ".type: 'promtheus' is not a type of source. Did you mean 'prometheus'?"),
        ("type: statsd", ".type: 'statsd' is not a type of source. One of: prometheus, sentry, otlp."),
        (
            "type: otlp, timeout: 5s",
            ".timeout: says how a page is scraped. Give 'scrape' too; what is pushed comes to `hotfix serve --otlp`."
        ),
        (
            "type: otlp, scrape: 'localhost:8889'",
            ".scrape: 'localhost:8889' is not a URL of http or https. Write one such as https://prometheus.example.com."
        ),
        (
            "type: otlp, url: 'http://x'",
            ".url: unknown key 'url'. Known keys: type, scrape, bearer, basic, headers, tls, timeout, settle, recheck."
        ),
        ("type: prometheus", ": 'url' is missing."),
    ])
    func typeAndAddressMustBeThere(keys: String, expected: String) {
        #expect(found(keys) == [expected])
    }

    @Test(arguments: [
        (
            "localhost:9090",
            "'localhost:9090' is not a URL of http or https. Write one such as https://prometheus.example.com."
        ),
        ("ftp://x", "'ftp://x' is not a URL of http or https. Write one such as https://prometheus.example.com."),
        ("file:///etc/passwd", "the file '///etc/passwd' does not exist. It was looked for at '///etc/passwd'."),
        ("http://", "'http://' is not a valid URL. Write one such as https://prometheus.example.com:9090."),
        ("http://a b", "'http://a b' is not a valid URL. Write one such as https://prometheus.example.com:9090."),
        (
            "http://x:99999",
            "'http://x:99999' is not a valid URL. Write one such as https://prometheus.example.com:9090."
        ),
        ("http://x:80a", "'http://x:80a' is not a valid URL. Write one such as https://prometheus.example.com:9090."),
        (
            "http://u:s3cr3t@x",
            "the URL holds a user name or a password. Move them out of it: a secret is never written in the file."
        ),
        ("https://x/api?a=b", "the URL has a query or a fragment. Give the base of the API only."),
        ("", "must not be empty."),
    ])
    func addressesAreChecked(url: String, expected: String) {
        #expect(found("type: prometheus, url: '\(url)'") == [".url: \(expected)"])
    }

    @Test(arguments: ["http://[::1]:9090", "HTTPS://x", "http://127.0.0.1", "http://x:1/a/b/"])
    func soundAddressesAreTaken(url: String) {
        #expect(found("type: prometheus, url: '\(url)'") == [])
    }

    @Test(arguments: [
        (
            "bearer: s3cr3t",
            "bearer: a secret is never written in the file. Write ${NAME}, file:PATH or credential:NAME."
        ),
        (
            "bearer: '$${s3cr3t}'",
            "bearer: a secret is never written in the file. Write ${NAME}, file:PATH or credential:NAME."
        ),
        (
            "bearer: '${NONE}'",
            "bearer: the environment variable 'NONE' is not set. Set it, or refer to a file: or a credential: instead."
        ),
        (
            "bearer: '${EMPTY}'",
            "bearer: the environment variable 'EMPTY' is empty. Set it, or refer to a file: or a credential: instead."
        ),
        (
            "bearer: '${T'",
            "bearer: '${' does not begin a reference of the form ${NAME}. Mend it, or write $${ where '${' itself is meant."
        ),
        (
            "bearer: '${T:-x}'",
            "bearer: '${' does not begin a reference of the form ${NAME}. Mend it, or write $${ where '${' itself is meant."
        ),
        ("bearer: 'file:gone'", "bearer: the file 'gone' does not exist. It was looked for at '/etc/hotfix/gone'."),
        ("bearer: 'file:'", "bearer: 'file:' names no file. Write file:PATH."),
        (
            "bearer: 'credential:x'",
            "bearer: the credential 'x' cannot be read: $CREDENTIALS_DIRECTORY is not set. systemd sets it for units with LoadCredential=; elsewhere refer to ${NAME} or file:PATH."
        ),
        (
            "bearer: 'credential:../x'",
            "bearer: 'credential:' is not followed by the name of a credential. Write credential:NAME."
        ),
        ("bearer: '${LINES}'", "bearer: has a line break or another control character in it."),
        (
            "bearer: 's3cr3t ${'",
            "bearer: '${' does not begin a reference of the form ${NAME}. Mend it, or write $${ where '${' itself is meant."
        ),
        ("bearer: [s3cr3t]", "bearer: must be a reference to a secret, such as ${NAME}, not a list."),
        ("bearer: ~", "bearer: has no value. Give one, or remove the key."),
        (
            "basic: {username: u, password: s3cr3t}",
            "basic.password: a secret is never written in the file. Write ${NAME}, file:PATH or credential:NAME."
        ),
        ("basic: {username: u}", "basic: 'password' is missing."),
        ("basic: {username: 'a:b', password: '${T}'}", "basic.username: must not have a colon in it."),
        (
            "headers: {Authorization: Bearer s3cr3t}",
            "headers.Authorization: a secret is never written in the file. Write ${NAME}, file:PATH or credential:NAME."
        ),
        ("headers: {X Y: z}", "headers.X Y: 'X Y' cannot be the name of a header."),
        ("headers: {a: b, A: c}", "headers.A: 'A' is written more than once here. Keep one."),
        (
            "timeout: '${T}'",
            "timeout: the value referred to is not a duration. Write one such as 90s, 5m, 1h30m, 48h or 7d, of at most 3650d."
        ),
        ("timeout: 0s", "timeout: must be longer than 0."),
        (
            "settle: 20m",
            "settle: a window is due after 20m, but asked again only until 15m. Make 'recheck' longer than 'settle'."
        ),
        ("tls: {key_file: k.pem}", "tls.key_file: belongs to a certificate. Give 'certificate_file' too."),
        ("organization: acme", "organization: unknown key 'organization'."),
        (
            "bearer: '${T}', basic: {username: u, password: '${T}'}",
            "basic: 'bearer' and 'basic' are both given. Keep one."
        ),
        (
            "bearer: '${T}', headers: {authorization: '${T}'}",
            "headers.authorization: there are credentials already. Keep one of them."
        ),
    ])
    func keysOfPrometheusAreChecked(keys: String, expected: String) {
        let found = found("\(prometheus), \(keys)", environment: ["T": "s3cr3t", "EMPTY": "", "LINES": "s3cr3t\nx"])
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(".\(expected)") == true, "\(found)")
        #expect(!found.joined().contains("s3cr3t"))
    }

    @Test(arguments: [
        ("organization: acme", ": 'token' is missing."),
        ("token: '${T}'", ": 'organization' is missing."),
        (
            "organization: a/b, token: '${T}'",
            ".organization: 'a/b' is not the slug of an organization. It is the word that Sentry shows in the address of its pages."
        ),
        (
            "organization: acme, token: '${T}', settle: 94s",
            ".settle: Sentry's windows are incomplete for 90 s. Write 95s or more."
        ),
        ("organization: acme, token: '${T}', outcomes: yes", ".outcomes: 'yes' is neither true nor false."),
        (
            "organization: acme, token: '${T}', bearer: '${T}'",
            ".bearer: unknown key 'bearer'. Known keys: type, url, organization, token, outcomes, headers, tls, timeout, settle, recheck."
        ),
        (
            "organization: acme, token: sntrys_s3cr3t",
            ".token: a secret is never written in the file. Write ${NAME}, file:PATH or credential:NAME."
        ),
    ])
    func keysOfSentryAreChecked(keys: String, expected: String) {
        let found = found("type: sentry, \(keys)")
        #expect(found.first == expected)
    }

    @Test func aReferenceWithoutQuotesInBracesIsExplained() {
        #expect(
            problems("sources: {s: {type: sentry, token: ${T}}}") == [
                "/etc/hotfix/hotfix.yaml:1: not valid YAML: while parsing a flow mapping, did not find expected ',' or "
                    + "'}'. Inside braces a value with '{' in it, such as ${NAME}, needs quotes."
            ])
    }

    @Test(arguments: ["name", "environment", "policy"])
    func aSourceMustNotBeCalledLikeAKeyOfAService(name: String) {
        let text = "sources: {\(name): {\(prometheus)}}\nservices: [{name: checkout, policy: p.yaml}]"
        #expect(
            problems(text, files: smallFiles).contains(
                "/etc/hotfix/hotfix.yaml:1: sources.\(name): a source cannot be called '\(name)': "
                    + "services have a key of that name. Rename it."))
    }
}
