import HotfixConfiguration
import HotfixCore
import Testing

@testable import HotfixCommands

@Suite("hotfix doctor of those who are told")
struct DoctorReceiverTests {
    private func settings(
        _ rules: [ChannelRule], severity: Guardrail.Severity = .critical, gate: GateSettings? = nil,
        heartbeat: HeartbeatSettings? = nil
    ) -> Settings {
        let guardrail = Guardrail(
            name: "cpu", source: "otel", measure: .builtIn(.cpu), limits: [.above(2)], severity: severity)
        let services = ["checkout", "cart"].map { name in
            ServiceSettings(
                service: Service(name: name, bindings: ["otel": ["service": name]]),
                policy: Policy(guardrails: [guardrail]), policyName: "p")
        }
        return Settings(
            state: .sqlite(path: "/x"), sources: [], services: services,
            channels: rules.map { ChannelSettings(rule: $0, kind: .output(.auto)) }, gate: gate, heartbeat: heartbeat)
    }

    private func findings(_ settings: Settings, _ deployments: [Deployment] = []) -> [String] {
        var doctor = ReceiverDoctor(settings)
        doctor.examineUse(deployments)
        return doctor.diagnosis.findings.map { "\($0.severity) \($0.code.rawValue) \($0.subject.name)" }
    }

    private let beating = HeartbeatSettings(url: Secret("https://hc-ping.com/x"))
    private let gate = GateSettings(
        type: .github, repository: "acme/shop", token: Secret("x"), url: "https://api.github.com")

    private func deployment(branch: String?, closed: Bool = false) -> Deployment {
        Deployment(
            id: 7, hotfix: 1, branch: branch, commit: commit, at: noon, recordedAt: noon, services: ["checkout"],
            closedAt: closed ? noon + 60 : nil)
    }

    @Test("nobody is told, nothing beats: both are found, and neither where there is one")
    func missing() {
        #expect(findings(settings([])) == ["warning no-channel ", "note no-heartbeat "])
        let all = ChannelRule(name: "all", kinds: [.breach])
        #expect(findings(settings([all], heartbeat: beating)) == [])
    }

    @Test("guardrails whose breach no channel is told of are named one by one")
    func untold() {
        let both = ["warning no-channel checkout/cpu", "warning no-channel cart/cpu"]
        #expect(findings(settings([ChannelRule(name: "a", kinds: [.ready])], heartbeat: beating)) == both)
        let one = ChannelRule(name: "a", kinds: [.breach], services: ["checkout"])
        #expect(findings(settings([one], heartbeat: beating)) == ["warning no-channel cart/cpu"])
        let grave = ChannelRule(name: "a", kinds: [.breach], severity: .error)
        #expect(findings(settings([grave], severity: .warning, heartbeat: beating)) == both)
        #expect(findings(settings([grave], severity: .error, heartbeat: beating)) == [])
        #expect(findings(settings([grave, one], severity: .info, heartbeat: beating)) == [both[1]])
    }

    @Test("a gate without a branch to look at is found while such a deployment is open")
    func branches() {
        let settings = settings([ChannelRule(name: "a", kinds: [.breach])], gate: gate, heartbeat: beating)
        #expect(findings(settings) == [])
        #expect(findings(settings, [deployment(branch: nil)]) == ["warning gate-without-branch "])
        #expect(findings(settings, [deployment(branch: nil), deployment(branch: "hotfix/1")]) == [])
        #expect(findings(settings, [deployment(branch: nil, closed: true)]) == [])
    }

    @Test("every receiver is asked, in its order, and one that is channel and display is asked once")
    func asked() async {
        func passed(_ name: String) -> Diagnosis {
            var diagnosis = Diagnosis()
            diagnosis.pass(.channel(name), "well")
            return diagnosis
        }
        let channels = ["b", "a"].map { ScriptedChannel($0, diagnosis: passed($0)) }
        let displays = ["gate", "a"].map { ScriptedDisplay(name: $0, diagnosis: passed("display \($0)")) }
        let found = await ReceiverDoctor.examine(channels, displays, at: noon)
        #expect(found.passed.map(\.subject.name) == ["b", "a", "display gate"])
    }

    @Test("what a channel cannot be asked without telling somebody leaves nothing to do, and its problems count")
    func status() {
        var diagnosis = Diagnosis()
        diagnosis.leaveOut(.channel("webhook"), "whether it takes messages", remedy: "Test it.")
        #expect(diagnosis.status == .done)
        diagnosis.findings.append(Finding(.problem, .noConnection, .channel("a"), "no", remedy: "yes"))
        #expect(diagnosis.status == .unfinished)
        diagnosis.findings.append(Finding(.problem, .credentialsRefused, .channel("a"), "no", remedy: "yes"))
        #expect(diagnosis.status == .wrong)
    }
}
