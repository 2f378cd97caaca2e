import HotfixCore

/// Readers of single values: nil where the value is wrong, which is then reported.
extension Field {
    /// A text that is not empty, and has no blanks at its ends.
    func text(_ expected: String = "text", allowsLines: Bool = false) -> ResolvedText? {
        guard let text = scalar(expected, allowsLines: allowsLines) else { return nil }
        guard text.text.contains(where: { !$0.isWhitespace }) else {
            report("must not be empty.")
            return nil
        }
        guard allowsLines || text.text.first?.isWhitespace == false && text.text.last?.isWhitespace == false else {
            report("must not begin or end with a blank.")
            return nil
        }
        return text
    }

    /// A duration, 0 only where that means something.
    func duration(allowsZero: Bool = false) -> Seconds? {
        guard let text = scalar("a duration such as 5m") else { return nil }
        guard let seconds = parseDuration(text.text) else {
            if text.text.hasPrefix("-") {
                report("\(text.quoted) is negative.", "Write a duration such as 5m.")
            } else if !text.isReference, parseNumber(text.text) != nil, !text.text.hasSuffix("%") {
                report(
                    "\(text.quoted) has no unit.", "Write \(text.text)s, \(text.text)m, \(text.text)h or \(text.text)d."
                )
            } else {
                report(
                    "\(text.quoted) is not a duration.",
                    "Write one such as 90s, 5m, 1h30m, 48h or 7d, of at most 3650d.")
            }
            return nil
        }
        guard seconds > 0 || allowsZero else {
            report("must be longer than 0.")
            return nil
        }
        return seconds
    }

    /// A share of the whole.
    func share() -> Double? {
        guard let text = scalar("a share such as 50%") else { return nil }
        guard let share = parseShare(text.text) else {
            if !text.isReference, !text.text.hasSuffix("%"), parseShare("\(text.text)%") != nil {
                report("\(text.quoted) is not a share from 0 to 1.", "Write \(text.text)% if percent are meant.")
            } else {
                report("\(text.quoted) is not a share.", "Write one from 0% to 100%, or from 0 to 1.")
            }
            return nil
        }
        return share
    }

    /// A finite number; one with a percent sign is a share.
    func number(_ example: String = "1.2") -> Double? {
        guard let text = scalar("a number such as \(example)") else { return nil }
        guard let number = parseNumber(text.text) else {
            report("\(text.quoted) is not a number.", "Write one such as \(example).")
            return nil
        }
        return number
    }

    /// A whole number from 1.
    func count() -> Int? {
        guard let text = scalar("a whole number") else { return nil }
        guard text.text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text.text), number >= 1,
            number <= 100_000
        else {
            report("\(text.quoted) is not a whole number from 1 to 100000.")
            return nil
        }
        return number
    }

    func boolean() -> Bool? {
        guard let text = scalar("true or false") else { return nil }
        switch text.text {
        case "true": return true
        case "false": return false
        default:
            report("\(text.quoted) is neither true nor false.")
            return nil
        }
    }

    /// One of the cases of an enumeration.
    func choice<Choice: CaseIterable & RawRepresentable<String>>(_: Choice.Type) -> Choice? {
        let names = Choice.allCases.map(\.rawValue)
        guard let text = scalar("one of \(names.joined(separator: ", "))") else { return nil }
        guard let choice = Choice(rawValue: text.text) else {
            report("\(text.quoted) is not known.", suggestion(for: text.text, in: names, called: "One of"))
            return nil
        }
        return choice
    }

    /// Text in which a secret stands; it must not be written in the file.
    ///
    /// - Parameter use: What it is for.
    /// - Returns: The secret, empty where those of the use are not looked up; nil where it is none.
    func secret(for use: SecretUse = .sources) -> Secret? { secret(forAnyOf: [use]) }

    /// The same for what several uses need: it is looked up where one of them is wanted.
    func secret(forAnyOf uses: Set<SecretUse>) -> Secret? {
        guard let literal, !isNull else {
            _ = self.scalar("a reference to a secret, such as ${NAME}")
            return nil
        }
        // The check is for what was written, so that a literal is never shown, nor taken for a reference gone wrong.
        let remedy = "Write ${NAME}, file:PATH or credential:NAME."
        guard ["file:", "credential:"].contains(where: literal.hasPrefix) || literal.contains("${") else {
            report("a secret is never written in the file.", remedy)
            return nil
        }
        if reading.references?.secrets.isDisjoint(with: uses) == true { return Secret("") }
        guard let text = text("a reference to a secret") else { return nil }
        guard text.isReference else {
            report("a secret is never written in the file.", remedy)
            return nil
        }
        return Secret(text.text)
    }

    /// A path, made absolute: relative ones start from the directory of the file.
    func path() -> String? {
        guard let text = text("a path"), let references = reading.references else { return nil }
        guard !text.text.hasPrefix("~") else {
            report("'~' is not expanded.", "Write ${HOME} or an absolute path.")
            return nil
        }
        guard !text.text.hasSuffix("/") else {
            report("\(text.quoted) is a directory.", "Name a file.")
            return nil
        }
        return absolutePath(text.text, in: references.directory)
    }
}
