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
        self.init(.failed, arguments, said: answer.said, reason: "\(answer.heard) \(advice(on: answer))")
    }
}

extension GitAnswer {
    /// How the command ended and what it said, a sentence without secrets.
    var heard: String {
        // What is cut off first could leave half of a password behind.
        let said = clipped(
            oneLine(withoutCredentials(said).split(separator: "\n").joined(separator: "; ")), bytes: 1000)
        return "git ended with \(status)" + (said.isEmpty ? "." : ": \(said)\(said.hasSuffix(".") ? "" : ".")")
    }
}

/// What to do next after git ended with other than 0.
private func advice(on answer: GitAnswer) -> String {
    if let known = knownRefusals.first(where: { refusal in refusal.signs.contains(where: answer.said.contains) }) {
        return known.advice
    }
    return answer.status >= 128 && answer.said.isEmpty
        ? "It was ended, perhaps by a signal: run the command again, which looks first at what is done."
        : "Mend what git says, and run the command again."
}

/// The usual refusals of git, by what it says, and what to do about each.
private let knownRefusals: [(signs: [String], advice: String)] = [
    (
        [".lock': File exists", "Another git process seems to be running"],
        "Another git is at work in this repository, or one was killed there: wait for it, or remove the lock file that is named,"
            + " and run the command again."
    ),
    (
        ["dubious ownership"],
        "The repository belongs to another account: run hotfix as that one, or allow it (git config --global --add safe.directory"
            + " DIRECTORY), and run the command again."
    ),
    (
        ["would be overwritten by"],
        "Commit the files that are named, or put them aside (git stash --include-untracked), and run the command again."
    ),
    (
        ["is already checked out at", "is already used by worktree", "checked out at"],
        "Another work tree of this repository has that branch: switch it to another one (git worktree list names it), and run the"
            + " command again."
    ),
    (
        ["tell me who you are", "empty ident name", "unable to auto-detect email"],
        "Set user.name and user.email (git config), and run the command again."
    ),
    (
        ["failed to sign the data", "gpg failed", "failed to write commit object"],
        "Mend what signs (git config --get-regexp '^(gpg|user.signingkey|commit.gpgsign|tag.gpgsign)'), and run the command again."
    ),
    (["No space left on device", "Disk quota exceeded"], "Make room on the disk, and run the command again."),
    (
        ["Permission denied", "insufficient permission", "Read-only file system"],
        "Give whoever runs hotfix the right to write in the repository, and run the command again."
    ),
    (
        ["bad object", "missing blob", "missing tree", "loose object", "object file", "unable to read tree"],
        "The repository lacks objects or is damaged: see git fsck, fetch again, or clone it anew, and run the command again."
    ),
    (
        ["you need to resolve your current index first", "unmerged", "have not concluded your merge"],
        "A merge is under way in the work tree: end it (git status says how), and run the command again."
    ),
    (["unknown option", "unknown switch", "usage: git"], "This git is too old: update it, and run the command again."),
]

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

/// A text in which addresses show neither user names nor passwords, nor what stands behind their paths.
///
/// `https://token@host/shop.git?key=secret` becomes `https://***@host/shop.git?***`.
func withoutCredentials(_ text: String) -> String {
    // A password may hold an `@` of its own: the last one before the path ends it.
    text.replacing(/(?<scheme>[A-Za-z][A-Za-z0-9+.\-]*:\/\/)[^\/\s'"]+@/) { "\($0.output.scheme)***@" }
        .replacing(/(?<address>[A-Za-z][A-Za-z0-9+.\-]*:\/\/[^\s'"?#]*)(?<mark>[?#])[^\s'"]+/) {
            "\($0.output.address)\($0.output.mark)***"
        }
}
