package import HotfixCore

/// Why a status file could not be read or written; the file is left as it was.
package struct StatusFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The path of the file.
    package var path: String
    /// Where in the file, for a file that does not parse.
    package var syntax: JSONSyntaxError?
    /// What happened and what to do, in sentences.
    package var message: String
    /// Whether the path was wrong that somebody named, and no state is.
    package var isWrongCall = false

    package var description: String {
        let place = syntax.map { "\(path):\($0.line):\($0.column)" } ?? path
        return "\(place): \(message)"
    }

    init(path: String, message: String, isWrongCall: Bool = false) {
        self.path = path
        self.message = message
        self.isWrongCall = isWrongCall
    }

    init(path: String, _ syntax: JSONSyntaxError) {
        self.path = path
        self.syntax = syntax
        message = "\(syntax.message). The file was left as it was: mend it there, or restore it from git."
    }
}
