import Foundation
package import HotfixCore
package import HotfixHTTP

/// How a Prometheus API is called.
package struct PrometheusAccess: Sendable {
    /// A header of the configuration, for example `X-Scope-OrgID`.
    package struct Header: Sendable, Hashable {
        /// The name.
        package var name: String
        /// The value, which may be a credential.
        package var value: Secret

        /// Makes a header.
        package init(_ name: String, _ value: Secret) {
            self.name = name
            self.value = value
        }
    }

    /// Who asks.
    package var credentials: HTTPCall.Credentials
    /// Headers that every call carries.
    package var headers: [Header]
    /// Whom to trust and which certificate to show.
    package var tls: HTTPTLS
    /// How long one attempt may take.
    package var timeout: Duration

    /// Makes the settings; nothing is needed for a server that asks for nothing.
    package init(
        credentials: HTTPCall.Credentials = .none, headers: [Header] = [], tls: HTTPTLS = .init(),
        timeout: Duration = .seconds(30)
    ) {
        self.credentials = credentials
        self.headers = headers
        self.tls = tls
        self.timeout = timeout
    }

    /// What a server might repeat and a message must not.
    var secrets: [Secret] {
        let own: [String] =
            switch credentials {
            case .none: []
            case .bearer(let token): [token]
            case .basic(let user, let password): [password, Data("\(user):\(password)".utf8).base64EncodedString()]
            }
        return own.map { Secret($0) } + headers.map(\.value)
    }
}
