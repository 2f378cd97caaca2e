extension MessagePlanner {
    /// What has to be told of episodes: what opened, what closed, and what is still open and nobody has seen to.
    func episodeDrafts() -> [Draft] {
        let known = Dictionary(before.episodes.map { ($0.id, $0.isOpen) }) { $1 }
        let drafts = after.facts.episodes.compactMap { episode -> Draft? in
            let opening = told.open[episode.id]
            guard let closedAt = episode.closedAt else {
                return opening.map { reminder(of: episode, $0) } ?? breach(episode)
            }
            if opening == nil {
                // What was over in the ledger before is over: nobody was told, and a ledger of before messages holds many.
                guard known[episode.id] ?? true, isTold(ofThePast: episode, closedAt) else { return nil }
            }
            return draft(episode.ending?.kind ?? .recovered, episode, opening, at: closedAt)
        }
        return drafts.sorted { ($0.at, $0.thread) < ($1.at, $1.thread) }
    }

    private func breach(_ episode: Episode) -> Draft? {
        guard !isSilenced(episode.pair.service, episode.pair.guardrail) else { return nil }
        return draft(.breach, episode, nil, at: episode.openedAt)
    }

    private func reminder(of episode: Episode, _ opening: MessageHead) -> Draft? {
        guard plan.remindEvery > 0, let last = told.lastTold(episode.id), clock - last >= plan.remindEvery,
            !after.facts.standingAcknowledgements.contains(where: { $0.episode == episode.id }),
            !isSilenced(episode.pair.service, episode.pair.guardrail)
        else { return nil }
        return draft(.reminder, episode, opening, at: now)
    }

    /// Whether an episode is told that was over before anybody was told of it.
    private func isTold(ofThePast episode: Episode, _ closedAt: Instant) -> Bool {
        guard episode.ending != .corrected, episode.ending != .withdrawn,
            !isSilenced(episode.pair.service, episode.pair.guardrail)
        else { return false }
        let silences = after.facts.silences.filter {
            $0.concerns(service: episode.pair.service, guardrail: episode.pair.guardrail)
        }
        return !Silence.cover(silences, from: episode.openedAt, to: max(closedAt, episode.openedAt + 1))
    }

    private func draft(_ kind: MessageKind, _ episode: Episode, _ opening: MessageHead?, at: Instant) -> Draft {
        let shown = found(episode.pair).flatMap { service, pair in
            pair.shownWindow(of: episode, isEnding: kind.isClosing, step: service.context.step)
        }
        return Draft(
            kind: kind, thread: episode.id, opening: opening, at: at, topic: .episode(episode, window: shown))
    }
}

extension Episode.Ending {
    /// The kind of message that tells it.
    fileprivate var kind: MessageKind {
        switch self {
        case .recovered: .recovered
        case .corrected: .corrected
        case .withdrawn: .withdrawn
        case .excused: .excused
        }
    }
}

extension PairSnapshot {
    /// The start of the window that a message about an episode shows: its newest confirmed one, and of one that ended the worst.
    ///
    /// Where revisions left none, or an excusal, it is the newest that still breaches, or that did.
    fileprivate func shownWindow(of episode: Episode, isEnding: Bool, step: Seconds) -> Instant {
        let starts = stride(from: episode.start.seconds, through: episode.lastBreach.seconds, by: step).map(
            Instant.init)
        let breaching = starts.filter { records[$0]?.verdict?.verdict == .breach }
        let newest = breaching.last { isStoredConfirmed($0) } ?? breaching.last ?? episode.lastBreach
        guard isEnding else { return newest }
        return breaching.first { records[$0]?.observation.value == episode.peak } ?? newest
    }
}
