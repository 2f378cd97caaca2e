extension MessagePlanner {
    /// Why a service cannot be judged: its state, the guardrails that say nothing, and what its sources answered.
    func whyBlind(_ service: ServiceReadiness) -> String {
        let ended = service.evaluatedUntil.map { "; the newest ended at \($0)" } ?? ""
        let state =
            switch service.stateReason {
            case .stale: "No window has been judged as a whole for too long\(ended)."
            case .unproven: "Its newest windows are all unproven\(lacking(service))."
            case .noVerdict: "No window was clean or breach for 24 hours\(lacking(service))."
            case .clock: "The ledger is ahead of this machine's clock, \(clock)."
            case .noHistory: "The deployment lies before the source's history."
            case .neverChecked: "No window has been judged since the deployment."
            case .confirming, .policy, .closed, nil: "Its windows prove nothing."
            }
        let texts = failures.filter { $0.pair.service == service.name }.map(\.message)
        return ([state] + unique(texts).prefix(3).map { $0.hasSuffix(".") ? $0 : $0 + "." }).joined(separator: " ")
    }

    private func lacking(_ service: ServiceReadiness) -> String {
        let parts = service.guardrails.compactMap { guardrail in
            guardrail.verdict == .unproven ? guardrail.reason.map { "\(guardrail.name) \($0.rawValue)" } : nil
        }
        return parts.isEmpty ? "" : ": \(parts.joined(separator: ", "))"
    }

    /// Why a hotfix that was ready no longer is.
    func whyLost(since head: MessageHead, isRunning: Bool) -> String {
        guard isRunning else { return "Its deployment was taken back." }
        let reasons = readiness.services.compactMap { service -> String? in
            switch service.state {
            case .breaching:
                let names = service.guardrails.filter { $0.verdict == .breach }.map(\.name)
                return "'\(service.name)' is in breach\(names.isEmpty ? "" : ": \(names.joined(separator: ", "))")."
            case .blind: return "'\(service.name)' cannot be judged. \(whyBlind(service))"
            default:
                guard hasMoved(service, since: head) else { return nil }
                let why = service.sinceOrigin.map { ", after a \($0.rawValue)" } ?? ""
                return "The streak of '\(service.name)' counts since \(service.since?.description ?? "nothing")\(why)."
            }
        }
        return reasons.joined(separator: " ")
    }

    /// What was proven, in seconds, where a streak was last interrupted that readiness was told of.
    func lostSeconds(since head: MessageHead) -> Seconds? {
        readiness.services.filter { hasMoved($0, since: head) }.compactMap { service in
            after.services.first { $0.name == service.name }?.lastLoss(at: clock)
        }.max()
    }

    private func unique(_ texts: [String]) -> [String] {
        var known: Set<String> = []
        return texts.filter { known.insert($0).inserted }
    }
}

extension ServiceSnapshot {
    /// How much was proven, in seconds, when the running deployment's streak last lost something; nil where it lost nothing.
    fileprivate func lastLoss(at now: Instant) -> Seconds? {
        guard let running = context.deployments.running else { return nil }
        var streak = Streak(deployedAt: running.at, rule: context.streakRule, step: context.step)
        var loss: Seconds?
        for window in derived(until: now, at: now).windows {
            let proven = streak.proven
            streak.advance(window.start, window.kind, now: now)
            if streak.proven < proven { loss = proven }
        }
        return loss
    }
}
