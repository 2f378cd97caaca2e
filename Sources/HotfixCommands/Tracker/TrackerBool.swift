import ArgumentParser

/// Whether something is done, in the words that people use for it.
///
/// An option of this type is declared with `defaultAsFlag: .done, parsing: .next`: without a value it means done, as for the script.
package enum TrackerBool: String, Sendable, Hashable, ExpressibleByArgument, CustomStringConvertible {
    case done, pending

    /// Reads a word, in any case.
    ///
    /// - Parameter argument: `true 1 yes y done complete` or `false 0 no n pending todo`; every other makes nil.
    package init?(argument: String) {
        switch argument.lowercased() {
        case "true", "1", "yes", "y", "done", "complete": self = .done
        case "false", "0", "no", "n", "pending", "todo": self = .pending
        default: return nil
        }
    }

    /// Whether it is done.
    package var isDone: Bool { self == .done }

    /// What help says of an option that is given without a value.
    package var description: String { "\(rawValue), where it is given alone" }
}
