import HotfixConfiguration
package import HotfixCore
import HotfixHTTP

extension Workplace {
    /// The channels, in the order of the configuration, sharing one client.
    func channels(_ client: HTTPClient) -> [any Channel] { [] }

    /// The gate, the annotations and whatever else shows the state, sharing one client.
    func displays(_ client: HTTPClient) -> [any Display] { [] }

    /// What planning messages needs to know of the configuration.
    package var messagePlan: MessagePlan {
        MessagePlan(channels: settings.channels.map(\.rule), remindEvery: settings.remindEvery)
    }
}
