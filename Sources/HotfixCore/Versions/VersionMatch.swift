/// Whether a version that was seen is one that a person named.
///
/// A leading `v` is ignored, on either side. Where just one of them has a package (`checkout@1.2.3`, as Sentry's releases do), only
/// what follows its last `@` is compared. A build (`1.2.3+45`) that was seen is ignored where the one that was named has none;
/// a build that was named has to be seen.
///
/// - Parameters:
///   - seen: The version as a source writes it.
///   - named: The version as a deployment has it.
/// - Returns: Whether they are the same.
package func isSameVersion(_ seen: String, _ named: String) -> Bool {
    let (left, right) = (ReadVersion(seen), ReadVersion(named))
    if left.package != nil, right.package != nil, left.package != right.package { return false }
    return left.number == right.number || !right.number.contains("+") && left.numberWithoutBuild == right.number
}

/// A version in its parts.
private struct ReadVersion {
    /// What stands before the last `@`.
    var package: Substring?
    /// The rest, without a leading `v`.
    var number: Substring

    init(_ text: String) {
        number = text[...]
        if let at = number.lastIndex(of: "@") {
            package = number[..<at]
            number = number[number.index(after: at)...]
        }
        if number.first == "v" { number = number.dropFirst() }
    }

    var numberWithoutBuild: Substring { number.prefix { $0 != "+" } }
}
