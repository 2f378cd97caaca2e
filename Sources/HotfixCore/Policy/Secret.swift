/// A string that must not be shown: its description is a placeholder.
package struct Secret: Sendable, Hashable {
    /// The secret itself, for the request that needs it and nothing else.
    package let value: String

    /// Wraps a secret.
    package init(_ value: String) {
        self.value = value
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(secret)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
