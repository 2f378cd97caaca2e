/// One thing that is wrong in a configuration: where, what, and what to do.
///
/// Never holds the value of a secret, nor of anything that came from outside the file.
package struct Diagnostic: Sendable, Hashable {
    /// The file as its reader named it.
    package var file: String
    /// The line, from 1; nil where the whole file is meant.
    package var line: Int?
    /// The column, from 1.
    package var column: Int?
    /// The key with its way from the top: `services[0].otel.service`; empty where no key is meant.
    package var key: String
    /// What is wrong, a sentence.
    package var message: String
    /// What to do, a sentence; empty where the message says it all.
    package var remedy: String

    /// Makes a diagnostic.
    package init(
        file: String, line: Int? = nil, column: Int? = nil, key: String = "", message: String, remedy: String = ""
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.message = message
        self.remedy = remedy
    }
}

extension Diagnostic: CustomStringConvertible {
    /// One line: `hotfix.yaml:12: services[0].otle: unknown key 'otle'. Did you mean 'otel'?`.
    package var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return [place, key, remedy.isEmpty ? message : "\(message) \(remedy)"].filter { !$0.isEmpty }
            .joined(separator: ": ")
    }
}

/// A configuration that cannot be used, with everything that one reading found wrong.
package struct SettingsError: Error, Sendable, Hashable {
    /// What is wrong, in the order of the files; at least one.
    package var diagnostics: [Diagnostic]

    /// Makes an error.
    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }
}

extension SettingsError: CustomStringConvertible {
    package var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
