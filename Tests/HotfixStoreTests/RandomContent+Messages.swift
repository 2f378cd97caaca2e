import HotfixCore

extension RandomContent {
    /// A message that follows others: an end or a reminder of an opening among them, where there is one.
    mutating func message(_ id: Int, known: [MessageHead]) -> Message {
        let kind = pick(MessageKind.allCases)
        let opening = kind.opening.flatMap { wanted in
            known.filter { $0.kind == wanted }.randomElement(using: &self)
        }
        return Message(
            id: id, kind: kind, thread: opening?.thread ?? "\(kind)/\(text())", opening: opening?.id, at: instant(),
            createdAt: instant(), facts: messageFacts())
    }

    mutating func messageFacts() -> MessageFacts {
        MessageFacts(
            ledgerID: text(), service: maybe { $0.text() }, environment: maybe { $0.text() },
            guardrail: maybe { $0.text() }, severity: pick(Guardrail.Severity.allCases),
            window: maybe { $0.windowFacts() }, episode: maybe { $0.episode() }, hotfix: maybe { $0.hotfixFacts() },
            streak: maybe { random in
                MessageFacts.StreakFacts(
                    lostSeconds: random.maybe { $0.below(90_000) }, provenSeconds: random.below(90_000),
                    requiredSeconds: random.int(), since: random.maybe { $0.instant() },
                    earliestReady: random.maybe { $0.instant() })
            },
            reason: maybe { $0.text() }, remedy: maybe { $0.text() },
            links: many(2) { MessageLink(label: $0.text(), url: $0.text()) }, plot: maybe { $0.plot() })
    }

    private mutating func windowFacts() -> MessageFacts.WindowFacts {
        MessageFacts.WindowFacts(
            start: instant(), end: instant(), value: maybe { $0.double() }, unit: maybe { $0.text() },
            baseline: maybe { $0.double() }, baselineWindows: maybe { $0.int() }, limit: maybe { $0.double() },
            isLimitAbove: flag(), query: maybe { $0.text() })
    }

    private mutating func hotfixFacts() -> MessageFacts.HotfixFacts {
        MessageFacts.HotfixFacts(
            id: int(), deployment: int(), branch: maybe { $0.text() }, commit: text(), version: maybe { $0.text() },
            deployedAt: instant())
    }

    private mutating func plot() -> Plot {
        Plot(
            title: text(), unit: maybe { $0.text() }, start: instant(), step: 300,
            points: many(72) { random in
                Plot.Point(
                    outcome: random.pick([.clean, .breach]), value: random.maybe { $0.double() },
                    baseline: random.maybe { $0.double() }, limit: random.maybe { $0.double() })
            }, deployments: many(2) { $0.instant() })
    }

    mutating func deliveryState() -> DeliveryState {
        switch below(6) {
        case 0: .inFlight
        case 1: .delivered(receipt: maybe { $0.text() }, isRepeat: flag())
        case 2: .dropped(reason: text())
        case 3: .dead(reason: text())
        default: .pending(notBefore: maybe { $0.instant() }, reason: maybe { $0.text() })
        }
    }
}
