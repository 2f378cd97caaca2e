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

/// Whether bytes are a secret's UTF-8; an empty secret is nobody's.
///
/// It takes a time that depends on what was given alone: every byte is looked at, and the secret's length shows in nothing.
package func isEqual(_ given: [UInt8]?, _ secret: Secret) -> Bool {
    let known = Array(secret.value.utf8)
    guard let given, !known.isEmpty else { return false }
    var difference = given.count ^ known.count
    for (index, byte) in given.enumerated() { difference |= Int(byte ^ known[index % known.count]) }
    return difference == 0
}
