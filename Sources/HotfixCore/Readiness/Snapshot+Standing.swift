extension Snapshot {
    /// Until when a readiness stands that was given now: before that, the same ledger gives the same.
    ///
    /// Readiness depends on the instant that it is asked for by comparing it with ends of windows and with instants of the ledger,
    /// each shifted by what the law says. This is the first of them all, whether or not anything changes then.
    ///
    /// - Parameters:
    ///   - readiness: The readiness, of this snapshot at `now`.
    ///   - now: The instant that it was asked for, by the reader's own clock.
    ///   - maxAge: How old the newest complete window may be, in seconds; nil means 4 windows.
    /// - Returns: The first instant, later than `now`, for which it has to be asked anew.
    package func standsUntil(_ readiness: Readiness, at now: Instant, maxAge: Seconds?) -> Instant {
        // What has never been evaluated may be ready so long from now.
        if readiness.services.contains(where: { $0.since != nil && $0.evaluatedUntil == nil }) { return now + 1 }
        var first = now + 86_400
        func consider(_ instant: Instant) { if instant > now { first = min(first, instant) } }
        var shifts: [Seconds: Set<Seconds>] = [:]
        let concerned = Set(readiness.services.map(\.name))
        for service in services where concerned.contains(service.name) {
            let step = service.context.step
            let age = maxAge ?? 4 * step
            service.kept.map { consider($0.until) }
            if shifts[step] == nil { shifts[step] = [0, -60, age + 1, 86_400, 7 * 86_400] }
            if let running = service.context.deployments.running {
                for shift in [0, age + 1, 86_400] { consider(running.at + shift) }
            }
            for source in service.versions?.sources ?? [] { source.series?.newest.map { consider($0.at) } }
        }
        for (step, shifts) in shifts {
            for shift in shifts { consider((now - shift).floored(to: step) + step + shift) }
        }
        for silence in facts.silences {
            for instant in [silence.start, silence.end, silence.liftedAt] { instant.map(consider) }
        }
        return first
    }
}
