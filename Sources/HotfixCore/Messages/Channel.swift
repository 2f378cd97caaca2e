/// A way to tell people: Slack, e-mail, PagerDuty, a webhook, Alertmanager, standard output.
///
/// A channel never decides whether something is told, and never throws: what came of an attempt is a value.
package protocol Channel: Sendable {
    /// The name that its deliveries are kept under.
    var name: String { get }
    /// The name in the configuration: the same for all channels that one entry makes, which share a receiver and its credentials.
    var entry: String { get }

    /// Makes one attempt to tell a message. It waits for no further attempt of its own, and ends within its own time limits.
    ///
    /// - Parameters:
    ///   - delivery: What has to be told, and how.
    ///   - now: The instant of the attempt.
    /// - Returns: What came of it.
    func deliver(_ delivery: Delivery, at now: Instant) async -> DeliveryOutcome

    /// Asks the receiver whether it would take messages, without telling anybody anything, as far as it can be asked so.
    func examine(at now: Instant) async -> Diagnosis
}

extension Channel {
    /// An entry makes one channel of its own name, unless the channel says otherwise.
    package var entry: String { name }
}

/// One message for one channel.
package struct Delivery: Sendable, Hashable {
    /// How it is told.
    package enum Tense: String, Sendable, Hashable, Codable {
        /// As it happens.
        case present
        /// In one message, what began and is over: its beginning was not told here.
        case past
    }

    /// The message.
    package var message: Message
    /// How it is told.
    package var tense: Tense
    /// What the channel gave back when it told the opening of the same thread; nil where it told none.
    package var opening: String?
    /// Whether an attempt before this one may have been received.
    package var mayBeRepeat: Bool

    /// Makes a delivery.
    package init(message: Message, tense: Tense = .present, opening: String? = nil, mayBeRepeat: Bool = false) {
        self.message = message
        self.tense = tense
        self.opening = opening
        self.mayBeRepeat = mayBeRepeat
    }
}

/// What came of an attempt to deliver.
package enum DeliveryOutcome: Sendable, Hashable {
    /// The receiver took it. The receipt is the channel's own business, kept with the delivery, and holds no secret: at most 2 KiB.
    case delivered(receipt: String?)
    /// It was not received and may be later: no sooner than so many seconds from now, where the receiver said so.
    case retry(after: Seconds?, reason: String)
    /// It was sent, and whether it was received is not known.
    case unknown(reason: String)
    /// The receiver refuses whatever the channel sends until somebody mends the configuration: a wrong key, an expired token, an address that is gone.
    case misconfigured(reason: String, remedy: String)
    /// The same, but of this channel alone: the receiver works, and other channels of the same entry may be told.
    case misaddressed(reason: String, remedy: String)
    /// The receiver refuses this message, and would again.
    case refused(reason: String)
}
