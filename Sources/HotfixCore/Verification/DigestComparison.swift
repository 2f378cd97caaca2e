extension LedgerVerification {
    /// Holds what the ledger keeps of what windows come to against what they come to.
    ///
    /// Of a service of which something else differs that follows from it, and is not told.
    ///
    /// - Parameters:
    ///   - kept: The digests of the state that was verified.
    ///   - snapshot: The ledger as the newest check left it, with its windows.
    ///   - at: The instant of that check.
    package mutating func compare(_ kept: [ServiceDigest], with snapshot: Snapshot, at: Instant) {
        let differing = Set(differences.map(\.pair.service))
        let byService = Dictionary(kept.map { ($0.service, $0) }) { $1 }
        var mended: [ServiceDigest] = []
        for service in snapshot.services where !differing.contains(service.name) {
            let derived = service.digest(at: at)
            // By another configuration it is passed over by whoever reads it.
            guard let held = byService[service.name], held.basis == derived.basis, held != derived else { continue }
            differences.append(
                Difference(
                    pair: .digest(of: service.name), start: at, subject: .digest(ledger: held, derived: derived)))
            mended.append(derived)
        }
        // What revisions change is derived anew by the next check.
        if !outcome.bearsOnReadiness { outcome.digests = mended }
    }
}

extension Pair {
    /// What the state that is kept of a service is told under.
    package static func digest(of service: String) -> Pair { Pair(service, "kept state") }
}
