import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

/// Runs a body with services that were deployed at noon, in a job of GitHub Actions whose files lie in the working directory.
private func withJob(
    _ variables: [String] = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"],
    _ projects: [SimulatedSentry.Project] = [project()], services: [String] = ["checkout"],
    branch: String = "release/hotfix", until: Instant = noon + 300, _ body: (CommandLab) async throws -> Void
) async throws {
    try await withSentry(projects, services: services, now: noon) { lab in
        let setUp = lab.commands
        await setUp.run("deployed", "--commit", commit, "--branch", branch, "--no-incident")
        await setUp.checks(from: noon, to: until)
        let files = Dictionary(uniqueKeysWithValues: variables.map { ($0, setUp.path($0)) })
        try await body(
            CommandLab(
                directory: setUp.directory, environment: setUp.environment.merging(files) { $1 }, now: setUp.now))
    }
}

extension CommandLab {
    fileprivate func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
}

private let page = """
    ## Hotfix: not ready, counting

    - Deployed: \(commit) of release/hotfix at 2026-11-20T12:00:00Z
    - Proven: 5 min of 30 min, since 2026-11-20T12:00:00Z
    - Earliest: 2026-11-20T12:30:00Z
    - Evaluated until: 2026-11-20T12:05:00Z

    | Service | State | Guardrail | Verdict | Value | Baseline | Limit | Change |
    | --- | --- | --- | --- | ---: | ---: | ---: | ---: |
    | checkout | counting, 5 min proven | error-rate | clean | 10/min | 10/min | 12.5/min | +0.0% |

    ### To know

    - No heartbeat is configured&#58; when no check runs any more, nothing tells anybody&#46;

    """

private let warning = """
    ::warning title=hotfix::The hotfix is not ready, counting: 5 min of 30 min proven; ready at the earliest at \
    2026-11-20T12:30:00Z.

    """

