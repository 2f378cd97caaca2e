/// What the process ends with; the same for all commands.
package enum ExitStatus: Int32, Sendable, Hashable, Error {
    /// Done.
    case done = 0
    /// The answer is no.
    case no = 1
    /// The call or the configuration is wrong.
    case wrong = 2
    /// A source or a channel could not be reached, and work is left for the next run.
    case unfinished = 3
    /// Another check is running.
    case busy = 4
    /// The state is unusable.
    case unusable = 5

    /// Of several, the one that the process ends with: 5, 2, 4, 1, 3, 0 in this order.
    package static func gravest(_ statuses: some Sequence<ExitStatus>) -> ExitStatus {
        let order: [ExitStatus] = [.unusable, .wrong, .busy, .no, .unfinished]
        let seen = Set(statuses)
        return order.first(where: seen.contains) ?? .done
    }
}
