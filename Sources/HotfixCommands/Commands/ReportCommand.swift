package import ArgumentParser
import Foundation
import HotfixConfiguration
import HotfixCore
import HotfixPage

/// `hotfix report`: one self-contained page of a hotfix.
package struct ReportCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write one self-contained page of a hotfix, with its plots, for the archive.",
        discussion: """
            It holds what happened and what was done, each guardrail's curve, the verdicts by number, the episodes, who approved \
            and who overrode, and the policy in force. It loads nothing from elsewhere and runs no script.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var server: ServerOptions
    @Option(
        help: "Where the page is written; a file that is there is replaced.", completion: .file(extensions: ["html"]))
    package var html: String
    @Option(
        name: .customLong("service"), help: "Only this service; may be repeated. At most 20.", completion: .services)
    package var services: [String] = []
    @Option(help: "From when on it tells; a day before the hotfix's first deployment by default, at most 30 days.")
    package var from: String?

    package init() {}

    package func validate() throws {
        if html.isEmpty { throw ValidationError("--html names no file.") }
    }

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let file = try ReportFile(html, in: surroundings.directory)
        if server.address(common) == nil { try file.refuse(Workplace(config: common.config).ownFiles) }
        let desk = try server.desk(common)
        let readiness = try await desk.readiness(ReadinessQuery(services: services))
        let names = readiness.services.map(\.name)
        guard names.count <= OverviewQuery.mostServices else {
            throw CommandError(
                .wrong,
                "The hotfix has \(names.count) services, and a report has room for \(OverviewQuery.mostServices). Say which: "
                    + "--service NAME")
        }
        let now = surroundings.now
        let begin = try await start(desk, now)
        let overview = try await desk.overview(OverviewQuery(services: names, from: begin))
        try file.write(ReportPage(readiness, overview, about: services, now: now).html.bytes)
        if !common.quiet { surroundings.writeError("hotfix: Wrote \(oneLine(html)).\n") }
    }

    /// From when on it tells: what was asked for, or a day before the newest hotfix was first deployed.
    private func start(_ desk: any LedgerDesk, _ now: Instant) async throws -> String? {
        if let from { return from }
        let standing = try await desk.deployments().filter { !$0.isVoid && $0.at <= now }
        guard let hotfix = standing.last?.hotfix,
            let first = standing.filter({ $0.hotfix == hotfix }).map(\.at).min()
        else { return nil }
        // A server's clock may be a little ahead of ours.
        return max(first - 86_400, now - OverviewQuery.longest + 300).description
    }
}

/// The file that a report is written to.
private struct ReportFile {
    private let shown: String
    private let path: String

    init(_ path: String, in directory: String) throws {
        shown = oneLine(path)
        let absolute = absolutePath(path, in: directory)
        // Behind symbolic links, so that what is written over is what was looked at.
        self.path = URL(fileURLWithPath: absolute).resolvingSymlinksInPath().path
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: self.path, isDirectory: &isDirectory), isDirectory.boolValue {
            throw CommandError(.wrong, "--html '\(shown)' is a directory. Name a file.")
        }
    }

    /// Refuses to write over one of these.
    func refuse(_ files: [String]) throws {
        func identity(_ path: String) -> [UInt64]? {
            var facts = stat()
            return stat(path, &facts) == 0 ? [UInt64(facts.st_dev), UInt64(facts.st_ino)] : nil
        }
        let own = identity(path)
        for file in files {
            let resolved = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
            guard resolved == path || (own != nil && own == identity(file)) else { continue }
            throw CommandError(
                .wrong, "--html '\(shown)' is a file of hotfix itself, '\(oneLine(file))'. Name another for the report."
            )
        }
    }

    /// Puts the report in the place of what is there, whole or not at all.
    func write(_ bytes: [UInt8]) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CommandError(
                .unfinished,
                "The report could not be written to '\(shown)': \(oneLine(error.localizedDescription)) Name another file, or "
                    + "make room.")
        }
    }
}

extension Workplace {
    /// The files that only hotfix itself writes, or people by hand.
    fileprivate var ownFiles: [String] {
        let files =
            [settings.path, ledgerPath] + ["-wal", "-shm", ".lock"].map { ledgerPath + $0 }
            + settings.services.compactMap(\.policyFile)
            + (settings.tracker.map { [$0.statusFile, $0.outstandingFile] } ?? [])
        return files.map { absolutePath($0, in: surroundings.directory) }
    }
}
