/// The version that a tag of a release names: `v1.0.1-hotfix1` names `1.0.1-hotfix1`.
///
/// - Parameter tag: A tag.
/// - Returns: The tag without a leading `v` that a digit follows.
package func version(ofTag tag: String) -> String {
    guard tag.hasPrefix("v"), let second = tag.dropFirst().first, second.isASCII, second.isNumber else { return tag }
    return String(tag.dropFirst())
}
