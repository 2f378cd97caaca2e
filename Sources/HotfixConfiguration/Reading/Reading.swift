/// One reading of one file: gathers what is wrong, and knows where references lead.
///
/// A reference type, as every field of the file reports to the same reading; it never leaves the call that made it.
final class Reading {
    /// The file as diagnostics name it.
    let file: String
    /// Where `${NAME}`, `file:` and `credential:` lead; nil in a policy, whose strings stand for themselves.
    let references: References?
    private(set) var diagnostics: [Diagnostic] = []

    init(file: String, references: References? = nil) {
        self.file = file
        self.references = references
    }

    func report(_ diagnostic: Diagnostic) {
        if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
    }

    /// What is wrong, in the order of the file.
    var sortedDiagnostics: [Diagnostic] {
        diagnostics.enumerated().sorted { left, right in
            (left.element.line ?? 0, left.element.column ?? 0, left.offset)
                < (right.element.line ?? 0, right.element.column ?? 0, right.offset)
        }.map(\.element)
    }
}
