package import HotfixCore

extension ReleaseFault {
    /// The fault on one line, as the status file keeps it.
    package var line: String {
        let facts = [expected.map { "expected \($0)" }, found.map { "found \($0)" }].compactMap(\.self)
        return "\(place): \(what)\(facts.isEmpty ? "" : " (\(facts.joined(separator: "; ")))")"
    }
}

extension ReleaseFindings {
    /// What the status file keeps: what is wrong and what could not be asked, each on one line.
    package var lines: [String] {
        faults.map { oneLine($0.line) } + unasked.map { oneLine("\($0.place): could not be asked: \($0.reason)") }
    }

    /// The sum of it, a sentence.
    package var summary: String {
        if isWhole, !isFull { return "What was looked at holds; signatures and digests were not looked at." }
        if isWhole, !skipped.isEmpty {
            return
                "What was looked at holds; \(count(skipped.count, "thing")) \(skipped.count == 1 ? "was" : "were") not."
        }
        if isWhole { return "All holds: \(count(held.count, "thing")) looked at." }
        let parts = [
            faults.isEmpty ? nil : count(faults.count, "fault"),
            unasked.isEmpty ? nil : "\(unasked.count) not asked",
        ].compactMap(\.self)
        return "The release is not verified: \(parts.joined(separator: ", "))."
    }

    /// The findings for a person.
    ///
    /// - Parameter isVerbose: Whether what holds is listed.
    /// - Returns: Lines, without the end of the last.
    package func text(isVerbose: Bool) -> String {
        var lines: [String] = []
        for fault in faults {
            lines.append("fault: \(oneLine(fault.place)): \(oneLine(fault.what)) [\(fault.code.rawValue)]")
            if let expected = fault.expected { lines.append("    expected: \(oneLine(expected))") }
            if let found = fault.found { lines.append("    found: \(oneLine(found))") }
            lines.append("    → \(oneLine(fault.remedy))")
        }
        lines += unasked.map { "not asked: \(oneLine($0.place)): \(oneLine($0.reason))" }
        lines += skipped.map { "not looked at: \(oneLine($0))" }
        lines += notes.map { "note: \(oneLine($0))" }
        if isVerbose { lines += held.map { "well: \(oneLine($0))" } }
        lines.append(summary)
        return lines.joined(separator: "\n")
    }

    /// The findings for a program.
    ///
    /// - Parameters:
    ///   - tag: The tag of the release.
    ///   - at: When they were found.
    /// - Returns: JSON.
    package func json(tag: String, at: Instant) -> JSONValue {
        .object([
            "tag": JSONValue(tag), "at": JSONValue(at), "ok": .boolean(isWhole),
            "full": .boolean(isFull),
            "faults": .array(
                faults.map { fault in
                    .object([
                        "code": JSONValue(fault.code.rawValue), "place": JSONValue(fault.place),
                        "what": JSONValue(fault.what), "expected": JSONValue(fault.expected),
                        "found": JSONValue(fault.found), "remedy": JSONValue(fault.remedy),
                    ])
                }),
            "unasked": .array(
                unasked.map { .object(["place": JSONValue($0.place), "reason": JSONValue($0.reason)]) }),
            "skipped": .array(skipped.map { JSONValue($0) }), "held": .array(held.map { JSONValue($0) }),
            "notes": .array(notes.map { JSONValue($0) }),
        ])
    }
}
