package import ArgumentParser
import HotfixCore
import HotfixStore
import HotfixTracker

/// `hotfix baseline`: what is left out of look-backs.
package struct BaselineCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "baseline", abstract: "Leave intervals out of look-backs, and list them.",
        subcommands: [Exclude.self, List.self])

    package init() {}

    /// `hotfix baseline exclude`: leaves an interval out of look-backs.
    package struct Exclude: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            commandName: "exclude", abstract: "Leave an interval out of look-backs, with its reason.")

        @OptionGroup package var common: CommonOptions
        @Argument(help: "FROM/TO, for example 2026-11-15T10:00:00Z/2026-11-15T12:30:00Z.")
        package var interval: String
        @Option(help: "Only for this service.", completion: .services)
        package var service: String?
        @Option(help: "Why.")
        package var reason: String
        @Option(help: "Who says so.")
        package var by: String?

        package init() {}

        package func validate() throws {
            if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why.") }
        }

        package mutating func run() async throws {
            let surroundings = Surroundings.current
            let workplace = try Workplace(config: common.config)
            if let service { _ = try workplace.selected([service]) }
            let interval = try HotfixCommand.interval(self.interval, "The interval", openEnd: nil)
            try workplace.openLedger(createIfMissing: true).record(
                .exclusion(
                    Exclusion(
                        id: 0, service: service, interval: interval, reason: reason, by: by,
                        recordedAt: surroundings.now)))
            try surroundings.write("Left out of look-backs from the next check on: \(interval).\n")
        }
    }

    /// `hotfix baseline list`: what is left out, and the baselines stored.
    package struct List: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List what is left out of look-backs, and the stored baselines.")

        @OptionGroup package var common: CommonOptions
        @Option(help: "How the result is printed.")
        package var format = OutputFormat.text

        package init() {}

        package mutating func run() async throws {
            let surroundings = Surroundings.current
            let facts = try Workplace(config: common.config).openLedger().facts()
            let pairs = Dictionary(facts.series.map { ($0.id, $0.pair) }) { $1 }
            let units = Dictionary(facts.series.map { ($0.id, $0.definition.unit) }) { $1 }
            if format == .json {
                try surroundings.write(BaselineCommand.json(facts, pairs).text + "\n")
                return
            }
            var lines = facts.exclusions.isEmpty ? ["Nothing is left out of look-backs."] : ["Left out of look-backs:"]
            lines.append(
                table(
                    facts.exclusions.map {
                        [
                            $0.interval.description, oneLine($0.service ?? "all services"), oneLine($0.reason),
                            oneLine($0.by ?? ""),
                        ]
                    }))
            if !facts.baselines.isEmpty { lines.append("Stored baselines:") }
            lines.append(
                table(
                    facts.baselines.map { baseline in
                        let first = baseline.values.first
                        return [
                            oneLine(pairs[baseline.series]?.description ?? "series \(baseline.series)"),
                            "\(baseline.from) to \(baseline.to)", baseline.rule.statistic.rawValue,
                            baseline.values.count == 1
                                ? figure(first?.number, unit: units[baseline.series] ?? nil) : "by time of day",
                            "\(first?.windowsUsed ?? 0) of \(first?.windowsPossible ?? 0) windows",
                        ]
                    }))
            try surroundings.write(lines.filter { !$0.isEmpty }.joined(separator: "\n") + "\n")
        }
    }

    fileprivate static func json(_ facts: LedgerFacts, _ pairs: [Int: Pair]) -> JSONValue {
        .object([
            "exclusions": .array(
                facts.exclusions.map {
                    .object([
                        "from": JSONValue($0.interval.start), "to": JSONValue($0.interval.end),
                        "service": JSONValue($0.service), "reason": JSONValue($0.reason), "by": JSONValue($0.by),
                        "recorded_at": JSONValue($0.recordedAt),
                    ])
                }),
            "baselines": .array(
                facts.baselines.map { baseline in
                    .object([
                        "id": JSONValue(baseline.id), "service": JSONValue(pairs[baseline.series]?.service),
                        "guardrail": JSONValue(pairs[baseline.series]?.guardrail), "from": JSONValue(baseline.from),
                        "to": JSONValue(baseline.to), "statistic": JSONValue(baseline.rule.statistic.rawValue),
                        "values": .array(baseline.values.map { JSONValue($0.number) }),
                        "windows_used": JSONValue(baseline.values.first?.windowsUsed ?? 0),
                        "windows_possible": JSONValue(baseline.values.first?.windowsPossible ?? 0),
                        "deployment": JSONValue(baseline.deployment), "stored_at": JSONValue(baseline.storedAt),
                    ])
                }),
        ])
    }
}

extension HotfixCommand {
    /// Reads `FROM/TO`, or `FROM` where an end is given.
    static func interval(_ text: String, _ option: String, openEnd: Instant?) throws -> Interval {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let start = try instant(parts[0], option)
        guard let end = try parts.count > 1 ? instant(parts[1], option) : openEnd else {
            throw CommandError(.wrong, "\(option) '\(oneLine(text))' has no end. Write it as FROM/TO.")
        }
        guard start < end else {
            throw CommandError(
                .wrong, "\(option) '\(oneLine(text))' ends at \(end), which is not after its start \(start).")
        }
        return Interval(start: start, end: end)
    }
}
