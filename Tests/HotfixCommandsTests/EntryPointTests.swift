import Foundation
import HotfixCommands
import HotfixDemo
import HotfixTestSupport
import Synchronization
import Testing

@Suite("The command line")
struct EntryPointTests {
    @Test(
        "a call that is wrong ends with 2, says what is, and makes nothing",
        arguments: [
            (["chek"], "Unexpected argument 'chek'"),
            (["check", "--nope"], "Unknown option '--nope'"),
            (["check", "--service"], "Missing value for '--service <service>'"),
            (["check", "--until", "noon"], "hotfix: --until 'noon' is not a time. Write it as 2026-11-20T08:00:00Z"),
            (
                ["check", "--service", "chekout"],
                "hotfix: Service 'chekout' is not in hotfix.yaml. It knows: checkout."
            ),
            (["check", "--format", "xml"], "Please provide one of 'text' and 'json'."),
            (["check", "--verbose", "--quiet"], "--verbose and --quiet exclude each other."),
            (["readiness", "--max-age", "20"], "hotfix: --max-age '20' is not a duration. Write it as 20m or 1h."),
            (["readiness", "--max-age", "0s"], "hotfix: --max-age '0s' is not a duration."),
            (["readiness", "--at", "2026-11-20T12:07:11Z"], "hotfix: --at 2026-11-20T12:07:11Z lies in the future"),
            (["readiness", "--service", "pay"], "hotfix: Service 'pay' is not in hotfix.yaml."),
            (["gate"], "Missing expected argument '--commit <commit>'"),
            (["gate", "--commit", "a1a1a1a"], "hotfix: --commit 'a1a1a1a' is not a full commit id: give all 40"),
            (["gate", "--commit", commit, "--max-age", "x"], "hotfix: --max-age 'x' is not a duration."),
            (["explain"], "Missing expected argument '<service>'"),
            (["explain", "pay"], "hotfix: Service 'pay' is not in hotfix.yaml."),
            (["explain", "checkout", "--at", "x"], "hotfix: --at 'x' is not a time."),
            (["ledger", "export", "--from", "x"], "hotfix: --from 'x' is not a time."),
            (
                ["ledger", "export", "--from", "@600", "--to", "@600"],
                "hotfix: --to 1970-01-01T00:10:00Z is not after --from 1970-01-01T00:10:00Z."
            ),
            (["ledger", "export", "--format", "xml"], "Please provide one of 'csv' and 'json'."),
            (["deployed"], "Give exactly one of --commit (or --from), --list, --close and --void."),
            (
                ["deployed", "--list", "--close"],
                "Give exactly one of --commit (or --from), --list, --close and --void."
            ),
            (["deployed", "--list", "--at", "@1"], "--list, --close and --void take no options of a new deployment."),
            (["deployed", "--commit", "xyz"], "hotfix: --commit 'xyz' is not a commit id: give 7 to 64 hexadecimal"),
            (["deployed", "--commit", "ａ１ａ１ａ１ａ１"], "hotfix: --commit 'ａ１ａ１ａ１ａ１' is not a commit id"),
            (["deployed", "--commit", "a1a1a1"], "hotfix: --commit 'a1a1a1' is not a commit id"),
            (
                ["deployed", "--commit", commit, "--at", "2026-11-20T12:07:11Z"],
                "hotfix: --at 2026-11-20T12:07:11Z lies in the future; it is 2026-11-20T12:07:10Z."
            ),
            (["deployed", "--commit", commit, "--service", "pay"], "hotfix: Service 'pay' is not in hotfix.yaml."),
            (["deployed", "--commit", commit, "--new-baseline"], "need a --reason."),
            (["deployed", "--commit", commit, "--incident", "@1", "--reason", " "], "need a --reason."),
            (["deployed", "--commit", commit, "--reason", "because"], "--reason says why: it goes with --incident"),
            (
                ["deployed", "--commit", commit, "--incident", "@1", "--no-incident", "--reason", "x"],
                "--incident and --no-incident exclude each other."
            ),
            (
                ["deployed", "--commit", commit, "--incident", "2026-11-20T12:07:10Z", "--reason", "x"],
                "ends at 2026-11-20T12:07:10Z, which is not after its start 2026-11-20T12:07:10Z."
            ),
            (["deployed", "--commit", commit, "--incident", "@2/@1", "--reason", "x"], "is not after its start"),
            (["deployed", "--commit", commit, "--incident", "@1/x", "--reason", "x"], "--incident 'x' is not a time."),
            (["deployed", "--void", "1"], "need a --reason."),
            (
                ["baseline", "exclude", "@1", "--reason", "x"],
                "hotfix: The interval '@1' has no end. Write it as FROM/TO."
            ),
            (["baseline", "exclude", "@1/@2"], "Missing expected argument '--reason <reason>'"),
            (["baseline", "exclude", "@1/@2", "--reason", " "], "--reason must say why."),
            (["baseline", "exclude", "@1/@2", "--reason", "x", "--service", "pay"], "Service 'pay' is not in"),
            (["excuse", "x", "--reason", "y", "--by", " "], "--reason must say why, and --by who says so."),
            (["accept", "--reason", ""], "--reason must say why."),
            (["check", "--config", "other.yaml"], "hotfix: other.yaml: the file does not exist."),
        ])
    func wrongCalls(_ arguments: [String], _ says: String) async throws {
        try await withSentry { lab in
            let before = try lab.commands.files()
            let run = await lab.commands.run(arguments)
            #expect(run == Run(.wrong, errors: run.errors))
            #expect(run.errors.contains(says), "\(run.errors)")
            #expect(try lab.commands.files() == before)
            #expect(lab.server.requests().isEmpty)
        }
    }

