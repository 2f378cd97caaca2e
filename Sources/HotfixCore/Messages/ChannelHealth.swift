/// How a channel fares: remembered from check to check, so that a receiver that is down is left alone.
package struct ChannelHealth: Sendable, Hashable, Codable {
    /// What people are told of a channel once, until it works again.
    package enum Trouble: String, Sendable, Hashable, Codable {
        /// It takes nothing until somebody mends the configuration.
        case misconfigured
        /// It refused a message.
        case refused
        /// A message was given up.
        case givenUp = "given-up"
    }

    /// Under this name, which no display can have, it is remembered how channels fare.
    package static let memory = ":channels"

    /// How many attempts in a row did not reach the receiver.
    package private(set) var failures = 0
    /// How many of them since it was last left alone.
    package private(set) var sinceHold = 0
    /// Until when it is left alone.
    package private(set) var heldUntil: Instant?
    /// What people were told of it already.
    package var told: Set<Trouble> = []

    /// Makes the health of a channel that works.
    package init() {}

    /// Whether it is yet to be found out if the receiver is back.
    package var isProbing: Bool { failures >= 2 }

    /// Whether it was left alone the last time until somebody mends the configuration, and has not answered otherwise since.
    package var isMisconfigured: Bool { failures == 0 && heldUntil != nil }

    /// Until when it is left alone; nil where it is not.
    ///
    /// An instant farther ahead than any that is ever set was set by another clock.
    package func held(at now: Instant) -> Instant? {
        heldUntil.flatMap { $0 > now && $0 - now <= RetrySchedule.farthest ? $0 : nil }
    }

    /// The same, but left alone for as long as the entry of the configuration is that it belongs to.
    package func joined(to entry: ChannelHealth) -> ChannelHealth {
        var health = self
        health.heldUntil = [heldUntil, entry.heldUntil].compactMap(\.self).max()
        return health
    }

    /// The receiver took a message.
    package mutating func worked() { self = ChannelHealth() }

    /// The receiver refused a message, so it is there.
    package mutating func answered() { (failures, sinceHold, heldUntil) = (0, 0, nil) }

    /// The receiver was not reached, or is not known to have been.
    ///
    /// - Parameters:
    ///   - now: The instant of the attempt.
    ///   - wait: How many seconds it wants to be left alone, where it said so.
    ///   - isAlone: Whether nothing else could be tried in place of what failed.
    ///   - jitter: From 0 to 1.
    package mutating func failed(at now: Instant, wait: Seconds? = nil, isAlone: Bool = false, jitter: Double) {
        let wasProbing = isProbing
        failures += 1
        sinceHold += 1
        if let wait {
            hold(until: now + RetrySchedule.wish(wait, jitter: jitter))
        } else if sinceHold >= 2 || wasProbing && isAlone {
            hold(until: now + RetrySchedule.pause(after: failures - 1, jitter: jitter))
        }
    }

    /// The receiver takes nothing until somebody mends the configuration.
    package mutating func wasMisconfigured(at now: Instant) {
        failures = 0
        hold(until: now + RetrySchedule.misconfigured)
    }

    private mutating func hold(until instant: Instant) {
        heldUntil = instant
        sinceHold = 0
    }
}

/// How long is waited before something is tried again, in seconds.
package enum RetrySchedule {
    /// Where somebody has to mend the configuration first.
    package static let misconfigured: Seconds = 900
    /// The farthest that an attempt is ever put off.
    package static let farthest: Seconds = 4000

    /// After so many failures in a row: doubled each time, from 30 s to 30 min.
    ///
    /// - Parameters:
    ///   - failures: How many, from 1.
    ///   - jitter: From 0 to 1: a fourth shorter to a fourth longer.
    /// - Returns: The seconds.
    package static func pause(after failures: Int, jitter: Double) -> Seconds {
        let base = 30 * Double(1 << min(max(failures - 1, 0), 6))
        return Int(min(max(base * (0.75 + jitter / 2), 30), 1800))
    }

    /// Where the receiver said how long: from 1 s to 1 h, and up to a tenth longer, by a jitter from 0 to 1.
    package static func wish(_ wait: Seconds, jitter: Double) -> Seconds {
        let clamped = min(max(wait, 1), 3600)
        return clamped + Int((Double(clamped) * jitter / 10).rounded(.up))
    }
}
