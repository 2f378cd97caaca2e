/// Something that an examination found: what is wrong or worth knowing, and what to do about it.
package struct Finding: Sendable, Hashable {
    /// How much it matters.
    package enum Severity: String, Sendable, Hashable, CaseIterable {
        /// What is watched cannot be judged as it should be, until somebody mends it.
        case problem
        /// It works, and verdicts may be worth less than they seem.
        case warning
        /// Worth knowing.
        case note
    }

    /// What it is about.
    package enum Subject: Sendable, Hashable {
        /// The configuration as a whole.
        case configuration
        /// A source, by its name.
        case source(String)
        /// A service, by its name.
        case service(String)
        /// A guardrail of a service.
        case guardrail(Pair)
        /// A way to tell people, by its name in the configuration.
        case channel(String)
        /// A file, by its path.
        case file(String)
        /// The agent: the runs of `hotfix check`.
        case agent

        /// What kind of thing it is: `source`, `file`, ….
        package var kind: String {
            switch self {
            case .configuration: "configuration"
            case .source: "source"
            case .service: "service"
            case .guardrail: "guardrail"
            case .channel: "channel"
            case .file: "file"
            case .agent: "agent"
            }
        }

        /// Its name; empty where there is but one of its kind.
        package var name: String {
            switch self {
            case .configuration, .agent: ""
            case .source(let name), .service(let name), .channel(let name): name
            case .guardrail(let pair): pair.description
            case .file(let path): path
            }
        }
    }

    /// How much it matters.
    package var severity: Severity
    /// What was found, by a name that stays the same.
    package var code: FindingCode
    /// What it is about.
    package var subject: Subject
    /// What was found, in a sentence; holds no secret.
    package var what: String
    /// What to do about it.
    package var remedy: String

    /// Makes a finding.
    package init(
        _ severity: Severity, _ code: FindingCode, _ subject: Subject, _ what: String, remedy: String
    ) {
        self.severity = severity
        self.code = code
        self.subject = subject
        self.what = what
        self.remedy = remedy
    }
}

/// What came of an examination: what was found, and what was looked at and is well.
package struct Diagnosis: Sendable, Hashable {
    /// Something that was looked at and is well.
    package struct Passed: Sendable, Hashable {
        /// What was looked at.
        package var subject: Finding.Subject
        /// What holds of it, in a sentence.
        package var what: String
    }

    /// What was found, in the order of looking.
    package var findings: [Finding] = []
    /// What was looked at and is well.
    package var passed: [Passed] = []

    /// Makes a diagnosis of nothing.
    package init() {}

    /// Adds something that is well.
    package mutating func pass(_ subject: Finding.Subject, _ what: String) {
        passed.append(Passed(subject: subject, what: what))
    }

    /// Adds what was found elsewhere.
    package mutating func merge(_ other: Diagnosis) {
        findings += other.findings
        passed += other.passed
    }

    /// Adds that something could not be looked at, and why.
    package mutating func leaveOut(_ subject: Finding.Subject, _ what: String, remedy: String) {
        findings.append(Finding(.note, .notExamined, subject, "Not examined: \(what)", remedy: remedy))
    }
}
