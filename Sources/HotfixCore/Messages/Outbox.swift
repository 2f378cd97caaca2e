/// Where messages wait until they are told: part of the ledger, written in the same transaction as what they follow from.
///
/// Every write is one transaction and durable when it returns. Errors are `LedgerError`.
package protocol Outbox: Sendable {
    /// The deliveries that are not settled, in the order of their messages, each with what else of its thread concerns its channel.
    func waiting() throws -> [QueuedDelivery]

    /// The same of one channel.
    func waiting(of channel: String) throws -> [QueuedDelivery]

    /// How many deliveries are not settled, by the names of those channels that have any.
    func waitingCounts() throws -> [String: Int]

    /// The messages with some numbers, in their order; those that are not there are left out.
    func messages(_ numbers: Set<Int>) throws -> [Message]

    /// Says that an attempt begins: from now on, until its result is written, it may have been received.
    ///
    /// Where an attempt before it is without a result, that one may have been received from then on.
    func begin(_ delivery: Int, at now: Instant) throws

    /// Writes what came of an attempt, or that there will be none.
    ///
    /// `inFlight` says that the result will never be known: from then on it may have been received. So may what is dropped while an
    /// attempt is without a result.
    func settle(_ delivery: Int, as state: DeliveryState, at now: Instant) throws

    /// Adds messages that follow from delivering itself, for each of some channels; their numbers are ignored and given by the ledger.
    ///
    /// One of whose thread and kind there is a message already is not added again: adding twice after a crash adds once.
    func add(_ messages: [Message], for rules: [ChannelRule]) throws

    /// What a display remembers of things that it shows, by thing.
    func receipts(of display: String) throws -> [String: DisplayReceipt]

    /// Remembers, or with nil forgets, what a display shows of a thing.
    func keep(_ receipt: DisplayReceipt?, of subject: String, for display: String) throws

    /// Messages with what became of them, newest first, for people.
    func told(limit: Int) throws -> [ToldMessage]
}

extension Outbox {
    /// Finds those of one channel among all that wait.
    package func waiting(of channel: String) throws -> [QueuedDelivery] {
        try waiting().filter { $0.channel == channel }
    }

    /// Counts what waits.
    package func waitingCounts() throws -> [String: Int] {
        try waiting().reduce(into: [:]) { $0[$1.channel, default: 0] += 1 }
    }

    /// Finds some among all that were told.
    package func messages(_ numbers: Set<Int>) throws -> [Message] {
        guard !numbers.isEmpty else { return [] }
        return try told(limit: .max).map(\.message).filter { numbers.contains($0.id) }.reversed()
    }

    /// Writes of an attempt that it may have been received, and when the next one may be made.
    package func doubt(_ delivery: Int, notBefore: Instant?, reason: String, at now: Instant) throws {
        // A crash between the two leaves an attempt without a result, which says the same.
        try settle(delivery, as: .inFlight, at: now)
        try settle(delivery, as: .pending(notBefore: notBefore, reason: reason), at: now)
    }
}

/// A message that a channel has to be told, as the commit makes it; one that was given up, refused or dropped there waits again.
package struct NewDelivery: Sendable, Hashable {
    /// The number of the message.
    package var message: Int
    /// The name of the channel.
    package var channel: String
    /// When it was given up, refused or dropped; nil where it was not, and where it is made.
    package var abandonedAt: Instant?

    /// Makes a delivery.
    package init(message: Int, channel: String, abandonedAt: Instant? = nil) {
        self.message = message
        self.channel = channel
        self.abandonedAt = abandonedAt
    }
}

/// What has become of a delivery.
package enum DeliveryState: Sendable, Hashable, Codable {
    /// It waits, until an instant where one is given; `reason` says why the last attempt failed.
    case pending(notBefore: Instant?, reason: String?)
    /// An attempt has begun; where no result was written, it is not known whether it was received.
    case inFlight
    /// It was told; `isRepeat` where it may have been told before.
    case delivered(receipt: String?, isRepeat: Bool)
    /// It need not be told: overtaken by what followed, or the channel is no longer configured.
    case dropped(reason: String)
    /// It was given up.
    case dead(reason: String)

    /// Whether nothing will be done any more.
    package var isSettled: Bool {
        switch self {
        case .pending, .inFlight: false
        case .delivered, .dropped, .dead: true
        }
    }
}

/// A delivery in the outbox.
package struct QueuedDelivery: Sendable, Hashable {
    /// The number of the delivery.
    package var id: Int
    /// The name of the channel.
    package var channel: String
    /// The message.
    package var message: Message
    /// What has become of it.
    package var state: DeliveryState
    /// How many attempts have begun.
    package var attempts: Int
    /// When the first attempt began; nil before it.
    package var firstAttempt: Instant?
    /// Whether an attempt may have been received without its result being known.
    package var mayHaveArrived: Bool
    /// What became, at this channel, of the message that opened the thread (`message.opening`); nil where there is none.
    package var opening: DeliveryState?
    /// Whether that opening, or a reminder of it, may have been received here without its result being known, also where it was dropped or given up since.
    package var openingMayHaveArrived: Bool
    /// Whether this channel was told a reminder of the same.
    package var isReminded: Bool
    /// When it was made to wait, where no attempt has begun since; nil where that is not known.
    package var queuedAt: Instant?

    /// Makes a delivery.
    package init(
        id: Int, channel: String, message: Message, state: DeliveryState, attempts: Int = 0,
        firstAttempt: Instant? = nil, mayHaveArrived: Bool = false, opening: DeliveryState? = nil,
        openingMayHaveArrived: Bool = false, isReminded: Bool = false, queuedAt: Instant? = nil
    ) {
        self.id = id
        self.channel = channel
        self.message = message
        self.state = state
        self.attempts = attempts
        self.firstAttempt = firstAttempt
        self.mayHaveArrived = mayHaveArrived
        self.opening = opening
        self.openingMayHaveArrived = openingMayHaveArrived
        self.isReminded = isReminded
        self.queuedAt = queuedAt
    }
}

/// A message with what became of it at each channel.
package struct ToldMessage: Sendable, Hashable {
    /// What became of it at one channel.
    package struct Line: Sendable, Hashable {
        /// The name of the channel.
        package var channel: String
        /// What became of it.
        package var state: DeliveryState
        /// How many attempts have begun.
        package var attempts: Int
        /// When the state was written.
        package var at: Instant

        /// Makes a line.
        package init(channel: String, state: DeliveryState, attempts: Int, at: Instant) {
            self.channel = channel
            self.state = state
            self.attempts = attempts
            self.at = at
        }
    }

    /// The message.
    package var message: Message
    /// The channels, by name.
    package var lines: [Line]

    /// Makes a told message.
    package init(message: Message, lines: [Line]) {
        self.message = message
        self.lines = lines
    }
}
