/// What the configuration wants watched.
package struct Watch: Sendable, Hashable {
    /// A service with its policy.
    package struct Entry: Sendable, Hashable {
        /// The service.
        package var service: Service
        /// The policy it is judged by.
        package var policy: Policy

        /// Makes an entry.
        package init(service: Service, policy: Policy) {
            self.service = service
            self.policy = policy
        }

        /// The guardrails that apply: those whose source the service names.
        package var guardrails: [Guardrail] { policy.guardrails.filter { service.bindings[$0.source] != nil } }

        /// The guardrails that do not apply: their source is not named.
        package var notWatched: [Guardrail] { policy.guardrails.filter { service.bindings[$0.source] == nil } }
    }

    /// The services, in the order of the configuration.
    package var entries: [Entry]
    /// How each source's data arrives, by the source's name.
    package var timings: [String: SourceTiming]
    /// The names of the sources that may know which version of a service runs.
    package var versionSources: Set<String>

    /// Makes a watch.
    package init(entries: [Entry], timings: [String: SourceTiming], versionSources: Set<String> = []) {
        self.entries = entries
        self.timings = timings
        self.versionSources = versionSources
    }

    /// Every guardrail of every service that applies.
    package var pairs: [Pair] {
        entries.flatMap { entry in entry.guardrails.map { Pair(entry.service.name, $0.name) } }
    }
}