    @Test(
        "help is a result",
        arguments: [
            ["--help"], ["help"], [], ["check", "--help"], ["readiness", "--help"], ["gate", "--help"],
            ["explain", "--help"], ["ledger"], ["ledger", "export", "--help"], ["deployed", "--help"], ["baseline"],
            ["baseline", "exclude", "--help"], ["baseline", "list", "--help"], ["excuse", "--help"],
            ["accept", "--help"], ["config", "--help"], ["config", "validate", "--help"],
        ])
    func help(_ arguments: [String]) async throws {
        try await withCommands { lab in
            let run = await lab.run(arguments)
            #expect(run == Run(.done, run.output))
            #expect(run.output.contains("USAGE: hotfix"))
        }
    }

    @Test(
        "a command is called by its full name, whether help was asked for or is needed",
        arguments: [["check"], ["ledger", "export"], ["baseline", "list"]])
    func fullName(_ words: [String]) async throws {
        try await withCommands { lab in
            let name = words.joined(separator: " ")
            let help = await lab.run(words + ["--help"])
            #expect(help.output.contains("USAGE: hotfix \(name) "))
            #expect(await lab.run(["help"] + words) == help)
            #expect(await lab.run(words + ["-h", "--nope"]) == help)
            let wrong = await lab.run(words + ["--nope"])
            #expect(wrong.errors.contains("Usage: hotfix \(name) "), "\(wrong.errors)")
            #expect(wrong.errors.contains("See 'hotfix \(name) --help' for more information."), "\(wrong.errors)")
            #expect(await lab.run(words + ["--version"]) == lab.run("--version"))
        }
    }

    @Test("the version is a result, and a deployment may have one")
    func version() async throws {
        try await withSentry { lab in
            #expect(await lab.commands.run("--version") == Run(.done, "hotfix \(Version.text)\n"))
            let run = await lab.commands.run("deployed", "--commit", commit, "--version", "v4.2", "--format", "json")
            #expect(run.status == .done)
            #expect(run.output.contains(#""version": "v4.2""#))
        }
    }

    @Test(
        "what only reads is done on the thread that called, for to start another takes longer",
        arguments: [
            ["config", "example"], ["config", "schema"],
            ["status", "--file-only", "--status-file", "/nowhere/hotfix-status.json"],
        ])
    @MainActor
    func prompt(_ arguments: [String]) async {
        let caller = pthread_self()
        let places = Mutex<[Bool]>([])
        let surroundings = Surroundings(
            clock: { 1_763_800_000 }, environment: [:], directory: "/nowhere",
            write: { _ in places.withLock { $0.append(pthread_self() == caller) } }, writeError: { _ in })
        let status = await Surroundings.$current.withValue(surroundings) { await EntryPoint.run(arguments) }
        #expect(status == .done)
        #expect(places.withLock { $0 } == [true])
    }

    @Test("without a configuration every command says where it looked")
    func noConfiguration() async throws {
        try await withCommands { lab in
            let expected = Run(
                .wrong,
                errors: "hotfix: hotfix.yaml: no configuration: neither '\(lab.path("hotfix.yaml"))' nor"
                    + " '/etc/hotfix/hotfix.yaml' exists. Name one by --config or $HOTFIX_CONFIG, or begin with"
                    + " 'hotfix config example > hotfix.yaml'.\n")
            for command in [["check"], ["readiness"], ["config"], ["deployed", "--list"], ["ledger", "export"]] {
                #expect(await lab.run(command) == expected)
            }
        }
    }

    @Test("of several exit codes the gravest counts")
    func gravest() {
        let order: [HotfixCommands.ExitStatus] = [.unusable, .wrong, .busy, .no, .unfinished, .done]
        #expect(order.map(\.rawValue) == [5, 2, 4, 1, 3, 0])
        for index in order.indices {
            #expect(HotfixCommands.ExitStatus.gravest(order[index...].shuffled()) == order[index])
        }
        #expect(HotfixCommands.ExitStatus.gravest([]) == .done)
    }
}
