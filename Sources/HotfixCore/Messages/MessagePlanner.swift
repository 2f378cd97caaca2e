/// Decides which messages follow from an evaluation.
///
/// A pure function of what the ledger held, what it will hold and the instant. What was told is in the ledger, and what holds and
/// was not told is told: planning again once that is committed gives nothing, and what a silence or a crash held back comes later.
package struct MessagePlanner: Sendable {
    /// A message before it is said what it says.
    struct Draft: Sendable {
        /// What it is about.
        enum Topic: Sendable {
            /// An episode, with the window that the message shows where that is known.
            case episode(Episode, window: Instant?)
            /// A deployed service, or one that was.
            case service(String)
            /// A series that has never had a value.
            case series(SeriesState)
            /// A roll-out that nobody recorded.
            case rollOut(UnrecordedDeploy)
            case deployment(Deployment)
            /// A hotfix, by its number.
            case hotfix(Int)
        }

        var kind: MessageKind
        var thread: String
        var opening: MessageHead?
        var at: Instant
        var topic: Topic
    }

    /// What the ledger held before the evaluation.
    let before: LedgerFacts
    /// What it will hold.
    let after: Snapshot
    let plan: MessagePlan
    /// What could not be asked, and why.
    let failures: [(pair: Pair, message: String)]
    let now: Instant
    let clock: Instant
    /// What was told so far.
    let told: ToldThreads
    /// The readiness that people see now.
    let readiness: Readiness
    private(set) var drafts: [Draft] = []

    /// Finds out what has to be told.
    ///
    /// - Parameters:
    ///   - before: What the ledger held before the evaluation; its `lastCheck` is the check before this one.
    ///   - after: The snapshot that the evaluation gave.
    ///   - plan: What of the configuration matters.
    ///   - failures: What could not be asked in this check, and why.
    ///   - now: The instant of the check.
    ///   - clock: When it runs, where that is later: silences and reminders go by it, and so does readiness.
    package init(
        before: LedgerFacts, after: Snapshot, plan: MessagePlan, failures: [(pair: Pair, message: String)] = [],
        at now: Instant, clock: Instant
    ) {
        self.before = before
        self.after = after
        self.plan = plan
        self.failures = failures
        self.now = now
        self.clock = max(now, clock)
        told = ToldThreads(before.messages)
        readiness = after.readiness(at: self.clock, clock: self.clock)
        drafts =
            deploymentDrafts() + episodeDrafts() + neverSeenDrafts() + rollOutDrafts() + sightDrafts() + readyDrafts()
    }

    /// The windows that pictures show and that are not loaded: for each series by its number, the oldest window start.
    package var wantedStarts: [Int: Instant] {
        drafts.reduce(into: [:]) { starts, draft in
            guard case .episode(let episode, let window?) = draft.topic, let (service, pair) = found(episode.pair),
                let series = pair.shownSeries, pair.isDropped || pair.isKnown
            else { return }
            let from = window + service.context.step - Plot.shown
            guard from < pair.wantedStarts[series] ?? pair.records.start else { return }
            starts[series] = min(starts[series] ?? from, from)
        }
    }

    /// Words what was found.
    ///
    /// - Parameter older: The windows that `wantedStarts` names; pictures have gaps where they are lacking.
    /// - Returns: The messages, and who has to be told.
    package func planned(_ older: [Int: Timeline] = [:]) -> PlannedMessages {
        var planned = PlannedMessages()
        var number = before.messages.map(\.id).max() ?? 0
        for draft in drafts {
            number += 1
            let message = Message(
                id: number, kind: draft.kind, thread: draft.thread, opening: draft.opening?.id, at: draft.at,
                createdAt: clock, facts: facts(draft, older))
            let toldOpening = draft.opening.map(channels(toldOf:)) ?? []
            planned.messages.append(message)
            planned.deliveries += plan.channels.filter {
                $0.wants(message.head, hasOpening: toldOpening.contains($0.name))
            }.map { NewDelivery(message: number, channel: $0.name) }
        }
        planned.deliveries += lateDeliveries()
        return planned
    }

    /// A guardrail of a service as it is watched now, or still counted.
    func found(_ pair: Pair) -> (service: ServiceSnapshot, pair: PairSnapshot)? {
        guard let service = after.services.first(where: { $0.name == pair.service }),
            let snapshot = service.pairs.first(where: { $0.pair == pair })
        else { return nil }
        return (service, snapshot)
    }

    /// Whether messages about a service and a guardrail are not to be told now.
    func isSilenced(_ service: String?, _ guardrail: String? = nil) -> Bool {
        after.facts.silences.contains {
            $0.holds(at: clock) && $0.concerns(service: service, guardrail: guardrail)
        }
    }
}
