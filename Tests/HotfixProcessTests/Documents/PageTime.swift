import HotfixCommands
import HotfixCore
import HotfixDemo
import Synchronization

/// The time of a page that names its own, and the sources that answer at it.
struct PageTime: Sendable {
    /// What the sources' clock shows.
    let clock: SimulatedClock
    /// The address of Prometheus.
    var prometheus: String
    /// The address of Sentry.
    var sentry: String
    /// What else the page names, and what that is here.
    var substitutions: [(documented: String, actual: String)] = []
    /// What stands in for GitHub, where the page has one.
    var shop: HostedShop?

    /// Runs the program at an instant, in this process.
    ///
    /// - Parameters:
    ///   - words: Its arguments, without its name.
    ///   - time: The instant, as the page writes it.
    ///   - environment: The variables that it finds.
    ///   - directory: Where it runs.
    /// - Returns: What it ends with, and what it prints on both outputs.
    func run(
        _ words: [String], at time: String, environment: [String: String], in directory: String
    ) async -> (Int32, String) {
        guard let now = Instant(text: time) else { return (-1, "\(time) is no instant\n") }
        clock.move(to: now)
        let output = Mutex("")
        let write: @Sendable (String) -> Void = { text in output.withLock { $0 += text } }
        let clock = clock
        let surroundings = Surroundings(
            clock: { clock.seconds }, environment: environment, directory: directory, write: write, writeError: write)
        let status = await Surroundings.$current.withValue(surroundings) { await EntryPoint.run(words) }
        return (status.rawValue, output.withLock(\.self))
    }
}
