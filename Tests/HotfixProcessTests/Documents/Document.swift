import Foundation

/// A page of the documentation, with the blocks that a reader would copy.
struct Document {
    /// A fenced block.
    struct Block {
        /// Where it begins, from 1.
        var line: Int
        /// The first word behind the fence.
        var language: String
        /// What stands behind it as `name=value`.
        var attributes: [String: String]
        var lines: [String] = []

        /// The exit status of its last command.
        var exitStatus: Int32? { Int32(attributes["exit"] ?? "0") }

        /// Its commands, each with what it is said to print; empty where the block does not begin with one.
        var transcript: [(command: String, output: [String])] {
            var commands: [(command: String, output: [String])] = []
            guard lines.first?.hasPrefix("$ ") == true else { return [] }
            for line in lines {
                if line.hasPrefix("$ ") {
                    commands.append((String(line.dropFirst(2)), []))
                } else {
                    commands[commands.count - 1].output.append(line)
                }
            }
            return commands
        }
    }

    /// From the repository's root.
    let path: String
    private(set) var blocks: [Block] = []
    /// The lines of what looks like code outside any fence, and of fences that do not end.
    private(set) var strays: [Int] = []

    init(path: String, text: String) {
        self.path = path
        var block: Block?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            if var open = block {
                if line == "```" {
                    blocks.append(open)
                    block = nil
                } else {
                    open.lines.append(String(line))
                    block = open
                }
            } else if line.hasPrefix("```") {
                let words = line.dropFirst(3).split(separator: " ")
                var attributes: [String: String] = [:]
                for word in words.dropFirst() {
                    let parts = word.split(separator: "=", maxSplits: 1)
                    attributes[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
                }
                block = Block(line: number, language: String(words.first ?? ""), attributes: attributes)
            } else if line.hasPrefix("    ") || line.contains("```") {
                strays.append(number)
            }
        }
        if let block { strays.append(block.line) }
    }

    /// Every page of the repository.
    static func all() throws -> [Document] {
        var paths = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
        let files = FileManager.default.enumerator(atPath: "\(repository)/docs")
        while let file = files?.nextObject() as? String {
            if file.hasSuffix(".md") { paths.append("docs/\(file)") }
        }
        return try paths.sorted().map {
            Document(path: $0, text: try String(contentsOfFile: "\(repository)/\($0)", encoding: .utf8))
        }
    }
}

/// Whether lines are what a page says, where a line of nothing but `…` stands for one or more lines.
func isMatch(_ lines: ArraySlice<String>, _ patterns: ArraySlice<String>) -> Bool {
    guard let pattern = patterns.first else { return lines.isEmpty }
    guard let line = lines.first else { return false }
    if pattern == "…" {
        return isMatch(lines.dropFirst(), patterns.dropFirst()) || isMatch(lines.dropFirst(), patterns)
    }
    return isMatch(line, pattern) && isMatch(lines.dropFirst(), patterns.dropFirst())
}

/// Whether a line is what a page says, where `…` stands for one or more characters of any kind.
func isMatch(_ line: String, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "…", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 1 else { return line == pattern }
    guard line.hasPrefix(parts[0]) else { return false }
    var rest = line.dropFirst(parts[0].count)
    for part in parts.dropFirst().dropLast() {
        guard !rest.isEmpty, let found = rest.dropFirst().firstRange(of: part) else { return false }
        rest = rest[found.upperBound...]
    }
    return rest.count > parts[parts.count - 1].count && rest.hasSuffix(parts[parts.count - 1])
}
