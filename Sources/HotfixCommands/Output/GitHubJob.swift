import Foundation
import HotfixCore
import HotfixTracker

/// A job of GitHub Actions that a readiness is told to: annotations, outputs and the summary of the step.
struct GitHubJob {
    /// The largest summary of a step, in bytes.
    private static let largestSummary = 1 << 20
    /// The room in bytes without which a page would say too little.
    private static let smallestPage = 1000
    /// The largest value that is passed on, in bytes; a job's outputs may have 1 MiB together.
    private static let largestOutput = 900_000
    /// How many annotations of one kind a step may have.
    private static let annotations = 10

    private let readiness: Readiness
    private let surroundings: Surroundings

    init(_ readiness: Readiness, _ surroundings: Surroundings) {
        self.readiness = readiness
        self.surroundings = surroundings
    }

    /// Tells it everything.
    ///
    /// - Returns: `unfinished` where something could not be delivered, which is said on standard error; else `done`.
    /// - Throws: `CommandError` where standard output cannot be written.
    func deliver() throws -> ExitStatus {
        let summary = path("GITHUB_STEP_SUMMARY")
        var text = commands
        if summary == nil { text += readiness.markdown() }
        try surroundings.write(text)
        var failures: [CommandError] = []
        func attempt(_ body: () throws(CommandError) -> Void) {
            do throws(CommandError) { try body() } catch { failures.append(error) }
        }
        if let summary {
            attempt { () throws(CommandError) in try append(page(for: summary), to: summary) }
        }
        if let output = path("GITHUB_OUTPUT") {
            attempt { () throws(CommandError) in try append(outputs, to: output) }
        }
        for failure in failures { surroundings.writeError("hotfix: \(oneLine(failure.description))\n") }
        return failures.isEmpty ? .done : .unfinished
    }

    private func path(_ variable: String) -> String? {
        guard let path = surroundings.environment[variable], !path.isEmpty else { return nil }
        return path.hasPrefix("/") ? path : "\(surroundings.directory)/\(path)"
    }

    /// One workflow command for the hotfix, and one for each service that is not as well as can be.
    private var commands: String {
        var lines = [command(for: readiness.state, "hotfix", "The hotfix is \(readiness.sentence)\(figures).")]
        for level in ["error", "warning"] {
            let told = readiness.services.filter {
                Self.level(of: $0.state) == level && (readiness.services.count > 1 || $0.state == .breaching)
            }
            // One of the step's annotations is the hotfix's own.
            let shown = told.count < Self.annotations ? told.count : Self.annotations - 2
            lines += told.prefix(shown).map { command(for: $0.state, "hotfix: \($0.name)", sentence(of: $0)) }
            if told.count > shown {
                lines.append("::\(level) title=hotfix::\(told.count - shown) more services are like that.")
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private var figures: String {
        guard readiness.state == .counting else { return "" }
        let earliest = readiness.earliestReady.map { "; ready at the earliest at \($0)" } ?? ""
        return ": \(hours(readiness.provenSeconds)) of \(hours(readiness.requiredSeconds)) proven\(earliest)"
    }

    private static func level(of state: Readiness.State) -> String {
        switch state {
        case .breaching, .blind: "error"
        case .counting, .notDeployed: "warning"
        case .ready: "notice"
        }
    }

    private func command(for state: Readiness.State, _ title: String, _ message: String) -> String {
        let data: [Unicode.Scalar: String] = ["%": "%25", "\r": "%0D", "\n": "%0A"]
        let property = data.merging([":": "%3A", ",": "%2C"]) { $1 }
        return
            "::\(Self.level(of: state)) title=\(escaping(oneLine(title), property))::\(escaping(oneLine(message), data))"
    }

    private func sentence(of service: ServiceReadiness) -> String {
        let why = service.stateReason.map { " (\($0.text))" } ?? ""
        let proven = "\(hours(service.provenSeconds)) of \(hours(service.requiredSeconds)) proven"
        let breaches = service.guardrails.filter { $0.verdict == .breach }.map { guardrail in
            "\(guardrail.name) is \(figure(guardrail.value, unit: guardrail.unit)), "
                + "its limit \(figure(guardrail.limit, unit: guardrail.unit))"
        }
        return "\(service.name) is \(service.state.rawValue)\(why): "
            + (breaches.isEmpty ? [proven] : breaches + [proven]).joined(separator: "; ") + "."
    }

    /// What later steps read; a value that has none is empty.
    private var outputs: String {
        let values = [
            ("state", readiness.state.rawValue), ("state_reason", readiness.stateReason?.rawValue ?? ""),
            ("ready", readiness.isReady ? "true" : "false"), ("proven_seconds", String(readiness.provenSeconds)),
            ("required_seconds", String(readiness.requiredSeconds)),
            ("earliest_ready", readiness.earliestReady?.description ?? ""),
            ("commit", readiness.deployment.map { oneLine($0.commit) } ?? ""),
        ]
        let json = readiness.json.text
        // What is too long to be passed on is left empty rather than cut, which would no longer be JSON.
        let passed = json.utf8.count <= Self.largestOutput ? json : ""
        var delimiter = "hotfix"
        repeat {
            delimiter = "hotfix-\(UInt64.random(in: .min ... .max))-\(UInt64.random(in: .min ... .max))"
        } while passed.contains(delimiter)
        return values.map { "\($0)=\($1)\n" }.joined() + "json<<\(delimiter)\n\(passed)\n\(delimiter)\n"
    }

    /// The page, no longer than what is left of the step's summary.
    private func page(for path: String) throws(CommandError) -> String {
        // A file that is not there yet has no size.
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let room = Self.largestSummary - ((attributes?[.size] as? Int) ?? 0)
        guard room >= Self.smallestPage else {
            throw CommandError(
                .unfinished,
                "The summary of this step, '\(path)', has no room left for the readiness: GitHub shows 1 MiB. Write less to "
                    + "it, or call hotfix in a step of its own.")
        }
        return readiness.markdown(room: room)
    }

    private func append(_ text: String, to path: String) throws(CommandError) {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var rest = ArraySlice(Array(text.utf8))
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno != EINTR { throw failure(path) }
            rest = rest.dropFirst(max(0, written))
        }
    }

    private func failure(_ path: String) -> CommandError {
        CommandError(
            .unfinished,
            "The readiness could not be written to '\(path)': \(String(cString: strerror(errno))). Mend that, or unset the "
                + "variable that names it.")
    }
}
