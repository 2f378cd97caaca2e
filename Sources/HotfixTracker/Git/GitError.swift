import HotfixCore

/// Why a git command did not do what it was to do.
package struct GitError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure.
    package enum Code: String, Sendable, Hashable {
        /// It could not be run to its end.
        case notRun
        /// It took too long, and was ended: what it changed is not known.
        case timedOut
        /// It ended with other than 0.
        case failed
        /// A name is not one that git takes.
        case invalidName
        /// The directory is in no work tree of git.
        case noRepository
        /// The repository is in a state that the step cannot begin from.
        case unfit
        /// Two lines of work changed the same lines: nothing was changed.
        case conflict
        /// Origin, or a hook, refused what was pushed.
        case rejected
        /// Origin could not be reached, or did not let anybody in.
        case unreachable
    }

    /// The kind of failure.
    package var code: Code
    /// The command, as a person would type it, without secrets.
    package var command: String
    /// What git said on standard error, without secrets; may be of several lines.
    package var said: String
    /// What happened, and what to do next, in sentences.
    package var reason: String

    package var description: String {
        command.isEmpty ? reason : "\(command): \(reason)"
    }

    /// Makes an error of a command.
    package init(_ code: Code, _ arguments: [String], said: String, reason: String) {
        self.code = code
        command = arguments.isEmpty ? "" : shown(arguments)
        self.said = withoutCredentials(said)
        self.reason = withoutCredentials(reason)
    }

    /// Makes an error that is not that of one command.
    package init(_ code: Code, _ reason: String) {
        self.init(code, [], said: "", reason: reason)
    }

    /// Makes an error of how a command ended.
    package init(_ arguments: [String], _ answer: GitAnswer) {
        let said = clipped(oneLine(answer.said.split(separator: "\n").joined(separator: "; ")), bytes: 1000)
        self.init(
            .failed, arguments, said: answer.said,
            reason: "git ended with \(answer.status)\(said.isEmpty ? "." : ": \(said)")")
    }
}

/// A command as a person would type it, on one line.
private func shown(_ arguments: [String]) -> String {
    let words = arguments.map { argument in
        let isPlain = argument.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || "0123456789-_./:=@^~{}+,".unicodeScalars.contains(scalar))
        }
        return isPlain && !argument.isEmpty ? argument : "'\(argument.replacing("'", with: #"'\''"#))'"
    }
    return clipped(oneLine(withoutCredentials("git " + words.joined(separator: " "))), bytes: 500)
}

/// A text in which addresses show neither user names nor passwords: `https://token@host` becomes `https://***@host`.
func withoutCredentials(_ text: String) -> String {
    text.replacing(/(?<scheme>[A-Za-z][A-Za-z0-9+.\-]*:\/\/)[^\/\s@'"]+@/) { "\($0.output.scheme)***@" }
}
