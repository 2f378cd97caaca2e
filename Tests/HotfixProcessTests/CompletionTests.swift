import Foundation
import HotfixTestSupport
import Testing

/// A configuration with names that a shell would obey, if it were let.
private let configuration = """
    policy: policy.yaml
    sources:
      otel: {type: prometheus, url: "http://127.0.0.1:9"}
    services:
      - {name: checkout, otel: {service: checkout}}
      - {name: search, otel: {service: search}}
      - {name: "$(touch pwned)", otel: {service: a}}
      - {name: "`touch pwned`", otel: {service: b}}
      - {name: "a;touch pwned", otel: {service: c}}
      - {name: "--quiet", otel: {service: d}}
      - {name: "*", otel: {service: e}}

    """

private let policy = """
    guardrails:
      latency-p95: {source: otel, measure: latency-p95, limit: +20%}
      memory: {source: otel, measure: memory, limit: +30%}

    """

/// Line and what it becomes, in a shell that has one way on; typed before TAB is pressed.
private let lines = [
    ("hotfix rea", "hotfix readiness "), ("hotfix readiness --max", "hotfix readiness --max-age "),
    ("hotfix explain che", "hotfix explain checkout "),
    ("hotfix explain checkout mem", "hotfix explain checkout memory "),
    ("hotfix readiness --format prom", "hotfix readiness --format prometheus "),
    ("hotfix readiness --service sea", "hotfix readiness --service search "),
    ("hotfix check --config other.yaml --service pay", "hotfix check --config other.yaml --service payment "),
]

/// Runs a script with a shell in a directory that holds the configuration and the completion scripts.
private func inShell(_ path: String, _ arguments: [String], _ script: String) async throws -> String {
    try await withTemporaryDirectory { directory in
        let program = try SpawnedCommand.builtProgram("hotfix")
        let other = configuration.replacing("search", with: "payment")
        let files = ["hotfix.yaml": configuration, "other.yaml": other, "policy.yaml": policy, "script": script]
        for (name, text) in files {
            try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
        }
        try FileManager.default.createSymbolicLink(atPath: "\(directory)/hotfix", withDestinationPath: program)
        let environment = [
            "PATH": "\(directory):/usr/bin:/bin", "HOME": directory, "TERM": "dumb", "LC_ALL": "C.UTF-8",
        ]
        let start =
            "cd '\(directory)' && for s in bash zsh fish; do hotfix --generate-completion-script $s >$s.completion; done"
            + " && mkdir functions && cp zsh.completion functions/_hotfix && exec \(path) \(arguments.joined(separator: " "))"
        // A shell that waits for ever for what was typed ends too.
        let ending = try await SpawnedCommand.start(
            "/usr/bin/timeout", ["--signal=KILL", "120", "/bin/sh", "-c", start], environment: environment,
            outputFile: "\(directory)/output"
        ).ending()
        #expect(ending.exitStatus == 0, "\(ending.output)")
        #expect(!FileManager.default.fileExists(atPath: "\(directory)/pwned"))
        return ending.output
    }
}

@Suite("Completion in a shell", .heavy)
struct CompletionTests {
    @Test("bash completes commands, options, names of the configuration and files")
    func bash() async throws {
        let output = try await inShell(
            "/bin/bash", ["--norc", "script"],
            """
            source ./bash.completion
            complete -p hotfix
            try() {
                COMP_WORDS=(hotfix "$@") COMP_CWORD=$#
                COMP_LINE="${COMP_WORDS[*]}" COMP_POINT=${#COMP_LINE} COMPREPLY=()
                _hotfix hotfix "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                printf '%s -> %s\\n' "$*" "${COMPREPLY[*]}"
            }
            try rea
            try readiness --max
            try readiness --format ""
            try readiness --service ""
            try explain checkout ""
            try check --config other.yaml --service pay
            try check --config missing.yaml --service ""
            try check --config '$(touch pwned)' --service ""
            try check --config pol
            try baseline exclude --service sea
            try silence --service search --guardrail ""
            try ack ""
            try manu
            """)
        #expect(
            output == """
                complete -o filenames -F _hotfix hotfix
                rea -> readiness
                readiness --max -> --max-age
                readiness --format  -> text json nagios github prometheus
                readiness --service  -> checkout search
                explain checkout  -> latency-p95 memory
                check --config other.yaml --service pay -> payment
                check --config missing.yaml --service  -> 
                check --config $(touch pwned) --service  -> 
                check --config pol -> policy.yaml
                baseline exclude --service sea -> search
                silence --service search --guardrail  -> latency-p95 memory
                ack  -> 
                manu -> 

                """)
    }

    /// Types lines into a shell on a terminal of its own, and prints what TAB made of them.
    private func typed(start: String, setUp: String) -> String {
        """
        zmodload zsh/zpty
        while read -r line; do
            zpty -b shell \(start)
            zpty -w shell \(setUp)
            while [[ ! -e isready ]]; do zpty -r -t shell >/dev/null; sleep 0.02; done
            zpty -w -n shell "$line"$'\\t\\x18'
            while [[ ! -e buffer ]]; do zpty -r -t shell >/dev/null; sleep 0.02; done
            print -r -- "$(<buffer)|"
            zpty -d shell
            rm -f buffer isready
        done <<'LINES'
        \(lines.map(\.0).joined(separator: "\n"))
        LINES
        """
    }

    private let expected = lines.map { "\($0.1)|\n" }.joined()

    @Test("zsh completes what is typed")
    func zsh() async throws {
        let script = typed(
            start: "zsh -f -i",
            setUp: """
                'fpath=($PWD/functions $fpath); autoload -Uz compinit && compinit -D -u; bindkey "^I" complete-word; \
                show() { print -r -- "$BUFFER" >new; mv new buffer }; zle -N show; bindkey "^X" show; : >isready'
                """)
        #expect(try await inShell("/usr/bin/zsh", ["-f", "script"], script) == expected)
    }

    @Test("fish completes what is typed")
    func fish() async throws {
        let script = typed(
            start: "fish --no-config -i",
            setUp: #"'source fish.completion; bind \cx "commandline >new; mv new buffer"; touch isready'"#)
        #expect(try await inShell("/usr/bin/zsh", ["-f", "script"], script) == expected)
    }

    @Test("a script of another version, or one that asks wrongly, is told nothing")
    func strange() async throws {
        let output = try await inShell(
            "/bin/bash", ["--norc", "script"],
            """
            hotfix ---completion nosuch -- --service 1 0 hotfix && hotfix ---completion && hotfix ---completion check -- --nope
            """)
        #expect(output == "")
    }
}
