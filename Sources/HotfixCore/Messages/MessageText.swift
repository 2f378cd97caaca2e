/// What a message says in words, the same in every channel: plain text on single lines, nothing of it escaped yet.
///
/// Only the sentence of an announcement may be of several lines.
/// Names from outside are shown without control characters and cut to a bearable length; what a channel's own notation would take
/// for more than text is for the channel to escape.
package struct MessageText: Sendable, Hashable {
    /// What colour it has, where there is one.
    package enum Tone: String, Sendable, Hashable {
        /// Something is broken.
        case bad
        /// Something has to be looked at.
        case warning
        /// Something is well again.
        case good
        /// Something happened.
        case neutral
    }

    /// A fact with what it is called.
    package struct Line: Sendable, Hashable {
        /// What it is called.
        package var label: String
        /// The fact.
        package var value: String
    }

    /// What colour it has.
    package var tone: Tone
    /// What it is about, the same in every message of a thread: `latency-p95 of checkout`.
    package var topic: String
    /// What happened, in a few words: `Breach: latency-p95 of checkout`.
    package var title: String
    /// What happened, in a sentence with its figures.
    package var sentence: String
    /// The figures one by one.
    package var lines: [Line]
    /// Pages that help.
    package var links: [MessageLink]
    /// Whether title and sentence are somebody's own words, which stand for themselves; the sentence may then be empty.
    package var isAsWritten = false

    /// Words a message as it is to be told.
    package init(_ message: Message, tense: Delivery.Tense = .present) {
        let facts = message.facts
        links = facts.links
        topic = Self.topic(facts, kind: message.kind)
        tone = Self.tone(message.kind, tense)
        title = "\(Self.word(message, tense)): \(topic)"
        sentence = Self.sentence(message, tense, topic: topic)
        lines = Self.lines(message)
        guard message.kind == .announcement, let announcement = facts.announcement else { return }
        title = announcement.title
        sentence = announcement.text
        lines = []
        isAsWritten = true
    }

    private static func topic(_ facts: MessageFacts, kind: MessageKind) -> String {
        let service = facts.service.map(name)
        if let guardrail = facts.guardrail.map(name), let service { return "\(guardrail) of \(service)" }
        if let service { return service }
        switch kind {
        case .undeliverable: return "a channel of hotfix"
        case .test: return "messages of hotfix"
        default: return facts.hotfix?.branch.map(name) ?? "the hotfix"
        }
    }

    private static func tone(_ kind: MessageKind, _ tense: Delivery.Tense) -> Tone {
        switch kind {
        case .breach, .reminder, .undeliverable: .bad
        case .blind, .neverSeen, .unrecordedDeploy, .lost: .warning
        case .recovered, .corrected, .sighted, .ready: tense == .past ? .neutral : .good
        case .withdrawn, .excused, .deployed, .test, .announcement: .neutral
        }
    }

    private static func word(_ message: Message, _ tense: Delivery.Tense) -> String {
        if tense == .past {
            switch message.kind {
            case .sighted: return "Was blind"
            case .lost: return "Was ready"
            default: return "Was in breach"
            }
        }
        return switch message.kind {
        case .breach: "Breach"
        case .reminder: "Still in breach"
        case .recovered: "Recovered"
        case .corrected: "Corrected"
        case .withdrawn: "Withdrawn"
        case .excused: "Excused"
        case .blind: "Blind"
        case .sighted: "Sighted"
        case .neverSeen: "Never seen"
        case .ready: "Ready"
        case .lost: "No longer ready"
        case .unrecordedDeploy: "Unrecorded deploy"
        case .undeliverable: "Undeliverable"
        case .deployed: "Deployed"
        case .test: "Test"
        case .announcement: "Announcement"
        }
    }

    /// A name from outside: one line, of at most 120 UTF-16 units.
    private static func name(_ text: String) -> String { clipped(oneLine(text), units: 120) }

    /// A text from outside: one line, of at most 600 UTF-16 units.
    private static func phrase(_ text: String) -> String { clipped(oneLine(text), units: 600) }
}

