import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Synchronization
import Testing

@Suite("hotfix ledger export")
struct LedgerExportTests {
    private let columns =
        "service,guardrail,window_start,window_end,value,baseline,baseline_windows,coverage,limit,verdict,reason,"
        + "confirmed,revision,policy,evaluated_at\n"

    @Test("every verdict is a row of CSV, or an object of JSON")
    func formats() async throws {
        try await withSentry([project { $0 == noon + 300 ? 70 : 50 }], now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            #expect(await commands.run("ledger", "export") == Run(.done, columns))
            #expect(await commands.run("ledger", "export", "--format", "json") == Run(.done, "[]\n"))
            await commands.checks(from: noon, to: noon + 600)
            let first =
                "checkout,error-rate,2026-11-20T12:00:00Z,2026-11-20T12:05:00Z,10,10,288,1,12.5,clean,,false,0,1,"
            let second =
                "checkout,error-rate,2026-11-20T12:05:00Z,2026-11-20T12:10:00Z,14,10,288,1,12.5,breach,,true,0,1,"
            let one = first + "2026-11-20T12:07:10Z\n"
            let two = second + "2026-11-20T12:12:10Z\n"
            #expect(await commands.run("ledger", "export") == Run(.done, columns + one + two))
            #expect(
                await commands.run("ledger", "export", "--from", "2026-11-20T12:00:01Z") == Run(.done, columns + two))
            #expect(await commands.run("ledger", "export", "--to", "2026-11-20T12:05:00Z") == Run(.done, columns + one))
            #expect(
                await commands.run("ledger", "export", "--format", "json", "--to", "2026-11-20T12:05:00Z")
                    == Run(
                        .done,
                        """
                        [
                        {"service": "checkout", "guardrail": "error-rate", "window_start": "2026-11-20T12:00:00Z", \
                        "window_end": "2026-11-20T12:05:00Z", "value": 10, "baseline": 10, "baseline_windows": 288, \
                        "coverage": 1, "limit": 12.5, "verdict": "clean", "reason": null, "confirmed": false, \
                        "revision": 0, "policy": 1, "evaluated_at": "2026-11-20T12:07:10Z"}
                        ]

                        """))
        }
    }

    @Test("names are quoted as RFC 4180 wants it")
    func quoting() async throws {
        let name = #"che,ck "out" <script>"#
        try await withSentry { lab in
            let commands = lab.commands
            let configuration = sentryConfiguration(url: lab.server.url)
                .replacing("name: checkout", with: "name: '\(name)'")
            try commands.write(configuration, to: "hotfix.yaml")
            await commands.run("check")
            let csv = await commands.run("ledger", "export")
            #expect(csv.output.hasPrefix(columns + #""che,ck ""out"" <script>",error-rate,2026-11-20T12:00:00Z,"#))
            let json = await commands.run("ledger", "export", "--format", "json")
            #expect(
                json.output.hasPrefix("[\n" + #"{"service": "che,ck \"out\" <script>", "guardrail": "error-rate","#))
        }
    }

    @Test("many rows go out in pieces, and none is lost")
    func streaming() async throws {
        try await withSentry(now: noon + 7 * 86_400) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--at", "2026-11-21T12:00:00Z", "--no-incident")
            await commands.run("check")
            let pieces = Mutex<[String]>([])
            let surroundings = Surroundings(
                clock: { commands.clock }, environment: commands.environment, directory: commands.directory,
                write: { text in pieces.withLock { $0.append(text) } }, writeError: { _ in })
            let status = await Surroundings.$current.withValue(surroundings) {
                await EntryPoint.run(["ledger", "export"])
            }
            #expect(status == .done)
            let written = pieces.withLock { $0 }
            #expect(written.count > 2)
            #expect(written.allSatisfy { $0.utf8.count < 1 << 17 })
            let lines = written.joined().split(separator: "\n")
            let starts = lines.dropFirst().map { String($0.split(separator: ",")[2]) }
            let last = noon + 7 * 86_400 - 600
            #expect(
                starts == stride(from: noon.seconds + 86_400, through: last.seconds, by: 300).map { "\(Instant($0))" })
        }
    }

    @Test("an output that takes nothing more is an error, not a short export")
    func fullDisk() async throws {
        try await withSentry { lab in
            let commands = lab.commands
            await commands.run("check")
            let errors = Mutex("")
            let surroundings = Surroundings(
                clock: { commands.clock }, environment: commands.environment, directory: commands.directory,
                write: { _ in throw CommandError(.unfinished, "The disk is full.") },
                writeError: { text in errors.withLock { $0 += text } })
            for arguments in [["ledger", "export"], ["readiness"], ["check"], ["--help"], ["config"]] {
                let status = await Surroundings.$current.withValue(surroundings) { await EntryPoint.run(arguments) }
                #expect(status == .unfinished, "\(arguments)")
            }
            #expect(errors.withLock { $0 } == String(repeating: "hotfix: The disk is full.\n", count: 5))
        }
    }
}
