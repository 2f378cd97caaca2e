import Foundation
import HotfixCore
import HotfixDemo
import HotfixStore
import HotfixTestSupport
import Testing

@testable import HotfixCommands

@Suite("hotfix doctor of files and the agent", .serialized)
struct DoctorFileTests {
    private static let steady = prometheus([.init { _, _ in 10 }])

    @Test("what was not examined is left to do, whatever else is well, and no graver than what is wrong")
    func unexamined() {
        var diagnosis = Diagnosis()
        #expect(diagnosis.status == .done)
        diagnosis.leaveOut(.source("otel"), "the values of s0/cpu.", remedy: "Name the services in turn.")
        #expect(diagnosis.status == .unfinished)
        diagnosis.findings.append(
            Finding(.problem, .serviceUnwatched, .service("s1"), "No guardrail applies.", remedy: "Name a source."))
        #expect(diagnosis.status == .wrong)
    }

    @Test(
        "a ledger of another program, a damaged one and an empty one are unusable",
        arguments: ["foreign", "damaged", "empty"])
    func ledger(_ what: String) async throws {
        try await withPrometheus(Self.steady) { lab in
            await lab.commands.run("check")
            let path = lab.commands.path(".hotfix/ledger.db")
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            switch what {
            case "foreign": bytes = Data("a text, and not a database of any kind at all".utf8)
            case "damaged": for index in 4100..<8100 { bytes[index] = 0xA5 }
            default: bytes = Data()
            }
            try bytes.write(to: URL(fileURLWithPath: path))
            let (run, report) = try await lab.commands.doctor()
            #expect(report.codes == ["ledger-unusable"], "\(run.output)")
            #expect(run.status == .unusable)
        }
    }

    @Test(
        "a ledger that this user may not look at, or not write beside, is unusable, and never said to be missing",
        .enabled("root may do everything") { geteuid() != 0 })
    func permissions() async throws {
        try await withPrometheus(Self.steady) { lab in
            await lab.commands.run("check")
            for mode in [0o000, 0o500] {
                try lab.chmod(".hotfix", mode)
                let run = await lab.commands.run("doctor", "--format", "json")
                try lab.chmod(".hotfix", 0o700)
                #expect(run.output.contains(#""code": "ledger-unusable""#), "\(run.output)")
                #expect(run.status == .unusable)
            }
        }
    }

