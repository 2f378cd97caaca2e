import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

@Suite("hotfix doctor of a source that speaks Prometheus's API", .serialized)
struct DoctorPrometheusTests {
    @Test("each fault is found, named, and told with its remedy; nothing else is", arguments: DoctorPrometheusFault.all)
    func faults(_ fault: DoctorPrometheusFault) async throws {
        try await withPrometheus(policy: loadPolicy(fault.rule), source: fault.source, fault.answer) { lab in
            let (run, report) = try await lab.commands.doctor()
            #expect(report.codes == fault.codes, "\(run.output)")
            #expect(run.status == fault.status)
            #expect(run.output.replacing(#"\""#, with: "\"").contains(fault.says), "\(run.output)")
            #expect(!run.output.contains("canary"))
        }
    }

    @Test("a set-up that is well has nothing found, before and after its first check")
    func healthy() async throws {
        try await withPrometheus(prometheus(DoctorPrometheusFault.steady)) { lab in
            let first = try await lab.commands.doctor()
            #expect(first.report.findings.map(\.code) == ["no-ledger"])
            #expect(first.run.status == .done)
            #expect(lab.server.requests().count <= 8)
            await lab.commands.run("check")
            let second = try await lab.commands.doctor()
            #expect(second.report.findings.isEmpty, "\(second.run.output)")
            #expect(second.run.status == .done)
            let text = await lab.commands.run("doctor")
            #expect(text.status == .done)
            #expect(
                text.output == """
                    configuration
                      warning: There is no channel: nobody is told of a breach. [no-channel]
                        → Add one under `notify`, and try it with `hotfix alerts test`.
                      note: There is no heartbeat: when no check runs any more, nothing tells anybody. [no-heartbeat]
                        → Give `heartbeat` the address of a check at healthchecks.io or alike.
                    1 warning and 1 note found, 5 checks passed.

                    """)
            let verbose = await lab.commands.run("doctor", "--verbose")
            #expect(verbose.output.contains("well: guardrail checkout/load: 288 of the look-back's 288 windows"))
        }
    }

    @Test(
        "a clock that differs is told above 30 s, and is a problem above 60 s",
        arguments: [
            (-25.0, nil, HotfixCommands.ExitStatus.done), (40, "warning", .done), (-40, "warning", .done),
            (-90, "problem", .unfinished),
            (90, "problem", .unfinished),
        ] as [(Double, String?, HotfixCommands.ExitStatus)])
    func clock(_ offset: Double, _ severity: String?, _ status: HotfixCommands.ExitStatus) async throws {
        try await withPrometheus(prometheus(DoctorPrometheusFault.steady)) { lab in
            let date: @Sendable () -> LoopbackDate = { .at(lab.commands.clock + offset) }
            try await withLoopbackServer({ prometheus(DoctorPrometheusFault.steady)($0) }, date: date) { other in
                try lab.point(to: other.url)
                let (run, report) = try await lab.commands.doctor()
                let found = report.findings.first { $0.code == "clock-difference" }
                #expect(found?.severity == severity)
                if let found {
                    #expect(
                        found.what.contains(
                            "\(Int(abs(offset))) s \(offset > 0 ? "ahead of" : "behind") the clock here"))
                }
                #expect(run.status == status)
            }
        }
    }

    @Test(
        "a server that is not there, has no name, or speaks no TLS is told as what it is",
        arguments: [
            ("http://127.0.0.1:1", "no-connection"), ("http://no-such-host.invalid", "unresolved-name"),
            ("https", "tls"),
        ])
    func unreachable(_ url: String, _ code: String) async throws {
        try await withPrometheus(prometheus(DoctorPrometheusFault.steady)) { lab in
            try lab.point(to: url == "https" ? lab.server.url.replacing("http:", with: "https:") : url)
            let (run, report) = try await lab.commands.doctor()
            #expect(report.codes == [code, "not-examined"].sorted(), "\(run.output)")
            #expect(run.status == .unfinished)
        }
    }

    @Test("one dead source hides nothing of another, and what could not be examined is said")
    func oneOfTwo() async throws {
        let policy = #"""
            baseline: {lookback: 1d}
            guardrails:
              load: {source: otel, query: 'load{service="{service}"}', limit: +20%}
              other: {source: dead, query: 'load{service="{service}"}', limit: +20%}
            """#
        try await withPrometheus(policy: policy, prometheus([])) { lab in
            try lab.commands.write(
                """
                policy: policy.yaml
                sources:
                  dead: {type: prometheus, url: "http://127.0.0.1:1"}
                  otel: {type: prometheus, url: "\(lab.server.url)"}
                services: [{name: checkout, otel: {service: checkout}, dead: {service: checkout}}]
                """, to: "hotfix.yaml")
            let run = await lab.commands.run("doctor")
            #expect(run.status == .wrong)
            for text in [
                "source dead\n  problem: POST http://127.0.0.1:1/api/v1/query: there is no connection",
                "  note: Not examined: the values of checkout/other, since the source cannot be asked. [not-examined]\n    → ",
                "guardrail checkout/load\n  problem: It has never had data",
                "2 problems, 1 warning and 2 notes found, 2 checks passed; 1 thing could not be examined.",
            ] { #expect(run.output.contains(text), "\(run.output)") }
        }
    }

    @Test(
        "no secret of the source is in what is said, whatever the server repeats", arguments: [200, 401, 403, 404, 500])
    func secrets(_ status: Int) async throws {
        let source = #", bearer: "${TOKEN}", headers: {X-Scope-OrgID: canary-tenant-token}"#
        let echo: @Sendable (LoopbackRequest) -> LoopbackAnswer = { request in
            let headers = request.headers.map { "\($0.0): \($0.1)" }.joined(separator: " ")
            return .answer(status: status, headers: [("Content-Type", "text/plain")], body: Array(headers.utf8))
        }
        try await withPrometheus(source: source, environment: ["TOKEN": "canary-bearer"], echo) { lab in
            for arguments in [["doctor"], ["doctor", "--verbose"], ["doctor", "--format", "json"]] {
                let run = await lab.commands.run(arguments)
                #expect(run.status == (status < 500 ? .wrong : .unfinished))
                #expect(!(run.output + run.errors).contains("canary"), "\(run.output)")
            }
            #expect(lab.server.requests().first?.header("Authorization") == "Bearer canary-bearer")
        }
    }

    @Test("services that are named are examined alone")
    func services() async throws {
        try await withPrometheus(prometheus(DoctorPrometheusFault.steady)) { lab in
            let run = await lab.commands.run("doctor", "--service", "chekout")
            #expect(run.status == .wrong)
            #expect(run.errors.contains("Service 'chekout' is not in"))
            #expect(await lab.commands.run("doctor", "--service", "checkout").status == .done)
        }
    }
}

extension PrometheusLab {
    /// Points the configuration's source to another server.
    fileprivate func point(to url: String) throws {
        try commands.write(
            """
            policy: policy.yaml
            sources: {otel: {type: prometheus, url: "\(url)"}}
            services: [{name: checkout, environment: production, otel: {service: checkout}}]
            """, to: "hotfix.yaml")
    }
}
