package import HotfixCore

/// The text of an announcement with places to be filled: `{version}`; `{{` and `}}` stand for braces.
///
/// The first line is the title; empty lines behind it are left out.
package struct AnnouncementTemplate: Sendable {
    /// What is wrong with a template, and where.
    package struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        /// `FILE:LINE: what is wrong, and what to do next`.
        package var description: String
    }

    /// What a place is filled with.
    package struct Value: Sendable, Hashable {
        /// The text; nil where nothing is known.
        package var text: String?
        /// What gives it where nothing is known: `--issue`.
        package var origin: String

        /// Makes a value.
        package init(_ text: String?, origin: String) {
            self.text = text
            self.origin = origin
        }
    }

    private let file: String
    private let lines: [String]

    /// Reads a template.
    ///
    /// - Parameters:
    ///   - text: The text; line ends may be those of Windows.
    ///   - file: What it is called in errors.
    package init(_ text: String, file: String) {
        self.file = file
        let plain = text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst().map(Character.init)) : text
        var lines = plain.replacing("\r\n", with: "\n").unicodeScalars
            .split(separator: "\n", omittingEmptySubsequences: false).map { String(Substring($0)) }
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        self.lines = lines
    }

    /// Fills every place; what is filled in is not looked at again.
    ///
    /// - Parameter values: What is known, by the names of places.
    /// - Returns: The announcement.
    /// - Throws: ``Fault`` with the line.
    package func filled(with values: [String: Value]) throws(Fault) -> Announcement {
        guard let first = lines.first, first.contains(where: { !$0.isWhitespace }) else {
            throw fault(1, "the first line is empty. It is the title: say there what this is about.")
        }
        var filled: [String] = []
        for (index, line) in lines.enumerated() { filled.append(try self.filled(line, index + 1, values)) }
        let title = filled[0]
        guard !title.contains("\n"), title.contains(where: { !$0.isWhitespace }) else {
            throw fault(1, "the title is empty or has a line break once it is filled in. Shorten what is filled in.")
        }
        guard title.utf16.count <= Announcement.longestTitle else {
            throw fault(1, "the title is longer than \(Announcement.longestTitle) characters. Shorten it.")
        }
        let body = filled.dropFirst().drop { $0.allSatisfy(\.isWhitespace) }
        let announcement = Announcement(title: title, text: body.joined(separator: "\n"))
        guard announcement.title.utf8.count + announcement.text.utf8.count <= Announcement.mostBytes else {
            throw fault(
                lines.count,
                "the announcement is longer than \(Announcement.mostBytes) bytes, so not every channel could tell it"
                    + " whole. Shorten it, and link to the rest.")
        }
        return announcement
    }

    private func filled(_ line: String, _ number: Int, _ values: [String: Value]) throws(Fault) -> String {
        var result = ""
        var rest = line[...]
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            result += rest[..<brace]
            rest = rest[brace...]
            if rest.hasPrefix("{{") || rest.hasPrefix("}}") {
                result.append(rest.removeFirst())
                rest.removeFirst()
                continue
            }
            guard rest.first == "{", let end = rest.firstIndex(of: "}") else {
                throw fault(number, "a brace stands alone. Write {{ or }} where a brace itself is meant.")
            }
            let name = String(rest[rest.index(after: brace)..<end])
            rest = rest[rest.index(after: end)...]
            guard let value = values[name] else {
                throw fault(
                    number,
                    "'{\(clipped(oneLine(name), bytes: 100))}' is no placeholder. There are: "
                        + values.keys.sorted().joined(separator: ", ") + "; write {{ where a brace itself is meant.")
            }
            guard let text = value.text, text.contains(where: { !$0.isWhitespace }) else {
                throw fault(number, "nothing is known for '{\(name)}'. Give it by \(value.origin).")
            }
            result += text
        }
        return result + rest
    }

    private func fault(_ line: Int, _ message: String) -> Fault {
        Fault(description: "\(file):\(line): \(message)")
    }
}