    @Test("commits that still lie in the write-ahead log are read too")
    func log() async throws {
        try await withPrometheus(Self.steady) { lab in
            let ledger = try SQLiteLedger.open(path: lab.commands.path(".hotfix/ledger.db"), createIfMissing: true)
            try ledger.record(
                .deployment(
                    Deployment(
                        id: 0, hotfix: 0, commit: commit, at: noon - 7200, recordedAt: noon - 7200,
                        services: ["checkout"],
                        pairs: [], incident: .none), excluding: []))
            var outcome = Outcome(at: noon - 3600)
            outcome.check = CheckRecord(at: noon - 3600, windowsJudged: 0, failures: ["checkout/load: otel: gone"])
            let generation = try ledger.facts().generation
            #expect(try ledger.commit(outcome, generation: generation))
            let run = await lab.commands.run("doctor")
            #expect(
                run.output.contains("problem: The newest check ran 1 h ago (2026-11-20T11:00:00Z). [agent-silent]"),
                "\(run.output)")
            #expect(run.output.contains("checkout/load: otel: gone [last-check-failed]"))
            #expect(run.status == .wrong)
            #expect(try ledger.facts().deployments.count == 1)
        }
    }

    @Test("an agent that has not run for an hour is told: a warning while nothing is deployed, and a problem then")
    func silence() async throws {
        try await withPrometheus(Self.steady) { lab in
            await lab.commands.run("check")
            lab.commands.now = noon + 1200
            #expect(try await lab.commands.doctor().report.codes == [])
            lab.commands.now = noon + 1201
            let silent = try await lab.commands.doctor()
            #expect(silent.report.findings.map { "\($0.severity) \($0.code)" } == ["warning agent-silent"])
            #expect(silent.run.status == .done)
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            let deployed = try await lab.commands.doctor()
            #expect(deployed.report.findings.map { "\($0.severity) \($0.code)" } == ["problem agent-silent"])
            #expect(deployed.run.status == .wrong)
            lab.commands.now = noon - 3600
            let behind = try await lab.commands.doctor()
            #expect(behind.report.codes == ["ledger-ahead"])
            #expect(behind.run.status == .unusable)
        }
    }

    @Test("a check that hangs with the lock in its hands is told with its process")
    func stuck() async throws {
        try await withPrometheus(Self.steady) { lab in
            await lab.commands.run("check")
            lab.commands.now = noon + 3600
            guard let lock = try CheckLock.acquire(ledgerPath: lab.commands.path(".hotfix/ledger.db")) else {
                Issue.record("nobody else holds the lock")
                return
            }
            let run = await lab.commands.run("doctor")
            #expect(
                run.output.contains("process \(getpid()) holds the lock of one that has not ended. [check-stuck]"),
                "\(run.output)")
            lock.release()
        }
    }

    @Test("a credential that every user may read, and a configuration that every user may change, are told")
    func modes() async throws {
        try await withPrometheus(source: #", bearer: "file:token""#, Self.steady) { lab in
            try lab.commands.write("canary-token\n", to: "token")
            try lab.chmod("token", 0o600)
            try lab.chmod("hotfix.yaml", 0o644)
            #expect(try await lab.commands.doctor().report.codes == [])
            try lab.chmod("token", 0o644)
            try lab.chmod("hotfix.yaml", 0o666)
            try lab.chmod("policy.yaml", 0o666)
            let (run, report) = try await lab.commands.doctor()
            #expect(report.codes == ["readable-secret", "writable-by-all", "writable-by-all"])
            #expect(
                report.findings.last { $0.code == "readable-secret" }?.remedy.contains(
                    "chmod o= '\(lab.commands.path("token"))'") == true)
            #expect(run.status == .done)
            #expect(!run.output.contains("canary"))
        }
    }

    @Test("a status file that does not parse is told with its place")
    func statusFile() async throws {
        try await withPrometheus(Self.steady) { lab in
            let settings = String(decoding: try lab.commands.files()["hotfix.yaml"] ?? Data(), as: UTF8.self)
            try lab.commands.write(settings + "\ntracker: {status_file: status.json}\n", to: "hotfix.yaml")
            #expect(try await lab.commands.doctor().report.codes == [])
            try lab.commands.write("{\"branch\": ", to: "status.json")
            let (run, report) = try await lab.commands.doctor()
            #expect(report.codes == ["status-file"], "\(run.output)")
            #expect(report.findings.last { $0.code == "status-file" }?.what.contains("status.json:1:") == true)
            #expect(run.status == .wrong)
        }
    }

    @Test("guardrails that apply to no service, and sources that nobody asks, are told")
    func unused() async throws {
        let policy =
            loadPolicy(loadRule) + #"  idle: {source: spare, query: 'x{service="{service}"}', limit: {above: 1}}"#
            + "\n"
        try await withPrometheus(policy: policy, Self.steady) { lab in
            try lab.commands.write(
                """
                policy: policy.yaml
                sources:
                  otel: {type: prometheus, url: "\(lab.server.url)"}
                  spare: {type: prometheus, url: "\(lab.server.url)"}
                  versions: {type: prometheus, url: "\(lab.server.url)"}
                services:
                  - {name: checkout, environment: production, otel: {service: checkout}, versions: {service: checkout}}
                """, to: "hotfix.yaml")
            let (run, report) = try await lab.commands.doctor()
            #expect(report.codes == ["guardrail-unused", "source-unused"])
            #expect(report.findings.filter { $0.code == "source-unused" }.map(\.subject.name) == ["spare"])
            #expect(run.status == .done)
        }
    }

    @Test(
        "knows a network file system by its mount",
        arguments: [
            ("/srv/state", "nfs4"), ("/srv", nil), ("/srv/state/a/b", "nfs4"), ("/srv/stateful", nil), ("/", nil),
            ("/a b/c", "cifs"),
        ] as [(String, String?)])
    func mounts(_ path: String, _ kind: String?) {
        let mounts = #"""
            22 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw
            36 22 0:40 / /srv/state rw shared:5 - nfs4 server:/state rw
            37 22 0:41 / /a\040b rw - cifs //server/share rw
            nonsense
            """#
        #expect(networkFileSystem(of: path, mounts: mounts) == kind)
    }
}

extension PrometheusLab {
    fileprivate func chmod(_ name: String, _ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: commands.path(name))
    }
}
