/// The version of a release, in the order in which releases follow each other.
///
/// The order is that of SemVer 2.0.0, with one convention of hotfixes: a version that ends with `-hotfix` and a number comes after the
/// version that it mends (1.0.1 < 1.0.1-hotfix1 < 1.0.1-hotfix2 < 1.0.2), though SemVer takes what follows a `-` for a pre-release.
/// Build metadata (`+…`) does not count, also not for equality.
package struct ReleaseVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The three numbers, as they are spelled: digits without leading zeros, of any length.
    private let numbers: [String]
    /// What follows `-`, in parts; empty for a release, and where that is the number of a hotfix.
    private let preRelease: [String]
    /// The number of the hotfix as it is spelled: `1` of `-hotfix1`, also of `-hotfix.1`; nil where it is none.
    private let hotfix: String?
    /// The text without `v`.
    package let description: String

    /// Reads a version.
    ///
    /// - Parameter text: `1.0.1`, `v1.0.1-hotfix1`, `1.0.0-rc.1+build.5`; nil for anything else.
    package init?(_ text: String) {
        var rest = Substring(text)
        if let first = rest.first, first == "v" || first == "V" { rest = rest.dropFirst() }
        guard text.utf8.count <= 200 else { return nil }
        description = String(rest)
        let parts = rest.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, !Self.areIdentifiers(parts[1], allowingLeadingZeros: true) { return nil }
        let core = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = core[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard numbers.count == 3, numbers.allSatisfy(isNumber) else { return nil }
        self.numbers = numbers
        guard core.count == 2 else {
            preRelease = []
            hotfix = nil
            return
        }
        guard Self.areIdentifiers(core[1], allowingLeadingZeros: false) else { return nil }
        if let number = Self.numberOfHotfix(core[1]) {
            hotfix = number
            preRelease = []
        } else {
            hotfix = nil
            preRelease = core[1].split(separator: ".").map(String.init)
        }
    }

    /// Whether it comes before its release: `-rc.1`, `-beta`; not `-hotfix1`.
    package var isPreRelease: Bool { !preRelease.isEmpty }

    package static func < (left: Self, right: Self) -> Bool {
        for (one, other) in zip(left.numbers, right.numbers) where one != other { return isLess(one, other) }
        if left.isPreRelease || right.isPreRelease {
            return left.isPreRelease && (!right.isPreRelease || isBefore(left.preRelease, right.preRelease))
        }
        guard let hotfix = right.hotfix else { return false }
        return left.hotfix.map { isLess($0, hotfix) } ?? true
    }

    package static func == (left: Self, right: Self) -> Bool { !(left < right) && !(right < left) }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(numbers)
        hasher.combine(preRelease)
        hasher.combine(hotfix)
    }

    /// The version in the name of a hotfix branch (`hotfix/v1.0.1-hotfix1`); nil where the name holds none.
    package static func inName(ofBranch name: String) -> ReleaseVersion? {
        guard name.hasPrefix("hotfix/") else { return nil }
        return name.split(separator: "/").last.flatMap { ReleaseVersion(String($0)) }
    }

    private static func numberOfHotfix(_ text: Substring) -> String? {
        guard text.hasPrefix("hotfix") else { return nil }
        var rest = text.dropFirst(6)
        if rest.hasPrefix(".") { rest = rest.dropFirst() }
        return isNumber(String(rest)) ? String(rest) : nil
    }

    private static func areIdentifiers(_ text: Substring, allowingLeadingZeros: Bool) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            let isSpelled = part.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
            }
            let isNumeric = part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            return !part.isEmpty && isSpelled && (allowingLeadingZeros || !isNumeric || isNumber(String(part)))
        }
    }
}

/// Whether a text is a number as SemVer spells it: ASCII digits without a leading zero.
private func isNumber(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } && (text == "0" || !text.hasPrefix("0"))
}

/// Whether a number, as SemVer spells it, is less than another; of any length.
private func isLess(_ number: String, _ other: String) -> Bool {
    (number.utf8.count, number) < (other.utf8.count, other)
}

/// Whether a pre-release comes before another, by the rules 11.4 of SemVer.
private func isBefore(_ parts: [String], _ others: [String]) -> Bool {
    for (part, other) in zip(parts, others) where part != other {
        switch (isNumber(part), isNumber(other)) {
        case (true, true): return isLess(part, other)
        case (true, false): return true
        case (false, true): return false
        // By bytes: Swift's own order of texts is that of Unicode, and the same here, as all is ASCII.
        case (false, false): return part < other
        }
    }
    return parts.count < others.count
}
