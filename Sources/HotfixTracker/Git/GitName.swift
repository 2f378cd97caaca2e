import HotfixCore

/// A name of a branch or a tag that git's own rules allow, and that is no option.
package struct GitName: Sendable, Hashable, CustomStringConvertible {
    /// What a name names.
    package enum Kind: String, Sendable, Hashable {
        case branch, tag
    }

    /// What it names.
    package let kind: Kind
    /// The name without `refs/heads/` or `refs/tags/`.
    package let text: String

    /// Checks a name by the rules of `git check-ref-format`.
    ///
    /// - Throws: ``GitError`` that says which rule it breaks.
    package init(_ text: String, as kind: Kind) throws(GitError) {
        if let objection = objection(toName: text) {
            throw GitError(
                .invalidName,
                "'\(clipped(oneLine(text), bytes: 300))' is not the name of a \(kind.rawValue): \(objection).")
        }
        self.kind = kind
        self.text = text
    }

    package var description: String { text }

    /// The whole name: `refs/heads/main`.
    package var ref: String { (kind == .branch ? "refs/heads/" : "refs/tags/") + text }
}
