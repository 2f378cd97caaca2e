import HotfixCore

/// What the page says first: the state in a sentence, the proven time, and what is deployed.
struct StatePart {
    let readiness: Readiness
    let now: Instant
    /// Of what it is told.
    var scope = StateScope.hotfix

    var html: HTML {
        let sentence = StateSentence(readiness: readiness, scope: scope)
        return .element(
            .section,
            [.id("state"), .class("state is-\(sentence.tone.rawValue)"), .set(.ariaLabelledBy, "state-title")],
            [
                .element(
                    .h1, [.id("state-title")],
                    [.word(readiness.state.shownWord, sentence.tone), .element(.span, [], [HTML(sentence.text)])])
            ] + whole + proven + [facts])
    }

    /// How the hotfix stands, where this is about a part of it.
    private var whole: [HTML] {
        switch scope {
        case .hotfix: []
        case .service(_, let state):
            [
                .p(
                    .link("The hotfix", to: .home), " as a whole is ", .word(state.shownWord, state.tone),
                    HTML(state == readiness.state ? "." : ": it takes the state of its worst service."))
            ]
        case .some(let names):
            [.p(HTML("This tells of \(names.joined(separator: ", ")) alone, and nothing of the hotfix as a whole."))]
        }
    }

    /// The service that lacks most; the hotfix's own numbers are those of different services where policies differ.
    private var decisive: (proven: Seconds, required: Seconds, of: String?) {
        let isOne = Set(readiness.services.map(\.requiredSeconds)).count <= 1
        guard !isOne, let last = readiness.decisive else {
            return (readiness.provenSeconds, readiness.requiredSeconds, nil)
        }
        return (last.provenSeconds, last.requiredSeconds, last.name)
    }

    private var proven: [HTML] {
        guard readiness.state != .notDeployed else {
            guard readiness.stateReason == nil else { return [] }
            return [.p("Record the deployment: ", .code("hotfix deployed --commit SHA"))]
        }
        let (proven, required, name) = decisive
        let text = "\(hours(proven)) of \(hours(required))" + (name.map { ", by \($0), which lacks most" } ?? "")
        return [
            .element(
                .div, [.class("proven")],
                [
                    .element(
                        .label, [.set(.for, "proven")],
                        [HTML("Clean time proven: \(text)")]),
                    .element(
                        .progress,
                        [
                            .id("proven"), .set(.max, String(max(1, required))),
                            .set(.value, String(min(proven, required))),
                        ], [HTML(text)]),
                    .element(.p, [], earliest),
                ])
        ]
    }

    private var earliest: [HTML] {
        guard let earliest = readiness.earliestReady else { return ["No instant of readiness can be told yet."] }
        // What was possible once says nothing of when it will be.
        guard readiness.isReady || earliest > now else {
            return [
                HTML(
                    readiness.lackingSeconds > 0
                        ? "No instant of readiness can be told while nothing is judged."
                        : "The time is proven; what is lacking is said above.")
            ]
        }
        let label = readiness.isReady ? "Ready since " : "Ready at "
        let rest = readiness.isReady ? "." : " at the earliest."
        return [HTML(label), .element(.strong, [], [.time(earliest)]), HTML(" (\(distance(earliest, now)))\(rest)")]
    }

    private var facts: HTML {
        var rows: [(name: String, content: HTML)] = []
        if let deployment = readiness.deployment {
            rows.append(("Branch", HTML(deployment.branch ?? "not named")))
            rows.append(("Commit", .code(deployment.commit)))
            let version = deployment.version.map { ", version \($0)" } ?? ""
            rows.append(
                ("Deployed", HTML([.moment(deployment.at, now: now), HTML("\(version), deployment \(deployment.id)")])))
        }
        if readiness.state != .notDeployed {
            rows.append(("Counting since", .moment(readiness.since, now: now)))
        }
        rows.append(("Judged until", .moment(readiness.evaluatedUntil, now: now)))
        return .facts(rows)
    }
}

