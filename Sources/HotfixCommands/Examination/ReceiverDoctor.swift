import HotfixConfiguration
import HotfixCore

/// Tells whether people would be told, and whether what shows the state can be kept up.
struct ReceiverDoctor {
    let settings: Settings
    private(set) var diagnosis = Diagnosis()

    init(_ settings: Settings) {
        self.settings = settings
    }

    private mutating func find(
        _ severity: Finding.Severity, _ code: FindingCode, _ subject: Finding.Subject, _ what: String, remedy: String
    ) {
        diagnosis.findings.append(Finding(severity, code, subject, what, remedy: remedy))
    }

    /// Looks for what the configuration leaves untold.
    ///
    /// - Parameter deployments: The deployments that the ledger knows.
    mutating func examineUse(_ deployments: [Deployment]) {
        examineChannels()
        if settings.heartbeat == nil {
            find(
                .note, .noHeartbeat, .configuration,
                "There is no heartbeat: when no check runs any more, nothing tells anybody.",
                remedy: "Give `heartbeat` the address of a check at healthchecks.io or alike.")
        }
        let running = deployments.filter { $0.isOpen && !$0.isVoid }
        if settings.gate != nil, let newest = running.last, newest.branch == nil {
            find(
                .warning, .gateWithoutBranch, .configuration,
                "The gate has no branch to look at: deployment \(newest.id) was recorded without one.",
                remedy: "Record the next one with `hotfix deployed --branch`; until then the gate shows nothing.")
        }
    }

    private mutating func examineChannels() {
        guard !settings.channels.isEmpty else {
            find(
                .warning, .noChannel, .configuration, "There is no channel: nobody is told of a breach.",
                remedy: "Add one under `notify`, and try it with `hotfix alerts test`.")
            return
        }
        let rules = settings.channels.map(\.rule).filter { $0.kinds.contains(.breach) }
        for service in settings.services {
            let name = service.service.name
            let heard = rules.filter { $0.services?.contains(name) ?? true }
            let order = Guardrail.Severity.allCases
            for guardrail in service.policy.guardrails where service.pairs.contains(Pair(name, guardrail.name)) {
                let rank = order.firstIndex(of: guardrail.severity)
                let isTold = heard.contains { rule in
                    guard let rank, let least = order.firstIndex(of: rule.severity) else { return false }
                    return rank <= least
                }
                guard !isTold else { continue }
                find(
                    .warning, .noChannel, .guardrail(Pair(name, guardrail.name)),
                    "No channel is told when it breaches (\(guardrail.severity.rawValue)).",
                    remedy: "See `only`, `services` and `severity` of the channels under `notify`.")
            }
        }
    }

    /// Asks every receiver, all at the same time.
    ///
    /// - Parameters:
    ///   - channels: The channels.
    ///   - displays: What shows the state; one that is called like a channel is the same receiver, and asked once.
    ///   - now: The instant of the examination.
    /// - Returns: What they said, channels first.
    static func examine(_ channels: [any Channel], _ displays: [any Display], at now: Instant) async -> Diagnosis {
        let names = Set(channels.map(\.name))
        let others = displays.filter { !names.contains($0.name) }
        let found = await withTaskGroup(of: (Int, Diagnosis).self) { group in
            for (index, channel) in channels.enumerated() {
                group.addTask { (index, await channel.examine(at: now)) }
            }
            for (index, display) in others.enumerated() {
                group.addTask { (channels.count + index, await display.examine(at: now)) }
            }
            return await group.reduce(into: [Int: Diagnosis]()) { $0[$1.0] = $1.1 }
        }
        return found.sorted { $0.key < $1.key }.reduce(into: Diagnosis()) { $0.merge($1.value) }
    }
}
