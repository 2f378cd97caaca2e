/// A step that the rules of the runbook do not allow: what is missing, and what to do next.
package struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is missing, and what to do next, in sentences.
    package var description: String

    /// Makes a refusal.
    package init(_ description: String) {
        self.description = description
    }
}
