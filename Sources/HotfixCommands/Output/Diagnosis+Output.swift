import HotfixCore
import HotfixTracker

extension Diagnosis {
    /// What the process ends with: warnings and notes count for nothing, what could not be examined is left to do.
    ///
    /// What a channel cannot be asked without telling somebody is none of that: it will never be examined.
    var status: ExitStatus {
        ExitStatus.gravest(
            findings.filter { $0.severity == .problem || $0.code == .notExamined }.map { finding in
                if finding.code == .notExamined {
                    if case .channel = finding.subject { return .done }
                    return .unfinished
                }
                return switch finding.code.place {
                case .setUp: .wrong
                case .source: .unfinished
                case .state: .unusable
                }
            })
    }

    /// The subjects with the findings of each, in the order of looking; the gravest finding of a subject first.
    private var groups: [(subject: Finding.Subject, findings: [Finding])] {
        var groups: [(subject: Finding.Subject, findings: [Finding])] = []
        for finding in findings {
            if let index = groups.firstIndex(where: { $0.subject == finding.subject }) {
                groups[index].findings.append(finding)
            } else {
                groups.append((finding.subject, [finding]))
            }
        }
        let order = Finding.Severity.allCases
        return groups.map { subject, findings in
            (subject, order.flatMap { severity in findings.filter { $0.severity == severity } })
        }
    }

    /// The diagnosis for a person, the sentence that sums it up last.
    ///
    /// - Parameter isVerbose: Whether what is well is listed.
    /// - Returns: Lines, without the end of the last.
    func text(isVerbose: Bool) -> String {
        var lines: [String] = []
        for group in groups {
            lines.append(oneLine(group.subject.title))
            for finding in group.findings {
                lines.append("  \(finding.severity.rawValue): \(oneLine(finding.what)) [\(finding.code.rawValue)]")
                lines.append("    → \(oneLine(finding.remedy))")
            }
        }
        if isVerbose {
            lines += passed.map { "well: \(oneLine($0.subject.title)): \(oneLine($0.what))" }
        }
        lines.append(summary)
        return lines.joined(separator: "\n")
    }

    private func number(of severity: Finding.Severity) -> Int {
        findings.count { $0.severity == severity && $0.code != .notExamined }
    }

    private var summary: String {
        let problems = number(of: .problem)
        let warnings = number(of: .warning)
        let notes = number(of: .note)
        let found = [
            problems > 0 ? count(problems, "problem") : nil, warnings > 0 ? count(warnings, "warning") : nil,
            notes > 0 ? count(notes, "note") : nil,
        ].compactMap(\.self)
        let list =
            found.count > 1 ? "\(found.dropLast().joined(separator: ", ")) and \(found.last ?? "")" : found.first
        let unexamined = findings.count { $0.code == .notExamined }
        let rest = unexamined > 0 ? "; \(count(unexamined, "thing")) could not be examined" : ""
        return "\(list ?? "Nothing wrong") found, \(count(passed.count, "check")) passed\(rest)."
    }

    /// The diagnosis for a program.
    func json(at now: Instant) -> JSONValue {
        .object([
            "at": JSONValue(now), "problems": JSONValue(number(of: .problem)),
            "warnings": JSONValue(number(of: .warning)), "notes": JSONValue(number(of: .note)),
            "not_examined": JSONValue(findings.count { $0.code == .notExamined }),
            "findings": .array(
                findings.map { finding in
                    .object([
                        "severity": JSONValue(finding.severity.rawValue), "code": JSONValue(finding.code.rawValue),
                        "subject": finding.subject.json, "what": JSONValue(finding.what),
                        "remedy": JSONValue(finding.remedy),
                    ])
                }),
            "passed": .array(
                passed.map { .object(["subject": $0.subject.json, "what": JSONValue($0.what)]) }),
        ])
    }
}

extension Finding.Subject {
    /// As a heading: `source otel`.
    fileprivate var title: String { name.isEmpty ? kind : "\(kind) \(name)" }

    fileprivate var json: JSONValue {
        .object(["kind": JSONValue(kind), "name": name.isEmpty ? .null : JSONValue(name)])
    }
}
