import HotfixCore

/// One channel being told what it has to be told, within one run of the dispatcher.
struct ChannelRun: Sendable {
    /// What a run ends with.
    struct Ending: Sendable {
        /// What came of it.
        var report = DispatchReport()
        /// Whether there are new messages for other channels; then this run ended early.
        var hasAdded = false
        /// Why what waits was not tried, or not with success, though that is not new; nil where nothing does.
        var stuck: DispatchReport.Failure?
    }

    /// Under this name, which no display can have, it is remembered how channels fare.
    static let memory = ChannelHealth.memory
    /// A pause of up to so many seconds is waited for, where the budget has room for it.
    static let shortPause: Seconds = 10
    /// After a first failure it is tried again so many seconds later.
    static let innerPause: Seconds = 3

    let outbox: any Outbox
    let channel: any Channel
    let isToldOfThePast: Bool
    /// What silences and acknowledgements hold back.
    let quiet: Quiet
    /// The rules of the other channels that are configured.
    let others: [ChannelRule]
    /// The names of those of them that the same entry of the configuration makes.
    let siblings: Set<String>
    let clock: @Sendable () -> Instant
    let sleep: @Sendable (Duration) async throws -> Void
    let jitter: @Sendable () -> Double
    let deadline: Instant

    /// Tells until nothing is left, nothing can be done for a while, or the time is over.
    func run() async -> Ending {
        var ending = Ending()
        do {
            var work = try ChannelWork(self)
            do { try await work.tellAll() } catch { work.ending.report.take(error, from: channel.name) }
            ending = work.ending
            ending.stuck = try work.stuck(at: clock())
            if let failure = work.unreachable { ending.report.failures.append(failure) }
        } catch {
            ending.report.take(error, from: channel.name)
        }
        return ending
    }
}