@Suite("Readiness in a job of GitHub Actions")
struct GitHubFormatTests {
    @Test("annotations go to standard output, the page and the values to the job's files, after what is there")
    func delivered() async throws {
        try await withJob { lab in
            try lab.write("first=1\n", to: "GITHUB_OUTPUT")
            try lab.write("# Before\n", to: "GITHUB_STEP_SUMMARY")
            #expect(await lab.run("readiness", "--format", "github") == Run(.no, warning))
            #expect(try lab.text("GITHUB_STEP_SUMMARY") == "# Before\n" + page)
            let output = try lab.text("GITHUB_OUTPUT")
            let json = await lab.run("readiness", "--format", "json").output
            let match = try #require(
                output.wholeMatch(
                    of:
                        #/first=1\nstate=counting\nstate_reason=\nready=false\nproven_seconds=300\nrequired_seconds=1800\nearliest_ready=2026-11-20T12:30:00Z\ncommit=(?<commit>[0-9a-f]{40})\njson<<(?<mark>\S{20,})\n(?<json>\{(?s:.*)\n\}\n)(?<end>\S{20,})\n/#
                ))
            #expect(match.commit == commit)
            #expect(match.mark == match.end)
            #expect(match.json == json)
            await lab.run("readiness", "--format", "github")
            let marks = try lab.text("GITHUB_OUTPUT").split(separator: "\n").filter { $0.hasPrefix("json<<") }
            #expect(marks.count == 2)
            #expect(Set(marks).count == 2)
        }
    }

    @Test("without the variables, or with empty ones, the page is printed")
    func printed() async throws {
        try await withJob([]) { lab in
            #expect(await lab.run("readiness", "--format", "github") == Run(.no, warning + page))
            let empty = CommandLab(
                directory: lab.directory, environment: ["GITHUB_OUTPUT": "", "GITHUB_STEP_SUMMARY": ""], now: lab.now)
            #expect(await empty.run("readiness", "--format", "github") == Run(.no, warning + page))
        }
    }

    @Test("a breach is an error, with the value and the limit; ready is a notice and ends with 0")
    func states() async throws {
        let projects = [project(), project("search", id: 102) { $0 >= noon ? 70 : 50 }]
        try await withJob([], projects, services: ["checkout", "search"]) { lab in
            let run = await lab.run("readiness", "--format", "github")
            #expect(
                run.output.hasPrefix(
                    """
                    ::error title=hotfix::The hotfix is not ready, breaching.
                    ::error title=hotfix%3A search::search is breaching: error-rate is 14/min, its limit 12.5/min; 0 min of 30 min \
                    proven.
                    ::warning title=hotfix%3A checkout::checkout is counting: 5 min of 30 min proven.
                    ## Hotfix: not ready, breaching

                    """))
            #expect(
                run.output.contains(
                    "### Episodes\n\n- search/error-rate/2026-11-20T12&#58;00&#58;00Z: open, 1 window\n\n### To know"))
        }
        try await withJob(until: noon + 1800) { lab in
            let run = await lab.run("readiness", "--format", "github")
            #expect(run == Run(.done, "::notice title=hotfix::The hotfix is ready since 2026-11-20T12:30:00Z.\n"))
            let outputs = try lab.text("GITHUB_OUTPUT")
            #expect(outputs.contains("\nready=true\n"))
        }
    }

    @Test(
        "a file that cannot be written is an error, and never makes an answer of no a yes",
        arguments: [(noon + 300, HotfixCommands.ExitStatus.no), (noon + 1800, .unfinished)])
    func undelivered(_ until: Instant, _ status: HotfixCommands.ExitStatus) async throws {
        try await withJob([], until: until) { lab in
            let broken = CommandLab(
                directory: lab.directory,
                environment: ["GITHUB_OUTPUT": "/nonexistent/output", "GITHUB_STEP_SUMMARY": lab.directory],
                now: lab.now)
            let run = await broken.run("readiness", "--format", "github")
            #expect(run.status == status)
            #expect(
                run.errors
                    == "hotfix: The readiness could not be written to '\(lab.directory)': Is a directory. Mend that, or unset"
                    + " the variable that names it.\nhotfix: The readiness could not be written to '/nonexistent/output': No"
                    + " such file or directory. Mend that, or unset the variable that names it.\n")
        }
    }

    @Test("text from outside begins no line, is no workflow command and no markup")
    func hostile() async throws {
        let text = "x\n::error::pwned\r\n##[error]pwned <img src=x> [a](http://b) `c` | www.evil.example @all #1 *b*"
        try await withJob([], branch: text) { lab in
            await lab.run(
                "baseline", "exclude", "2026-11-20T01:00:00Z/2026-11-20T02:00:00Z", "--reason", text)
            await lab.run("check")
            let run = await lab.run("readiness", "--format", "github")
            #expect(run.output.contains("pwned"))
            #expect(!run.output.contains("##["))
            #expect(!run.output.contains("\n::error"))
            for markup in ["<img", "[a]", "](", "`", "http:", "www.", "@all", "#1 ", "*b", "\r"] {
                #expect(!run.output.contains(markup), "\(markup)")
            }
            let lines = run.output.split(separator: "\n")
            #expect(lines.allSatisfy { $0.hasPrefix("::warning title=hotfix") || "#-|".contains($0.first ?? " ") })
        }
    }

    @Test("of each kind there are at most ten annotations, and the summary stays within a mebibyte")
    func bounded() async throws {
        let names = (0..<40).map { "service-\($0)" }
        try await withSentry([], services: names) { lab in
            await lab.commands.run("check")
            let job = CommandLab(
                directory: lab.commands.directory,
                environment: ["GITHUB_STEP_SUMMARY": lab.commands.path("summary")], now: lab.commands.now)
            try job.write(String(repeating: "x", count: (1 << 20) - 1500), to: "summary")
            let run = await job.run("readiness", "--format", "github")
            #expect(run.output.split(separator: "\n").count == 10)
            #expect(run.output.hasSuffix("::warning title=hotfix::32 more services are like that.\n"))
            let summary = try job.text("summary")
            #expect(summary.utf8.count <= 1 << 20)
            #expect(summary.contains(" services more, which do not fit here)\n"))
            try job.write(String(repeating: "x", count: 1 << 20), to: "summary")
            let full = await job.run("readiness", "--format", "github")
            #expect(full.status == .no)
            #expect(
                full.errors.hasSuffix(
                    "has no room left for the readiness: GitHub shows 1 MiB. Write less to it, or call"
                        + " hotfix in a step of its own.\n"))
        }
    }
}
