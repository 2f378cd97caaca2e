import Yams

/// More aliases than this are refused: nested ones would grow a small file without bound.
private let mostAliases = 32

extension Reading {
    /// The top of a YAML text; nil where the text is no single YAML document, which is then reported.
    func root(of text: String) -> Field? {
        guard aliasCount(in: text) <= mostAliases else {
            report(
                Diagnostic(file: file, message: "more than \(mostAliases) aliases.", remedy: "Write the values out."))
            return nil
        }
        do {
            // The encoding is named, as the default would be read from the environment.
            let yaml = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
            guard let node = try compose(yaml: yaml, .default, .default, .utf8) else {
                report(Diagnostic(file: file, message: "the file is empty.", remedy: "See 'hotfix config example'."))
                return nil
            }
            return Field(node: node, keyPath: "", mark: node.mark, reading: self)
        } catch {
            report(diagnostic(error, text: text))
            return nil
        }
    }

    /// Says what Yams found, without the snippet of the file that its own description holds.
    private func diagnostic(_ error: any Error, text: String) -> Diagnostic {
        guard let error = error as? YamlError else { return Diagnostic(file: file, message: "\(error)") }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let start = context.map { $0.mark.line == mark.line ? $0.text : "\($0.text) from line \($0.mark.line) on" }
            let words = [start, problem].compactMap(\.self).joined(separator: ", ")
            return Diagnostic(
                file: file, line: mark.line, column: mark.column, message: "not valid YAML: \(words).",
                remedy: remedy(for: problem))
        case .reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = offset == nil ? nil : before.count(where: \.isNewline) + 1
            return Diagnostic(file: file, line: line, message: "not valid YAML: \(problem).")
        case .duplicatedKeysInMapping(let names, let context):
            let keys = names.map { "'\($0)'" }.joined(separator: ", ")
            return Diagnostic(
                file: file, line: context.mark.line, column: context.mark.column, key: names.first ?? "",
                message: "\(keys) is written more than once here.", remedy: "Keep one.")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return Diagnostic(file: file, message: "not valid YAML.")
        }
    }
}

private func remedy(for problem: String) -> String {
    if problem.contains("cannot start any token") { return "Put the value in quotes." }
    if problem.contains("expected ',' or '}'") {
        return "Inside braces a value with '{' in it, such as ${NAME}, needs quotes."
    }
    return ""
}

private func aliasCount(in text: String) -> Int {
    var count = 0
    var previous: UInt8 = 0x0A
    var isStar = false
    for byte in text.utf8 {
        if isStar, byte > 0x20, byte != UInt8(ascii: "*") { count += 1 }
        isStar = byte == UInt8(ascii: "*") && (previous <= 0x20 || "[{,:?-!".utf8.contains(previous))
        previous = byte
    }
    return text.utf8.contains(UInt8(ascii: "&")) ? count : 0
}
