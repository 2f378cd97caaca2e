import Foundation
import HotfixCommands
import HotfixTestSupport
import Testing

/// A command as the argument parser describes it, as far as the manual has to say it.
private struct Described: Decodable {
    struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String
        }

        var kind: String
        var shouldDisplay: Bool
        var names: [Name]?
        var valueName: String?
    }

    var commandName: String
    var shouldDisplay: Bool?
    var subcommands: [Described]?
    var arguments: [Argument]?

    var shown: [Described] { (subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" } }
}

@Suite("The manual", .heavy)
struct ManualTests {
    /// Runs a body with the root command, and with the pages as they are typeset, by name.
    private func withManual(_ body: (Described, [String: String]) throws -> Void) async throws {
        try await withCommands { lab in
            #expect(await lab.run("manual", "share/man1") == Run(.done))
            struct Dump: Decodable { var command: Described }
            let dump = await lab.run("--experimental-dump-help").output
            let root = try JSONDecoder().decode(Dump.self, from: Data(dump.utf8)).command
            var pages: [String: String] = [:]
            for name in try FileManager.default.contentsOfDirectory(atPath: lab.path("share/man1")) {
                let groff = try await SpawnedCommand.start(
                    "/usr/bin/groff",
                    ["-man", "-Tascii", "-P-cbou", "-ww", "-rLL=10000n", lab.path("share/man1/\(name)")],
                    environment: ["PATH": "/usr/bin:/bin"], outputFile: lab.path("page.txt")
                ).ending()
                #expect(groff.exitStatus == 0)
                #expect(!groff.output.contains("warning:") && !groff.output.contains("error:"), "\(groff.output)")
                pages[name] = groff.output
            }
            try body(root, pages)
        }
    }

    @Test("there is a page of every command, which groff typesets without a warning")
    func complete() async throws {
        try await withManual { root, pages in
            let names = root.shown.map { "hotfix-\($0.commandName).1" } + ["hotfix.1"]
            #expect(pages.keys.sorted() == names.sorted())
            for (name, page) in pages {
                for heading in [
                    "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "FILES", "ENVIRONMENT", "SEE ALSO",
                ] { #expect(page.contains("\n\(heading)\n"), "\(name): \(heading)") }
                #expect(page.contains("HOTFIX_CONFIG"))
                #expect(page.contains("The call or the configuration is wrong."))
            }
        }
    }

    @Test("every command and every option of it is on its page, and each but once")
    func options() async throws {
        try await withManual { root, pages in
            for command in root.shown {
                let page = try #require(pages["hotfix-\(command.commandName).1"])
                #expect(pages["hotfix.1"]?.contains("\n       hotfix \(command.commandName)\n") == true)
                #expect(pages["hotfix.1"]?.contains("hotfix-\(command.commandName)(1)") == true)
                let leaves = command.shown.isEmpty ? [command] : command.shown
                for leaf in leaves {
                    #expect(page.contains(leaf.commandName))
                    for argument in leaf.arguments ?? [] where argument.shouldDisplay {
                        let value = "<\(argument.valueName ?? "")>"
                        let terms = argument.names.map { $0.map { $0.kind == "long" ? "--\($0.name)" : "-\($0.name)" } }
                        for term in terms ?? [value] { #expect(page.contains(term), "\(leaf.commandName): \(term)") }
                    }
                }
            }
            let deployed = try #require(pages["hotfix-deployed.1"])
            let terms = deployed.split(separator: "\n").filter { $0.hasPrefix("       --version") }
            #expect(terms == ["       --version <version>"])
        }
    }

    @Test("a directory that cannot be made is an error that names it")
    func unwritable() async throws {
        try await withCommands(["file": ""]) { lab in
            let run = await lab.run("manual", "file/man1")
            #expect(run == Run(.unfinished, errors: run.errors))
            #expect(run.errors.hasPrefix("hotfix: The manual could not be written into '\(lab.path("file/man1"))': "))
        }
    }
}
