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

/// The versions that a deployment names, as one source writes them.
///
/// Where a name has no build, only the build that was seen first since the deployment is meant: another one is another version.
struct VersionNames {
    private let version: String
    private let beside: [String]
    /// The number that was first seen for each name.
    private var first: [String: Substring] = [:]

    init(_ version: String, beside: [String], seen: VersionRuns, from: Instant) {
        self.version = version
        self.beside = beside
        for run in seen.runs where run.end > from {
            for name in [version] + beside where first[name] == nil {
                let numbers = run.versions.filter { isSameVersion($0, name) }.map { ReadVersion($0).number }
                first[name] = numbers.first { $0 == ReadVersion(name).number } ?? numbers.min()
            }
        }
    }

    /// Whether versions that were seen together are those that are named, the deployed one among them.
    func areSeen(_ seen: [String]) -> Bool {
        seen.contains { isMeant($0, by: version) }
            && seen.allSatisfy { seen in ([version] + beside).contains { isMeant(seen, by: $0) } }
    }

    private func isMeant(_ seen: String, by name: String) -> Bool {
        guard isSameVersion(seen, name) else { return false }
        let number = ReadVersion(seen).number
        return number == ReadVersion(name).number || first[name].map { $0 == number } ?? true
    }
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