extension MessageText {
    private static func sentence(_ message: Message, _ tense: Delivery.Tense, topic: String) -> String {
        let facts = message.facts
        let said = facts.reason.map { " \(phrase($0))" } ?? ""
        let began = tense == .past ? "\(topic) was in breach" : topic
        switch message.kind {
        case .breach: return "\(topic) \(figures(facts.window)).\(said)"
        case .reminder:
            return
                "\(topic) is still in breach\(span(facts.episode, until: message.at)). Newest: \(figures(facts.window, isSentence: false)).\(said)"
        case .recovered:
            let verb = tense == .past ? ", and has recovered" : " has recovered"
            return tense == .past
                ? "\(began)\(span(facts.episode))\(verb). Worst: \(figures(facts.window, isSentence: false)).\(said)"
                : "\(began)\(verb) after a breach\(span(facts.episode)). Worst: \(figures(facts.window, isSentence: false)).\(said)"
        case .corrected:
            return
                "\(topic): the breach\(span(facts.episode)) was corrected; the source has since given values within the limit.\(said)"
        case .withdrawn:
            return
                "\(topic): the breach\(span(facts.episode)) is no longer watched, since the guardrail was dropped.\(said)"
        case .excused: return "\(topic): the breach\(span(facts.episode)) was excused.\(said)"
        case .blind: return "\(topic) cannot be judged.\(said) Until it can, nothing is proven."
        case .sighted where facts.hotfix == nil:
            return "\(topic) is no longer deployed, so nothing has to be proven of it.\(said)"
        case .sighted:
            return tense == .past
                ? "\(topic) could not be judged for a time, and can be again.\(said)"
                : "\(topic) can be judged again.\(said)"
        case .neverSeen: return "\(topic) had no value in its first hour.\(said)"
        case .ready:
            let proven = facts.streak.map { " \(hours($0.provenSeconds)) are proven without a breach." } ?? ""
            return "\(topic) is ready to be merged back.\(proven)\(said)"
        case .lost:
            return tense == .past
                ? "\(topic) was ready for a time, and no longer is.\(said)" : "\(topic) is no longer ready.\(said)"
        case .unrecordedDeploy, .undeliverable, .announcement: return phrase(facts.reason ?? topic)
        case .deployed:
            let commit = facts.hotfix.map { " Commit \(clipped(oneLine($0.commit), units: 64))." } ?? ""
            return "\(topic) was deployed.\(commit)\(said)"
        case .test: return "This is a test: nothing is wrong, and the figures are made up.\(said)"
        }
    }

    /// `was 0.31 s from 10:00 to 10:05, +47.6% against the baseline of 0.21 s; it must not be above 0.252 s`; without the verb where it stands alone.
    private static func figures(_ window: MessageFacts.WindowFacts?, isSentence: Bool = true) -> String {
        guard let window else { return isSentence ? "breached" : "not known" }
        let span = "from \(window.start) to \(window.end)"
        guard let value = window.value else { return isSentence ? "had no value \(span)" : "no value \(span)" }
        var text = "\(isSentence ? "was " : "")\(figure(value, unit: window.unit)) \(span)"
        if let change = window.changePercent, let baseline = window.baseline {
            text += ", \(percent(change)) against the baseline of \(figure(baseline, unit: window.unit))"
        } else if let baseline = window.baseline {
            text += ", against a baseline of \(figure(baseline, unit: window.unit))"
        }
        if let limit = window.limit {
            text += "; it must not be \(window.isLimitAbove ? "above" : "below") \(figure(limit, unit: window.unit))"
        }
        return text
    }

    /// ` since 10:00, for 25 min` or ` from 10:00 to 10:25 (25 min)`.
    private static func span(_ episode: Episode?, until now: Instant? = nil) -> String {
        guard let episode else { return "" }
        if let closed = episode.closedAt {
            return " from \(episode.start) to \(closed) (\(hours(max(0, closed - episode.start))))"
        }
        return " since \(episode.start)" + (now.map { ", for \(hours(max(0, $0 - episode.start)))" } ?? "")
    }

    private static func lines(_ message: Message) -> [Line] {
        let facts = message.facts
        var lines: [Line] = []
        func add(_ label: String, _ value: String?) {
            if let value { lines.append(Line(label: label, value: value)) }
        }
        add("Service", facts.service.map { name($0) + (facts.environment.map { " (\(name($0)))" } ?? "") })
        add("Guardrail", facts.guardrail.map(name))
        add("Severity", facts.episode == nil ? nil : facts.severity.rawValue)
        if let window = facts.window {
            add("Value", window.value.map { figure($0, unit: window.unit) } ?? "none")
            add("Change", window.changePercent.map(percent))
            add(
                "Baseline",
                window.baseline.map {
                    figure($0, unit: window.unit) + (window.baselineWindows.map { " (\(count($0, "window")))" } ?? "")
                })
            add(
                "Limit",
                window.limit.map { "\(window.isLimitAbove ? "at most" : "at least") \(figure($0, unit: window.unit))" })
            add("Window", "\(window.start) to \(window.end)")
        }
        if let episode = facts.episode {
            let end = episode.closedAt ?? message.at
            add("Lasted", "\(hours(max(0, end - episode.start))), \(count(episode.windows, "breach window"))")
            add("Episode", clipped(oneLine(episode.id), units: 300))
        }
        if let hotfix = facts.hotfix {
            add("Branch", hotfix.branch.map(name))
            add("Commit", clipped(oneLine(hotfix.commit), units: 64))
            add("Version", hotfix.version.map(name))
            add("Deployed", hotfix.deployedAt.description)
        }
        if let streak = facts.streak {
            add("Streak lost", streak.lostSeconds.map { "\(hours($0)) of \(hours(streak.requiredSeconds))" })
            add("Proven", "\(hours(streak.provenSeconds)) of \(hours(streak.requiredSeconds))")
            add("Earliest ready", streak.earliestReady?.description)
        }
        add("Next", facts.remedy.map(phrase))
        return lines
    }
}
