import Foundation
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

@Suite("The documentation", .heavy, .serialized)
struct DocumentTests {
    @Test("shows no command or file but in blocks that the tests know how to check")
    func classified() throws {
        let documents = try Document.all()
        for document in documents {
            #expect(document.strays == [], "\(document.path): code belongs into a fenced block of a known language")
            for block in document.blocks {
                let place = "\(document.path):\(block.line)"
                let known = Self.attributes[block.language]
                #expect(known != nil, "\(place): no check for the language '\(block.language)'")
                #expect(block.attributes.keys.filter { known?.contains($0) != true } == [], "\(place)")
                #expect(block.exitStatus != nil, "\(place)")
                if block.language == "sh", block.exitStatus != 0 {
                    // Of several commands, one before the last might be what ended so.
                    let continued = block.lines.filter { $0.hasSuffix("\\") }.count
                    #expect(block.lines.count - continued == 1, "\(place): give such a command a block of its own")
                }
                if block.language == "console" { #expect(!block.transcript.isEmpty, "\(place): begin with a command") }
                if ["yaml", "json"].contains(block.language) {
                    #expect(block.attributes["file"] != nil, "\(place): name its file=")
                }
            }
        }
        #expect(documents.flatMap(\.blocks).filter { $0.language != "yaml" }.count > 20)
    }

    private static let attributes: [String: Set<String>] = [
        "sh": ["exit"], "console": ["exit", "clock"], "yaml": ["file", "same-as", "part"],
        "json": ["file"],
    ]

    /// What a page takes for granted.
    private static let variables = [
        "README.md": ["SENTRY_AUTH_TOKEN": Site.token], "docs/channels.md": receivers,
        "docs/configuration.md": receivers, "docs/tracker.md": receivers,
    ]

    /// What the receivers of a page are said to have given out.
    private static let receivers = [
        "SENTRY_AUTH_TOKEN": Site.token,
        "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x", "SLACK_TOKEN": "xoxb-1",
        "PAGERDUTY_ROUTING_KEY": "0123456789abcdef0123456789abcdef", "MAIL_PASSWORD": "sesame",
        "WEBHOOK_URL": "https://example.com/hotfix", "WEBHOOK_TOKEN": "sesame",
        "WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "ALERTMANAGER_TOKEN": "sesame",
        "GRAFANA_TOKEN": "glsa_1", "SENTRY_DEPLOY_TOKEN": "sesame", "GITHUB_TOKEN": "github_pat_1",
        "GITLAB_TOKEN": "glpat-1", "HEARTBEAT_URL": "https://hc-ping.com/00000000-0000-4000-8000-000000000000",
    ]

    @Test("does what it says, to the last block")
    func executed() async throws {
        let documents = try Document.all().filter { !$0.blocks.isEmpty }
        try await withDocumentSources { prometheus, sentry in
            try await withInstallation { prefix in
                for document in documents {
                    try await withTime(of: document) { time in
                        try await withTemporaryDirectory { directory in
                            let scene = try await DocumentScene(
                                directory: directory, prefix: prefix,
                                sources: time.map { ($0.prometheus, $0.sentry) } ?? (prometheus, sentry), time: time,
                                variables: Self.variables[document.path] ?? [:])
                            do {
                                for block in document.blocks {
                                    let problem = try await problem(of: block, in: scene)
                                    #expect(problem == nil, "\(document.path):\(block.line): \(problem ?? "")")
                                }
                            } catch {
                                try await scene.end()
                                throw error
                            }
                            try await scene.end()
                        }
                    }
                }
            }
        }
    }

    /// Runs a body with the sources of a page that names its own time; nil for others.
    private func withTime(of document: Document, _ body: (PageTime?) async throws -> Void) async throws {
        if document.path == "docs/tracker.md" {
            try await TrackedHotfix.with { try await body($0) }
        } else if document.blocks.contains(where: { $0.attributes["clock"] != nil }) {
            try await WorkedExample.with { try await body($0) }
        } else {
            try await body(nil)
        }
    }

    /// What is wrong with a block, found out by doing what it says; nil where it is right.
    private func problem(
        of block: Document.Block, in scene: DocumentScene
    ) async throws -> String? {
        let text = block.lines.joined(separator: "\n") + "\n"
        switch block.language {
        case "yaml":
            let checked = try await scene.write(
                block.attributes["file"] ?? "", text, isPart: block.attributes["part"] != nil)
            if checked.exitStatus != 0 { return scene.documented(checked.output) }
            guard let original = block.attributes["same-as"] else { return nil }
            let file = try String(contentsOfFile: "\(repository)/\(original)", encoding: .utf8)
            let lines = file.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
            return block.lines.filter { !$0.isEmpty } == lines ? nil : "it differs from \(original)"
        case "json":
            let file = "\(scene.directory)/shop/\(block.attributes["file"] ?? "")"
            try text.write(toFile: file, atomically: false, encoding: .utf8)
            let parsed = try? JSONSerialization.jsonObject(with: Data(text.utf8))
            return parsed == nil ? "this is not JSON" : nil
        case "sh":
            let ending = try await scene.run(text)
            return ending.exitStatus == block.exitStatus
                ? nil : "it ends with \(ending.exitStatus ?? -1):\n\(scene.documented(ending.output))"
        case "console":
            for (index, entry) in block.transcript.enumerated() {
                let isLast = index == block.transcript.count - 1
                let (status, printed) = try await run(entry.command, of: block, in: scene)
                let output = scene.documented(printed)
                let lines = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                // Every line that is printed ends; nothing printed is no line.
                guard lines.last == "", isMatch(lines.dropLast(), entry.output[...]),
                    status == (isLast ? block.exitStatus : 0)
                else { return "$ \(entry.command)\nends with \(status ?? -1) and prints:\n\(output)" }
            }
            return nil
        default: return "nothing is done with '\(block.language)'"
        }
    }

    private func run(
        _ command: String, of block: Document.Block, in scene: DocumentScene
    ) async throws -> (Int32?, String) {
        if let clock = block.attributes["clock"] { return try await scene.run(command, at: clock) }
        let ending = try await scene.run(command)
        return (ending.exitStatus, ending.output)
    }

    /// Each has one thing wrong, which a test that only looked at the last command would miss.
    private static let wrong = [
        "```sh\nhotfix config example --verbos\ntrue\n```",
        "```sh exit=1\nhotfix gate --comit abc\n```",
        "```sh\nmake instal\n```",
        "```sh\nsudo systemctl start hotfix.servce\n```",
        "```sh\nsudo systemctl start\n```",
        "```console\n$ hotfix --version\nhotfix 0.0.0\n```",
        "```console\n$ hotfix --version\n```",
        "```console clock=2026-11-20T10:00:00Z\n$ hotfix --versio\nhotfix …\n```",
        "```yaml file=hotfix.yaml\nsource: {}\n```",
        "```yaml file=hotfix.yaml part\nnotify: [{type: slak}]\n```",
        "```yaml file=policy.yaml\nguardrails: {cpu: {source: otel, measure: cpu, limits: +30%}}\n```",
        "```yaml file=policy.yaml same-as=thresholds/runbook.yaml\nguardrails: {cpu: {source: otel, measure: cpu, limit: +30%}}\n```",
        "```json file=package.json\n{\"scripts\": }\n```",
        "```text\nhotfix check\n```",
    ]

    @Test("would not pass with a wrong option, unit, target, key, output or language", arguments: wrong)
    func wrongPage(text: String) async throws {
        let document = Document(path: "page.md", text: text)
        try #require(document.blocks.count == 1)
        try await WorkedExample.with { time in
            try await withInstallation { prefix in
                try await withTemporaryDirectory { directory in
                    let scene = try await DocumentScene(
                        directory: directory, prefix: prefix, sources: (time.prometheus, time.sentry), time: time,
                        variables: [:])
                    #expect(try await problem(of: document.blocks[0], in: scene) != nil)
                }
            }
        }
    }

    @Test("links to pages and headings that there are")
    func links() throws {
        for document in try Document.all() {
            let folder = document.path.split(separator: "/").dropLast().joined(separator: "/")
            let text = try String(contentsOfFile: "\(repository)/\(document.path)", encoding: .utf8)
            for match in text.matches(of: /\]\((?<target>[^)\s]+)\)/) where !match.target.contains("://") {
                let parts = match.target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let path = parts[0].isEmpty ? "\(repository)/\(document.path)" : "\(repository)/\(folder)/\(parts[0])"
                #expect(FileManager.default.fileExists(atPath: path), "\(document.path): \(match.target)")
                guard parts.count == 2 else { continue }
                let headings = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
                    .filter { $0.hasPrefix("#") }
                    .map { $0.drop { "# ".contains($0) }.lowercased().replacing(" ", with: "-") }
                    .map { $0.filter { $0.isLetter || $0.isNumber || $0 == "-" } }
                #expect(headings.contains(String(parts[1])), "\(document.path): \(match.target)")
            }
        }
    }

    @Test("names no command or option in its text that the program does not have")
    func inline() async throws {
        let program = try SpawnedCommand.builtProgram("hotfix")
        var found: Set<[String]> = []
        for document in try Document.all() {
            let text = try String(contentsOfFile: "\(repository)/\(document.path)", encoding: .utf8)
            for match in text.matches(of: /`hotfix(?<words>(?: [^`]+)+)`/) {
                found.insert(match.words.split { $0 == " " || $0 == "\n" }.map(String.init))
            }
        }
        #expect(found.count > 15)
        for words in found where words[0] != "<command>" {
            let command = words.prefix { $0.allSatisfy(\.isLowercase) }.joined(separator: " ")
            let help = try await shell("'\(program)' \(command) --help")
            #expect(help.output.contains("USAGE: hotfix \(command)") || command.isEmpty, "\(words)")
            let options = words.filter { $0.hasPrefix("--") }
            #expect(
                options.filter { !help.output.contains("  \($0) ") && !help.output.contains(" \($0)\n") } == [],
                "\(words)")
        }
    }

    @Test("names every state and every exit code where it says what each asks")
    func complete() throws {
        let page = try String(contentsOfFile: "\(repository)/docs/operations.md", encoding: .utf8)
        let states = ["ready", "counting", "breaching", "blind", "not-deployed"]
        let reasons = Readiness.StateReason.allCases.map { reason in
            let state =
                switch reason {
                case .confirming, .policy: "counting"
                case .closed: "not-deployed"
                default: "blind"
                }
            return "\(state) (\(reason.rawValue))"
        }
        let rows = states.filter { $0 != "blind" } + reasons
        #expect(rows.filter { !page.contains("\n| `\($0)` |") } == [])
        #expect((0...5).filter { !page.contains("\n| \($0) |") } == [])
    }

    @Test("calculates its example with the data that the example is run on")
    func figures() throws {
        let page = try String(contentsOfFile: "\(repository)/docs/how-a-verdict-is-reached.md", encoding: .utf8)
        let windows = stride(from: 0, to: 2016 * 300, by: 300).map { WorkedExample.lookback + $0 }
        let included = windows.filter { $0 < WorkedExample.incident }.compactMap(WorkedExample.latency)
        var exact = ExactSum(largest: 0.23)
        for value in included { exact.add(value) }
        let baseline = exact.mean(of: included.count)
        let limit = baseline * (1 + 0.2)
        let change = (0.31 / baseline - 1) * 100
        let statements = [
            "\(windows.filter { $0 >= WorkedExample.incident }.count) windows are left out",
            "1,984 are used", "coverage 1,984 / 2,016 = \((Double(included.count) / 20.16 * 10).rounded() / 10) %",
            "\(included.filter { $0 == 0.19 }.count) of them have the value 0.19 s, and \(included.filter { $0 == 0.23 }.count) have 0.23 s",
            "is \(baseline * 1984)", "it is the baseline,\n   \(baseline) s", "would be \(included.reduce(0, +))",
            "= \(limit) s.", "= \(limit * (1 + 1e-9)) s", "= \((change * 10).rounded() / 10) %",
        ]
        #expect(included.count == 1984)
        #expect(statements.filter { !page.contains($0) } == [])
    }

    @Test("lets … stand for something, and for nothing else")
    func matching() {
        #expect(isMatch("Proven: 55 min of 48 h", "Proven: … of 48 h"))
        #expect(!isMatch("Proven: 55 min of 48 h", "Proven: … of 48 h…"))
        #expect(!isMatch("Proven:  of 48 h", "Proven: … of 48 h"))
        #expect(!isMatch("Proven: 55 min", "Proven"))
        #expect(!isMatch("Proven: 55 min of 49 h", "Proven: … of 48 h"))
        #expect(isMatch("a, b and c", "a… and …"))
        #expect(isMatch(["a", "b", "c", "d"], ["a", "…", "d"]))
        #expect(!isMatch(["a", "d"], ["a", "…", "d"]))
        #expect(!isMatch(["a", "b", "d", "e"], ["a", "…", "d"]))
    }
}

/// Runs a body with a real Prometheus that has eight days of one service, and a simulated Sentry.
private func withDocumentSources(_ body: (_ prometheus: String, _ sentry: String) async throws -> Void) async throws {
    let now = Instant(Int(Date().timeIntervalSince1970)).floored(to: 60)
    let times = stride(from: now.seconds - 8 * 86_400, through: now.seconds, by: 60).map { Instant($0) }
    let labels = ["service_name": "checkout", "deployment_environment_name": "production", "instance": "checkout-0"]
    func minutes(_ at: Instant) -> Double { Double((at - times[0]) / 60) }
    var metrics = OpenMetrics()
    metrics.addHistogram(
        "http_server_request_duration_seconds", labels, bounds: [0.1, 0.25, 0.5, 1], at: times
    ) { at in [60, 30, 8, 2, 0].map { $0 * minutes(at) } }
    metrics.add("process_cpu_time_seconds_total", labels, at: times) { 30 * minutes($0) }
    metrics.add("process_memory_usage_bytes", labels, at: times) { _ in 500e6 }
    try await withRealPrometheus(metrics) { prometheus in
        let sentry = SimulatedSentry(
            organization: "acme", token: Site.token,
            projects: [
                SimulatedSentry.Project(
                    id: 101, slug: "checkout-api", environments: ["production"],
                    errors: everyFiveMinutes { _ in 25 },
                    outcomes: { _ in [.init("error", "accepted", 5), .init("transaction", "accepted", 50)] })
            ], now: { Instant(Int(Date().timeIntervalSince1970)) })
        try await withLoopbackServer({ await sentry.answer($0) }) { server in
            try await body(prometheus.url, server.url)
        }
    }
}
