/// Which of the rules of git-check-ref-format(1) a name breaks; nil where it breaks none.
///
/// - Parameter name: A name below `refs/heads/` or `refs/tags/`.
/// - Returns: The rule, as the end of a sentence.
package func objection(toName name: String) -> String? {
    if name.isEmpty { return "it is empty" }
    if name.utf8.count > 200 { return "it is longer than 200 bytes" }
    if name.hasPrefix("-") { return "it begins with '-'" }
    if name == "@" || name == "HEAD" { return "git means something else by '\(name)'" }
    if name.hasSuffix("/") || name.hasPrefix("/") || name.contains("//") {
        return "a '/' stands at its beginning or end, or beside another"
    }
    if name.hasSuffix(".") { return "it ends with '.'" }
    for (part, meaning) in [("..", "'..'"), ("@{", "'@{'")] where name.contains(part) { return "it holds \(meaning)" }
    for scalar in name.unicodeScalars {
        if scalar.value < 0x20 || scalar.value == 0x7F || scalar.properties.generalCategory == .control {
            return "it holds a control character"
        }
        if " ~^:?*[\\".unicodeScalars.contains(scalar) { return "it holds '\(scalar)'" }
    }
    for part in name.split(separator: "/") {
        if part.hasPrefix(".") { return "a part of it begins with '.'" }
        if part.hasSuffix(".lock") { return "a part of it ends with '.lock'" }
    }
    return nil
}
