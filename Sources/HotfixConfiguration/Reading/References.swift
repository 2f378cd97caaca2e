/// What secrets of a configuration are for; who needs only some is given only those.
package enum SecretUse: Sendable, Hashable, CaseIterable {
    /// Asking the sources.
    case sources
    /// Knowing who calls the server.
    case server
    /// Telling people: channels, annotations, the gate and the heartbeat.
    case channels
    /// Asking GitHub for the hotfix tracker, and changing things there.
    case forge

    /// All of them.
    package static let all = Set(allCases)
}

/// What a string of `hotfix.yaml` stands for, and where that came from.
struct ResolvedText {
    var text: String
    /// Whether any of it came from outside the file: then it is never shown.
    var isReference = false

    /// For messages.
    var quoted: String { isReference ? "the value referred to" : "'\(text)'" }
}

/// Why a reference leads nowhere.
struct ReferenceProblem: Error {
    var message: String
    var remedy: String
}

/// Looks up what `${NAME}`, `file:PATH` and `credential:NAME` refer to.
struct References {
    var environment: [String: String]
    /// The absolute directory that relative paths start from.
    var directory: String
    var readFile: (String) throws -> String
    /// Which secrets are looked up; who only reads the ledger may not have any.
    var secrets = SecretUse.all

    /// Resolves a string; what a reference gave is not looked at again.
    func resolve(_ raw: String) throws(ReferenceProblem) -> ResolvedText {
        if raw.hasPrefix("file:") {
            let path = try expand(raw.dropFirst(5)).text
            guard !path.isEmpty else {
                throw ReferenceProblem(message: "'file:' names no file.", remedy: "Write file:PATH.")
            }
            return try contents(of: absolutePath(path, in: directory), shown: "the file '\(path)'")
        }
        if raw.hasPrefix("credential:") { return try credential(String(raw.dropFirst(11))) }
        return try expand(raw[...])
    }

    private func expand(_ raw: Substring) throws(ReferenceProblem) -> ResolvedText {
        var result = ResolvedText(text: "")
        var rest = raw
        while let index = rest.firstIndex(of: "$") {
            result.text += rest[..<index]
            rest = rest[index...]
            if rest.hasPrefix("$${") {
                result.text += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                let name = rest.dropFirst(2).prefix { $0 != "}" }
                rest = rest.dropFirst(2 + name.count)
                guard rest.popFirst() == "}", isVariableName(name) else {
                    throw ReferenceProblem(
                        message: "'${' does not begin a reference of the form ${NAME}.",
                        remedy: "Mend it, or write $${ where '${' itself is meant.")
                }
                guard let value = environment[String(name)], !value.isEmpty else {
                    let what = environment[String(name)] == nil ? "not set" : "empty"
                    throw ReferenceProblem(
                        message: "the environment variable '\(name)' is \(what).",
                        remedy: "Set it, or refer to a file: or a credential: instead.")
                }
                result.text += value
                result.isReference = true
            } else {
                result.text.append(rest.removeFirst())
            }
        }
        result.text += rest
        return result
    }

    private func credential(_ name: String) throws(ReferenceProblem) -> ResolvedText {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
            throw ReferenceProblem(
                message: "'credential:' is not followed by the name of a credential.", remedy: "Write credential:NAME.")
        }
        guard let folder = environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty else {
            throw ReferenceProblem(
                message: "the credential '\(name)' cannot be read: $CREDENTIALS_DIRECTORY is not set.",
                remedy: "systemd sets it for units with LoadCredential=; elsewhere refer to ${NAME} or file:PATH.")
        }
        return try contents(of: absolutePath(name, in: folder), shown: "the credential '\(name)'")
    }

    private func contents(of path: String, shown: String) throws(ReferenceProblem) -> ResolvedText {
        var text: String
        do { text = try readFile(path) } catch {
            throw ReferenceProblem(
                message: "\(shown) \(reason(error)).", remedy: "It was looked for at '\(path)'.")
        }
        while let last = text.last, last.isNewline { text.removeLast() }
        guard !text.isEmpty else {
            throw ReferenceProblem(message: "\(shown) is empty.", remedy: "It was looked for at '\(path)'.")
        }
        return ResolvedText(text: text, isReference: true)
    }
}

private func isVariableName(_ name: Substring) -> Bool {
    guard let first = name.first, first == "_" || first.isASCII && first.isLetter else { return false }
    return name.allSatisfy { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
}

/// A path from a file, made absolute.
package func absolutePath(_ path: String, in directory: String) -> String {
    if path.hasPrefix("/") { return path }
    var relative = path[...]
    while relative.hasPrefix("./") { relative = relative.dropFirst(2) }
    return directory.hasSuffix("/") ? "\(directory)\(relative)" : "\(directory)/\(relative)"
}
