package import ArgumentParser
import HotfixCore

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
        @OptionGroup package var server: ServerOptions
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
            if let objection = entry.objection { throw ValidationError(objection) }
        }

        private var entry: ExclusionEntry {
            ExclusionEntry(interval: interval, service: service, reason: reason, by: by)
        }

        package mutating func run() async throws {
            let surroundings = Surroundings.current
            let entry = entry
            let exclusion = try await server.desk(common).exclude(entry)
            try surroundings.write("Left out of look-backs from the next check on: \(exclusion.interval).\n")
        }
    }

    /// `hotfix baseline list`: what is left out, and the baselines stored.
    package struct List: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List what is left out of look-backs, and the stored baselines.")

        @OptionGroup package var common: CommonOptions
        @OptionGroup package var server: ServerOptions
        @Option(help: "How the result is printed.")
        package var format = OutputFormat.text

        package init() {}

        package mutating func run() async throws {
            let surroundings = Surroundings.current
            let book = try await server.desk(common).lookback()
            if format == .json {
                try surroundings.write(book.json.text + "\n")
                return
            }
            var lines = book.exclusions.isEmpty ? ["Nothing is left out of look-backs."] : ["Left out of look-backs:"]
            lines.append(
                table(
                    book.exclusions.map {
                        [
                            $0.interval.description, oneLine($0.service ?? "all services"), oneLine($0.reason),
                            oneLine($0.by ?? ""),
                        ]
                    }))
            if !book.baselines.isEmpty { lines.append("Stored baselines:") }
            lines.append(
                table(
                    book.baselines.map { baseline in
                        return [
                            oneLine(baseline.pair?.description ?? "series \(baseline.series)"),
                            "\(baseline.from) to \(baseline.to)", baseline.statistic.rawValue,
                            baseline.values.count == 1
                                ? figure(baseline.values.first ?? nil, unit: baseline.unit) : "by time of day",
                            "\(baseline.windowsUsed) of \(baseline.windowsPossible) windows",
                        ]
                    }))
            try surroundings.write(lines.filter { !$0.isEmpty }.joined(separator: "\n") + "\n")
        }
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
