import HotfixCore

/// The tags of an annotation, within what Grafana stores.
struct AnnotationTags: Sendable, Hashable {
    /// The most bytes of all tags together, counted as the JSON that Grafana stores.
    static let most = 500

    /// The tag by which the annotation is found again.
    let own: String
    /// All of them, the own one last.
    let all: [String]

    /// Makes tags.
    ///
    /// - Parameters:
    ///   - tags: What people look for.
    ///   - key: The key of what is annotated, `hotfix:` and hexadecimal digits.
    init(_ tags: [String], key: String) {
        // Grafana divides a tag at each colon, and keeps two parts.
        own = "hotfix-id:\(key.split(separator: ":").last ?? "")"
        var kept = tags.map(Self.plain).filter { !$0.isEmpty }
        kept = kept.enumerated().filter { index, tag in !kept[..<index].contains(tag) }.map(\.element)
        while kept.count > 1, Self.size(kept + [own]) > Self.most { kept.removeLast() }
        all = kept + [own]
    }

    /// A tag of one part, without what would be escaped, and no longer than a tag's column.
    private static func plain(_ text: String) -> String {
        let plain = escaping(oneLine(text), [":": "_", "\"": "_", "\\": "_"])
        return clipped(plain.trimming(" "), bytes: 100)
    }

    private static func size(_ tags: [String]) -> Int {
        JSONValue.array(tags.map { JSONValue($0) }).line.utf8.count
    }
}

extension String {
    /// The text without a character at its ends.
    fileprivate func trimming(_ character: Character) -> String {
        var text = self[...]
        while text.first == character { text.removeFirst() }
        while text.last == character { text.removeLast() }
        return String(text)
    }
}