/// Of what a state is told.
enum StateScope {
    /// Of the whole hotfix.
    case hotfix
    /// Of one service, of a hotfix that stands so.
    case service(String, Readiness.State)
    /// Of some services, whatever the others are like.
    case some([String])
}

/// A state as a sentence, and how good it is.
struct StateSentence {
    let readiness: Readiness
    let scope: StateScope

    /// What the sentence is about.
    private var subject: String {
        switch scope {
        case .hotfix: "The hotfix"
        case .service(let name, _): name
        case .some(let names): names.count == 1 ? names[0] : "What was asked for"
        }
    }

    private var isWhole: Bool { if case .hotfix = scope { true } else { false } }

    /// Why the deployed commit may not be merged, although every service has proven its time; nil where it may.
    private var objection: String? {
        guard isWhole, readiness.isReady else { return nil }
        guard let deployment = readiness.deployment else { return "No deployment is known." }
        guard deployment.hasFullCommit else {
            return "Deployment \(deployment.id) was recorded without a full commit id, and opens no gate."
        }
        return readiness.objection(toMerging: deployment.commit)
    }

    /// How good it is: what the gate refuses is not shown as good.
    var tone: Tone { objection == nil ? readiness.state.tone : .warn }

    /// The sentence.
    var text: String {
        let why = readiness.stateReason.map { ": \($0.text)" } ?? ""
        switch readiness.state {
        case .ready: return ready
        case .counting:
            if readiness.stateReason != nil { return ended("\(subject) is not ready\(why)") }
            let left = readiness.lackingSeconds
            guard left > 0 else {
                return
                    "\(subject) is not ready: the time is proven, but the newest window is not clean for every guardrail."
            }
            return "\(subject) is not ready: \(hours(left)) of clean time are still to be proven."
        case .breaching: return breaching
        case .blind: return ended("Nobody can say whether \(isWhole ? "the hotfix" : subject) is well\(why)")
        case .notDeployed: return notDeployed(why)
        }
    }

    private var ready: String {
        let since = readiness.earliestReady.map { ", since \(shown($0))." } ?? "."
        guard isWhole else { return "\(subject) has proven its time\(since)" }
        if let objection { return "Every service has proven its time, but nothing can be merged. \(objection)" }
        return "The hotfix is ready to be merged back\(since)"
    }

    private var breaching: String {
        let open = readiness.episodes.filter(\.isOpen)
        guard let first = open.first else {
            return "\(subject) is not ready: a value is over its limit, and may prove to be a breach."
        }
        let more = open.count > 1 ? " and \(open.count - 1) more" : ""
        return "\(subject) is not ready: \(first.pair.guardrail) of \(first.pair.service)\(more) breached its limit."
    }

    private func notDeployed(_ why: String) -> String {
        let without = readiness.services.filter { $0.state == .notDeployed }.map(\.name)
        guard isWhole, without.count < readiness.services.count, let first = without.first else {
            return ended("\(subject) is not deployed\(why)")
        }
        let more = without.count > 1 ? " and \(count(without.count - 1, "more service"))" : ""
        return ended("The hotfix is not ready: it is not deployed to \(first)\(more)\(why)")
    }

    private func ended(_ sentence: String) -> String { sentence.hasSuffix("?") ? sentence : sentence + "." }
}

extension Readiness {
    /// The service that lacks most of the time that its policy requires.
    fileprivate var decisive: ServiceReadiness? {
        services.max { $0.requiredSeconds - $0.provenSeconds < $1.requiredSeconds - $1.provenSeconds }
    }

    /// How much clean time is still to be proven, in seconds.
    fileprivate var lackingSeconds: Seconds {
        max(0, decisive.map { $0.requiredSeconds - $0.provenSeconds } ?? requiredSeconds - provenSeconds)
    }
}

extension StatePart {
    /// How good the state is.
    var tone: Tone { StateSentence(readiness: readiness, scope: scope).tone }
}
