/// Something deployed and watched in one environment.
package struct Service: Sendable, Hashable, Codable {
    /// The name, unique in the configuration.
    package var name: String
    /// The environment, nil where the configuration names none.
    package var environment: String?
    /// For each source by its name: what the service is called there (`project` in Sentry, `service` in OpenTelemetry).
    package var bindings: [String: [String: String]]

    /// Makes a service.
    package init(name: String, environment: String? = nil, bindings: [String: [String: String]] = [:]) {
        self.name = name
        self.environment = environment
        self.bindings = bindings
    }
}

/// A guardrail of a service, by their names.
package struct Pair: Sendable, Hashable, Codable, Comparable {
    /// The service's name.
    package var service: String
    /// The guardrail's name.
    package var guardrail: String

    /// Makes the pair.
    package init(_ service: String, _ guardrail: String) {
        self.service = service
        self.guardrail = guardrail
    }

    package static func < (left: Pair, right: Pair) -> Bool {
        (left.service, left.guardrail) < (right.service, right.guardrail)
    }
}

extension Pair: CustomStringConvertible {
    package var description: String { "\(service)/\(guardrail)" }
}
