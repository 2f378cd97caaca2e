/// What planning messages needs to know of the configuration.
package struct MessagePlan: Sendable {
    /// The channels.
    package var channels: [ChannelRule]
    /// How often an open episode is told again, in seconds; 0 for never.
    package var remindEvery: Seconds
    /// Pages that help with a guardrail of a service, best first.
    ///
    /// Given the pair, its pinned query where there is one, and the interval that is to be seen there. A pair without a guardrail's name stands for the whole service; nil for the hotfix.
    package var links: @Sendable (_ pair: Pair?, _ definition: SeriesDefinition?, _ seen: Interval) -> [MessageLink]

    /// Makes a plan; one that tells nobody, unless told otherwise.
    package init(
        channels: [ChannelRule] = [], remindEvery: Seconds = 3600,
        links: @escaping @Sendable (_ pair: Pair?, _ definition: SeriesDefinition?, _ seen: Interval) -> [MessageLink] =
            {
                _, _, _ in []
            }
    ) {
        self.channels = channels
        self.remindEvery = remindEvery
        self.links = links
    }
}
