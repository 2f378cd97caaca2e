import HotfixCore

extension RandomContent {
    mutating func digest(of service: String) -> ServiceDigest {
        var digest = ServiceDigest(
            service: service,
            basis: .init(
                policy: below(300), deployment: maybe { $0.below(9) },
                parts: many(4) { random in
                    .init(guardrail: random.text(), isDropped: random.flag(), series: random.maybe { $0.below(9000) })
                }, versions: text()), recordedUntil: instant(), until: instant())
        digest.count = maybe { random in
            .init(
                since: random.instant(), origin: random.pick([.deployment, .breach, .gap]), proven: random.int(),
                unprovenWindows: random.below(600), missingWindows: random.below(600),
                reachedAt: random.maybe { $0.instant() })
        }
        digest.newest = many(4) { random in
            .init(start: random.instant(), kind: random.kind(), verdict: random.maybe { $0.verdict() })
        }
        digest.newestLoud = maybe { $0.kind() }
        digest.judgedUntil = maybe { $0.instant() }
        digest.isEpisodeOpen = flag()
        digest.lacksHistory = flag()
        digest.guardrails = many(5) { random in
            .init(
                name: random.text(), verdict: random.maybe { $0.verdict() },
                reason: random.maybe { $0.pick(Reason.allCases) }, windowStart: random.maybe { $0.instant() },
                value: random.maybe { $0.finite() },
                baseline: random.maybe { random in
                    BaselineValue(
                        number: random.maybe { $0.finite() }, windowsUsed: random.below(2017),
                        windowsPossible: 2016, isSilent: random.flag())
                }, limit: random.maybe { $0.finite() }, unit: random.maybe { $0.text() })
        }
        digest.lastBreach = maybe { random in
            .init(
                guardrail: random.text(), windowStart: random.instant(), value: random.maybe { $0.finite() },
                limit: random.maybe { $0.finite() })
        }
        return digest
    }

    private mutating func finite() -> Double { Double(below(1 << 20)) / 7 - 1000 }

    private mutating func verdict() -> Verdict { pick([.clean, .breach, .unproven]) }

    private mutating func kind() -> WindowKind {
        pick([
            .clean, .breach, .missing, .neutral(isQuiet: flag(), isPending: flag()), .unproven(isPending: flag()),
        ])
    }
}
