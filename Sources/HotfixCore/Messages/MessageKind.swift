/// What a message tells.
package enum MessageKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// An episode has opened.
    case breach
    /// An episode is still open.
    case reminder
    /// An episode is over: enough clean windows.
    case recovered
    /// An episode is over: revisions left it no confirmed window.
    case corrected
    /// An episode is over: its guardrail was dropped.
    case withdrawn
    /// An episode is over: it was excused.
    case excused
    /// A service that is deployed can no longer be judged.
    case blind
    /// It can be judged again.
    case sighted
    /// A guardrail had no value in its first hour.
    case neverSeen = "never-seen"
    /// The hotfix has become ready.
    case ready
    /// It no longer is.
    case lost
    /// A source knows of a roll-out that nobody recorded.
    case unrecordedDeploy = "unrecorded-deploy"
    /// A channel takes no messages.
    case undeliverable
    /// A deployment was recorded.
    case deployed
    /// Somebody asked whether messages arrive: nothing happened, and no ledger holds it.
    case test
    /// Somebody announces something in their own words; no ledger holds it.
    case announcement

    /// The kinds that follow from what happens: all but `test` and `announcement`.
    package static let told = allCases.filter { $0 != .test && $0 != .announcement }

    /// What is told once of a thing that stays: that there is such a message says that it was told.
    package static let toldOnce: [MessageKind] = [.neverSeen, .unrecordedDeploy]

    /// Whether it opens something that a later message closes.
    package var isOpening: Bool { self == .breach || self == .blind || self == .ready }

    /// Whether it closes what an earlier message opened.
    package var isClosing: Bool {
        switch self {
        case .recovered, .corrected, .withdrawn, .excused, .sighted, .lost: true
        default: false
        }
    }

    /// The kind of message that opened what this one closes or reminds of; nil where nothing did.
    package var opening: MessageKind? {
        switch self {
        case .reminder, .recovered, .corrected, .withdrawn, .excused: .breach
        case .sighted: .blind
        case .lost: .ready
        default: nil
        }
    }
}
