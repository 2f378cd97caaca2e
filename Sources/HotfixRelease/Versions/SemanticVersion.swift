/// A version by semver.org 2.0.0, as electron-updater and Tauri compare them.
package struct SemanticVersion: Sendable, Hashable, Comparable {
    /// The three numbers, without leading zeros.
    private let core: [[UInt8]]
    private let prerelease: [Substring]
    private let build: [Substring]
    /// The version as it was written, without a leading `v`.
    package let text: String

    /// Reads a version; nil where the text is none.
    ///
    /// - Parameter text: A version; a leading `v` is passed over, as both clients do.
    package init?(_ text: String) {
        let bare = text.hasPrefix("v") ? String(text.dropFirst()) : text
        let parts = bare.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        guard let rest = parts.first, bare.utf8.count <= 256 else { return nil }
        let halves = rest.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers.allSatisfy(isPlainNumber) else { return nil }
        core = numbers.map { Array($0.utf8) }
        prerelease = halves.count > 1 ? halves[1].split(separator: ".", omittingEmptySubsequences: false) : []
        build = parts.count > 1 ? parts[1].split(separator: ".", omittingEmptySubsequences: false) : []
        guard prerelease.allSatisfy({ isIdentifier($0) && (!isDigits($0) || isPlainNumber($0)) }),
            build.allSatisfy(isIdentifier)
        else { return nil }
        self.text = bare
    }

    /// Whether it has a suffix such as `-hotfix1`, by which it sorts before the same version without it.
    package var isPrerelease: Bool { !prerelease.isEmpty }

    /// The version without suffix and build: `1.0.1` of `1.0.1-hotfix1`.
    package var released: String {
        core.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
    }

    /// Whether both are the same version; builds do not count.
    package static func == (left: SemanticVersion, right: SemanticVersion) -> Bool {
        left.core == right.core && left.prerelease == right.prerelease
    }

    /// Agrees with `==`.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(core)
        hasher.combine(prerelease)
    }

    /// Precedence by section 11; builds do not count.
    package static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        for (one, other) in zip(left.core, right.core) where one != other { return isLess(one, other) }
        guard left.prerelease != right.prerelease else { return false }
        if left.prerelease.isEmpty || right.prerelease.isEmpty { return right.prerelease.isEmpty }
        return isLess(left.prerelease, right.prerelease)
    }

    /// Whether it sorts before another as Tauri compares, where of equal versions the builds count too.
    package func isLessByBuild(than other: SemanticVersion) -> Bool {
        if self != other { return self < other }
        return build != other.build && isLess(build, other.build)
    }
}

/// Whether identifiers sort before others: numbers by value and before words, and fewer before more.
private func isLess(_ left: [Substring], _ right: [Substring]) -> Bool {
    for (one, other) in zip(left, right) where one != other {
        switch (isDigits(one), isDigits(other)) {
        case (true, true):
            let (small, large) = (withoutZeros(one), withoutZeros(other))
            if small != large { return isLess(small, large) }
            return one.utf8.count < other.utf8.count
        case (true, false): return true
        case (false, true): return false
        case (false, false): return one.utf8.lexicographicallyPrecedes(other.utf8)
        }
    }
    return left.count < right.count
}

/// Whether digits without leading zeros are the smaller number, however long they are.
private func isLess(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count ? left.lexicographicallyPrecedes(right) : left.count < right.count
}

private func withoutZeros(_ digits: Substring) -> [UInt8] { Array(digits.utf8.drop { $0 == UInt8(ascii: "0") }) }

private func isDigits(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
}

private func isPlainNumber(_ text: Substring) -> Bool { isDigits(text) && (text == "0" || !text.hasPrefix("0")) }

private func isIdentifier(_ text: Substring) -> Bool {
    !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
}
