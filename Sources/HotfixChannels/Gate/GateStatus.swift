package import HotfixCore

/// What a forge shows beside a commit: whether it may be merged.
package struct GateStatus: Sendable, Hashable {
    /// The states, in GitHub's words.
    package enum State: String, Sendable, Hashable {
        /// It cannot be told.
        case error
        /// It must not be merged.
        case failure
        /// It may not be merged yet.
        case pending
        /// It may be merged.
        case success
    }

    /// The state.
    package var state: State
    /// Why, in at most 140 UTF-16 units.
    package var description: String

    /// Makes a status.
    package init(_ state: State, _ description: String) {
        self.state = state
        self.description = clipped(oneLine(description), units: 140)
    }
}

extension Readiness {
    /// What is shown beside a commit: success only where it is the head, is deployed, and its streak is ready.
    ///
    /// - Parameters:
    ///   - commit: The full id of the commit.
    ///   - isHead: Whether it is the head of the hotfix branch, as the forge said just now.
    /// - Returns: The status.
    package func gateStatus(of commit: String, isHead: Bool) -> GateStatus {
        let short = commit.prefix(12)
        guard isHead else { return GateStatus(.pending, "\(short) is not the head of the hotfix branch") }
        let deployed = services.compactMap(\.deployment)
        if let other = deployed.first(where: { $0.commit.lowercased() != commit.lowercased() }) {
            let runs =
                other.hasFullCommit ? "\(other.commit.prefix(12)) is" : "deployment \(other.id) has no full commit id"
            return GateStatus(.pending, "\(short) is not what was deployed: \(runs)")
        }
        let proven = "\(hours(provenSeconds)) of \(hours(requiredSeconds)) proven"
        let why = stateReason.map { " (\($0.rawValue))" } ?? ""
        switch state {
        case .ready:
            guard objection(toMerging: commit) == nil else {
                return GateStatus(.pending, objection(toMerging: commit) ?? "not proven")
            }
            return GateStatus(.success, "ready: \(proven) without a breach")
        case .breaching: return GateStatus(.failure, "breaching: \(broken), \(proven)")
        case .blind: return GateStatus(.error, "blind\(why): \(proven)")
        case .notDeployed: return GateStatus(.pending, "not deployed\(why)")
        case .counting:
            let earliest = earliestReady.map { ", ready at the earliest \($0)" } ?? ""
            return GateStatus(.pending, "\(proven)\(earliest)\(why)")
        }
    }

    private var broken: String {
        let open = episodes.filter(\.isOpen).map(\.pair.description)
        return open.isEmpty ? "a breach waits to be confirmed" : open.sorted().joined(separator: ", ")
    }
}
