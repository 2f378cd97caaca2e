extension Readiness {
    /// Why a readiness that came from elsewhere cannot be believed.
    ///
    /// Only what says "ready" is doubted: anything else opens nothing.
    ///
    /// - Parameters:
    ///   - asked: The services that were asked for; nil means all.
    ///   - at: The instant that it was asked for, by the clock of who asked.
    ///   - maxAge: How long ago the newest complete window may have ended, in seconds; nil means 4 windows, and never less than 20 minutes.
    ///   - slack: How far clocks may be apart, in seconds.
    /// - Returns: What is at odds; nil where nothing is.
    package func doubt(asked: Set<String>?, at: Instant, maxAge: Seconds?, slack: Seconds) -> String? {
        if let asked, Set(services.map(\.name)) != asked {
            return "it tells of other services than those that were asked for"
        }
        guard isReady else { return nil }
        if services.isEmpty { return "it is ready without a service" }
        if Set(services.map(\.name)).count != services.count { return "it names a service twice" }
        if requiredSeconds != services.map(\.requiredSeconds).max()
            || provenSeconds != services.map(\.provenSeconds).min()
            || evaluatedUntil != services.compactMap(\.evaluatedUntil).min()
        {
            return "it is ready, and its times are not those of its services"
        }
        for service in services {
            if let doubt = service.doubt(at: at, maxAge: maxAge, slack: slack) {
                return "it is ready, and '\(service.name)' \(doubt)"
            }
        }
        let watched = Set(services.flatMap(\.watchedPairs))
        if let episode = episodes.first(where: { $0.isOpen && watched.contains($0.pair) }) {
            return "it is ready, and the episode '\(episode.id)' is open"
        }
        return nil
    }
}

extension ServiceReadiness {
    fileprivate var watchedPairs: [Pair] {
        guardrails.filter { $0.reason != .notWatched }.map { Pair(name, $0.name) }
    }

    fileprivate func doubt(at: Instant, maxAge: Seconds?, slack: Seconds) -> String? {
        guard deployment != nil else { return "is not deployed" }
        guard requiredSeconds > 0 else { return "requires nothing" }
        guard let evaluatedUntil else { return "was never judged" }
        if evaluatedUntil - at > slack { return "was judged until \(evaluatedUntil), and it is \(at)" }
        let watched = guardrails.filter { $0.reason != .notWatched }
        // The newest window that all have ends with what was judged, so that the oldest of theirs is one window before it.
        let window = watched.compactMap(\.windowStart).map { evaluatedUntil - $0 }.max() ?? 0
        let age = maxAge ?? max(1200, 4 * min(max(window, 0), 86_400))
        if at - evaluatedUntil > age + slack { return "was judged until \(evaluatedUntil) alone, and it is \(at)" }
        if watched.isEmpty { return "has no guardrail" }
        for guardrail in watched {
            guard let start = guardrail.windowStart, let verdict = guardrail.verdict else {
                return "has no window of '\(guardrail.name)'"
            }
            // A window that not all have yet counts for nothing.
            guard start < evaluatedUntil else { continue }
            let isQuiet = verdict == .unproven && guardrail.reason?.isQuiet == true
            if verdict != .clean && !isQuiet {
                return "has a newest window of '\(guardrail.name)' that is \(verdict.rawValue)"
            }
        }
        return nil
    }
}
