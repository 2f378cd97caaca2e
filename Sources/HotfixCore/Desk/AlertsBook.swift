/// What is open, who has seen it, what is silenced, and what was told to which channel.
package struct AlertsBook: Sendable, Hashable {
    /// An episode that has not ended.
    package struct OpenEpisode: Sendable, Hashable {
        /// The episode.
        package var episode: Episode
        /// Who has seen it; nil where nobody has said so.
        package var acknowledgement: Acknowledgement?
        /// The numbers of the silences that hold for it.
        package var silences: [Int]
        /// The silences of receivers' own that keep them from telling anybody of it.
        package var elsewhere: [SilenceElsewhere]

        /// Makes an entry.
        package init(
            episode: Episode, acknowledgement: Acknowledgement?, silences: [Int], elsewhere: [SilenceElsewhere] = []
        ) {
            self.episode = episode
            self.acknowledgement = acknowledgement
            self.silences = silences
            self.elsewhere = elsewhere
        }
    }

    /// A silence that a receiver knows of, and nobody else.
    package struct SilenceElsewhere: Sendable, Hashable {
        /// The name of the channel.
        package var channel: String
        /// Its number there.
        package var id: String
        /// Who made it, where that is known.
        package var by: String?
        /// Why, where that is known.
        package var reason: String?
        /// Until when, where that is known.
        package var end: Instant?

        /// Makes a silence.
        package init(channel: String, id: String, by: String? = nil, reason: String? = nil, end: Instant? = nil) {
            self.channel = channel
            self.id = id
            self.by = by
            self.reason = reason
            self.end = end
        }
    }

    /// A message with what became of it.
    package struct Telling: Sendable, Hashable {
        /// The message, without what is said.
        package var head: MessageHead
        /// What happened, in a few words.
        package var title: String
        /// What became of it at each channel; empty where no channel wanted it.
        package var deliveries: [Line]

        /// Makes a telling.
        package init(head: MessageHead, title: String, deliveries: [Line]) {
            self.head = head
            self.title = title
            self.deliveries = deliveries
        }
    }

    /// What became of a message at one channel.
    package struct Line: Sendable, Hashable {
        /// What may have become of it.
        package enum State: String, Sendable, Hashable, CaseIterable {
            /// It has still to be told.
            case waiting
            /// An attempt has begun, and its result is not known.
            case sending
            case delivered
            /// It need not be told any more.
            case dropped
            /// It could not be told, and will not be.
            case givenUp = "given-up"
        }

        /// The name of the channel.
        package var channel: String
        /// What became of it.
        package var state: State
        /// Why the last attempt failed, or why there will be none.
        package var reason: String?
        /// Before when there is no further attempt, where that is known.
        package var notBefore: Instant?
        /// Whether it may have been told twice.
        package var isRepeat: Bool
        /// How many attempts have begun.
        package var attempts: Int
        /// When that became of it; for what waits, since when it does.
        package var at: Instant

        /// Makes a line.
        package init(
            channel: String, state: State, reason: String? = nil, notBefore: Instant? = nil, isRepeat: Bool = false,
            attempts: Int, at: Instant
        ) {
            self.channel = channel
            self.state = state
            self.reason = reason
            self.notBefore = notBefore
            self.isRepeat = isRepeat
            self.attempts = attempts
            self.at = at
        }
    }

    /// The open episodes, in the order opened.
    package var episodes: [OpenEpisode]
    /// The silences that hold now, in the order recorded.
    package var silences: [Silence]
    /// What was told or waits to be, the newest first.
    package var messages: [Telling]

    /// Makes a book.
    package init(episodes: [OpenEpisode], silences: [Silence], messages: [Telling]) {
        self.episodes = episodes
        self.silences = silences
        self.messages = messages
    }

    /// Reads the book from what a ledger and its outbox hold at an instant.
    ///
    /// - Parameters:
    ///   - facts: The ledger, but its windows.
    ///   - told: Messages with what became of them, newest first.
    ///   - elsewhere: The silences of receivers' own, by thread.
    ///   - now: The instant.
    package init(
        _ facts: LedgerFacts, told: [ToldMessage], elsewhere: [String: [SilenceElsewhere]] = [:], at now: Instant
    ) {
        let acknowledgements = facts.standingAcknowledgements
        let holding = facts.silences.filter { $0.holds(at: now) }
        silences = holding
        episodes = facts.episodes.filter(\.isOpen).map { episode in
            OpenEpisode(
                episode: episode, acknowledgement: acknowledgements.newest(of: episode),
                silences: holding.filter { $0.concerns(episode.pair) }.map(\.id),
                elsewhere: (elsewhere[episode.id] ?? []).filter { silence in silence.end.map { now < $0 } ?? true })
        }
        messages = told.map { told in
            Telling(
                head: told.message.head, title: MessageText(told.message).title,
                deliveries: told.lines.map { Line($0, madeAt: told.message.createdAt) })
        }
    }
}

extension AlertsBook.Line {
    /// Reads a line of the outbox.
    fileprivate init(_ line: ToldMessage.Line, madeAt: Instant) {
        self.init(channel: line.channel, state: .waiting, attempts: line.attempts, at: madeAt)
        switch line.state {
        case .pending(let notBefore, let reason):
            self.notBefore = notBefore
            self.reason = reason
        case .inFlight:
            state = .sending
            at = line.at
        case .delivered(_, let isRepeat):
            state = .delivered
            self.isRepeat = isRepeat
            at = line.at
        case .dropped(let reason):
            state = .dropped
            self.reason = reason
            at = line.at
        case .dead(let reason):
            state = .givenUp
            self.reason = reason
            at = line.at
        }
    }
}

extension Silence {
    /// Whether it is about messages of a guardrail of a service.
    package func concerns(_ pair: Pair) -> Bool { concerns(service: pair.service, guardrail: pair.guardrail) }
}

extension [Acknowledgement] {
    /// The newest of an episode; nil where there is none.
    package func newest(of episode: Episode) -> Acknowledgement? { last { $0.episode == episode.id } }
}
