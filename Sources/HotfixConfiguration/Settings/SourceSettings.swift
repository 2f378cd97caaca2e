package import HotfixCore

/// The kinds of source that a configuration may name.
package enum SourceType: String, Sendable, Hashable, CaseIterable {
    case prometheus, sentry, otlp
}

/// A source of values, checked.
package struct SourceSettings: Sendable, Hashable {
    /// A header of every request.
    package struct Header: Sendable, Hashable {
        /// The name, as written.
        package var name: String
        /// The value.
        package var value: Secret

        /// Makes a header.
        package init(name: String, value: Secret) {
            self.name = name
            self.value = value
        }
    }

    /// What a request proves itself with.
    package enum Credentials: Sendable, Hashable {
        case none
        /// `Authorization: Bearer …`; Sentry's token too.
        case bearer(Secret)
        case basic(username: String, password: Secret)
    }

    /// Whom to trust, and what to show to a server that asks for a certificate; absolute paths.
    package struct TLS: Sendable, Hashable {
        /// The authorities to trust, nil for the system's.
        package var caFile: String?
        /// The client's certificate.
        package var certificateFile: String?
        /// The key of the certificate, nil where that file holds it.
        package var keyFile: String?
        /// The password of the key.
        package var keyPassword: Secret?

        /// Makes TLS settings; the defaults are the system's.
        package init(
            caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, keyPassword: Secret? = nil
        ) {
            self.caFile = caFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
            self.keyPassword = keyPassword
        }
    }

    /// What only Sentry needs.
    package struct Sentry: Sendable, Hashable {
        /// The slug of the organization.
        package var organization: String
        /// The token, which `credentials` holds too.
        package var token: Secret
        /// Whether outcomes are asked.
        package var outcomes: Bool

        /// Makes the settings of a Sentry source.
        package init(organization: String, token: Secret, outcomes: Bool = true) {
            self.organization = organization
            self.token = token
            self.outcomes = outcomes
        }
    }

    /// What depends on the type.
    package enum Kind: Sendable, Hashable {
        case prometheus
        case sentry(Sentry)
        /// What is pushed to `hotfix serve` by OTLP; or, where it is scraped, what stands at `url`.
        case otlp(isScraped: Bool)
    }

    /// The name, unique in the configuration.
    package var name: String
    /// The base of its API, or the page that is scraped, http or https, without a slash at its end; empty for what is pushed.
    package var url: String
    /// What depends on the type.
    package var kind: Kind
    /// How its data arrives.
    package var timing: SourceTiming
    /// How long a request may take, in seconds.
    package var timeout: Seconds
    /// What a request proves itself with.
    package var credentials: Credentials
    /// Further headers of every request.
    package var headers: [Header]
    /// Whom to trust.
    package var tls: TLS

    /// Makes the settings of a source.
    package init(
        name: String, url: String, kind: Kind, timing: SourceTiming, timeout: Seconds = 30,
        credentials: Credentials = .none, headers: [Header] = [], tls: TLS = .init()
    ) {
        self.name = name
        self.url = url
        self.kind = kind
        self.timing = timing
        self.timeout = timeout
        self.credentials = credentials
        self.headers = headers
        self.tls = tls
    }

    /// The type of the source.
    package var type: SourceType {
        switch kind {
        case .prometheus: .prometheus
        case .sentry: .sentry
        case .otlp: .otlp
        }
    }
}
