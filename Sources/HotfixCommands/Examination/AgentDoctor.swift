import HotfixConfiguration
import HotfixCore

/// Tells from the ledger whether the agent runs, and from the configuration whether it watches anything.
struct AgentDoctor {
    let settings: Settings
    let now: Instant
    private(set) var diagnosis = Diagnosis()

    init(_ settings: Settings, at now: Instant) {
        self.settings = settings
        self.now = now
    }

    private mutating func find(
        _ severity: Finding.Severity, _ code: FindingCode, _ subject: Finding.Subject, _ what: String, remedy: String
    ) {
        diagnosis.findings.append(Finding(severity, code, subject, what, remedy: remedy))
    }

    /// Looks at what the agent left in the ledger.
    ///
    /// - Parameters:
    ///   - facts: What the ledger holds.
    ///   - lockHolder: The process that holds the right to check, nil where none does.
    ///   - told: What was found at the sources: what the newest check met there too is not told twice.
    mutating func examine(_ facts: LedgerFacts, lockHolder: Int?, besides told: [Finding]) {
        guard let last = facts.lastCheck else {
            find(
                .note, .noCheckYet, .agent, "No check has run with this ledger yet.",
                remedy: "Run `hotfix check`, and let a timer run it every 5 minutes.")
            return
        }
        // What the law gives readiness by default: four windows.
        let patience = 4 * (settings.services.map(\.policy.window).max() ?? 300)
        let age = now - last.at
        guard age >= -60 else {
            find(
                .problem, .ledgerAhead, .agent,
                "The newest check is of \(last.at), \(spelledDuration(-age)) after this machine's clock.",
                remedy: "Synchronise the clock of this machine (NTP); readiness is blind (clock) until then.")
            return
        }
        if age > patience {
            let isOpen = facts.deployments.contains { $0.isOpen && !$0.isVoid }
            if let lockHolder {
                find(
                    .problem, .checkStuck, .agent,
                    "The newest check ended \(spelledDuration(age)) ago, and process \(lockHolder) holds the lock of one that"
                        + " has not ended.",
                    remedy:
                        "See what process \(lockHolder) waits for; end it where it hangs, and the next check catches up."
                )
            } else {
                find(
                    isOpen ? .problem : .warning, .agentSilent, .agent,
                    "The newest check ran \(spelledDuration(age)) ago (\(last.at)).",
                    remedy:
                        "See that the timer runs `hotfix check` (`systemctl list-timers`, `crontab -l`) and what it logs;"
                        + " the next check catches up on what was missed.")
            }
        } else {
            diagnosis.pass(.agent, "The newest check ran \(spelledDuration(max(0, age))) ago.")
        }
        let news = last.failures.filter { failure in !told.contains { $0.explains(failure) } }
        for failure in news.prefix(5) {
            find(
                .warning, .lastCheckFailed, .agent, "The newest check could not ask everything: \(failure)",
                remedy:
                    "No problem with it is found here now, or it was not examined; see whether the next check asks it.")
        }
    }

    /// Looks for what the configuration names and nothing uses.
    mutating func examineUse() {
        for service in settings.services where service.pairs.isEmpty {
            find(
                .problem, .serviceUnwatched, .service(service.service.name),
                "No guardrail of its policy applies to it.",
                remedy: "Name a source of the policy's guardrails at the service, or give it another `policy`.")
        }
        var seen: Set<Pair> = []
        for service in settings.services {
            for guardrail in service.policy.guardrails {
                guard seen.insert(Pair(service.policyName, guardrail.name)).inserted else { continue }
                let sharing = settings.services.filter { $0.policyName == service.policyName }
                guard sharing.allSatisfy({ $0.service.bindings[guardrail.source] == nil }) else { continue }
                find(
                    .warning, .guardrailUnused, .configuration,
                    "The guardrail '\(guardrail.name)' of the policy '\(service.policyName)' applies to no service: none of"
                        + " them names its source '\(guardrail.source)'.",
                    remedy: "Give a service `\(guardrail.source): {…}`, or take the guardrail out of the policy.")
            }
        }
        for source in settings.sources {
            // One that no guardrail asks may still tell versions and deployments.
            guard settings.services.allSatisfy({ $0.service.bindings[source.name] == nil }) else { continue }
            find(
                .note, .sourceUnused, .source(source.name), "No service names it.",
                remedy: "Name it at a service, or take it out of `sources`.")
        }
    }
}

extension Finding {
    /// Whether the failure of a check is of what this problem is about.
    fileprivate func explains(_ failure: String) -> Bool {
        guard severity == .problem else { return false }
        return switch subject {
        case .guardrail(let pair): failure.hasPrefix(pair.description)
        case .service(let name): failure.hasPrefix("\(name)/")
        case .source(let name): failure.contains(": \(name): ")
        case .configuration, .file, .channel, .agent: false
        }
    }
}
