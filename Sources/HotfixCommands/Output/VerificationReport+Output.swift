import HotfixAgent
import HotfixCore
import HotfixTracker

extension VerificationReport {
    /// The report for a person: one line a difference, then what was derived and what was not.
    func text(now: Instant) -> String {
        var lines: [String] = []
        if !differences.isEmpty {
            lines.append(
                table(
                    differences.map { difference in
                        let unit = unit(of: difference.pair)
                        return [
                            oneLine(difference.pair.description), difference.start.description,
                            difference.subject.what, "ledger: \(difference.subject.ledger(unit))",
                            "derived: \(difference.subject.derived(unit))",
                            difference.isRepairable ? "" : "(not repaired)",
                        ]
                    }))
        }
        lines.append(summary(now: now))
        lines += limits(now: now)
        if let readiness {
            lines.append(
                "Readiness by the ledger: \(standing(readiness.ledger)); as derived: \(standing(readiness.derived)).")
        }
        lines += explanations
        if isWritten == true, !differences.isEmpty {
            lines.append("What differs is recorded as revisions; what the ledger said is kept.")
        }
        lines += notices.map { "notice: \(oneLine($0))" }
        return lines.joined(separator: "\n")
    }

    private func summary(now: Instant) -> String {
        let base =
            "\(grouped(tally.windows, "window")) of \(grouped(tally.series, "series", plural: "series")) and"
            + " \(grouped(tally.baselines, "stored baseline")) derived afresh"
        let derived =
            tally.versions > 0 ? "\(base), and the running version of \(grouped(tally.versions, "window"))" : base
        let oldest = tally.oldest.map { ", the oldest of \(moment($0, now: now))" } ?? ""
        guard !differences.isEmpty else {
            guard tally.windows + tally.baselines > 0 else { return "\(derived)." }
            return "\(derived)\(oldest): nothing differs\(isWhole ? "" : " in them")."
        }
        return "\(derived)\(oldest): \(grouped(differences.count, "difference"))."
    }

    private func limits(now: Instant) -> [String] {
        var lines: [String] = []
        if tally.windowsGone + tally.baselinesGone > 0 {
            lines.append(
                "\(grouped(tally.windowsGone, "window")) and \(grouped(tally.baselinesGone, "stored baseline")) cannot be verified any more: the source no longer holds them."
            )
        }
        if tally.windowsNotVerified + tally.baselinesNotVerified > 0 {
            lines.append(
                "\(grouped(tally.windowsNotVerified, "window")) and \(grouped(tally.baselinesNotVerified, "stored baseline")) NOT VERIFIED: their values, or the look-back that they rest on, could not be asked."
            )
        }
        if !tally.unanswered.isEmpty {
            let names = tally.unanswered.map { oneLine($0.description) }.joined(separator: ", ")
            lines.append(
                "\(names) NOT VERIFIED: the source answered without any value that the ledger has of it, or of its running streak."
                    + " Is it the same source, tenant and project?"
            )
        }
        if tally.versionsGone > 0 {
            lines.append(
                "The running version of \(grouped(tally.versionsGone, "window")) cannot be verified any more: the source no longer holds it."
            )
        }
        if !versionFailures.isEmpty {
            lines.append(
                "running versions NOT VERIFIED (\(Set(versionFailures.map { oneLine($0.pair.service) }).sorted().joined(separator: ", "))): \(grouped(tally.versionsNotVerified, "window")) could not be asked, or whether a source knows them."
            )
        }
        if !tally.confirmations.isEmpty {
            let asked = tally.confirmations.map { "\(oneLine($0.pair.description)) at \($0.at)" }
            lines.append(
                "Taken from the ledger, confirmed by an asking that cannot be repeated: \(asked.joined(separator: ", "))."
            )
        }
        if tally.windowsChanging > 0 {
            lines.append(
                "\(grouped(tally.windowsChanging, "window")) not compared, as the next check asks again: too young, or without a verdict so far."
            )
        }
        return lines
    }

    /// What a difference may mean, where that is known.
    private var explanations: [String] {
        var lines: [String] = []
        let grown = differences.contains { difference in
            guard case .observation(let ledger?, let source) = difference.subject, let old = ledger.value,
                let new = source.value
            else { return false }
            return new > old && isOfSentry(difference.pair)
        }
        if grown {
            lines.append(
                "A count of Sentry that is now larger may have grown after the window was asked last: events can arrive later than `recheck`."
            )
        }
        let isLess = differences.contains {
            if case .observation = $0.subject { !$0.isRepairable } else { false }
        }
        if isLess {
            lines.append(
                "Where the source says less than the ledger, of a window that it should hold, one of them is wrong. Nothing is repaired: a value is never replaced by none. Look at the source first, then at who wrote the ledger."
            )
        }
        if isWritten != nil, differences.contains(where: { !$0.isRepairable }) {
            lines.append("What cannot be proven any more makes no verdict better, and is left as it is.")
        }
        return lines
    }

    private func isOfSentry(_ pair: Pair) -> Bool {
        snapshot?.services.flatMap(\.pairs).first { $0.pair == pair }?.guardrail.measure.text.hasPrefix("sentry/")
            ?? false
    }

    private func unit(of pair: Pair) -> String? {
        let known = snapshot?.services.flatMap(\.pairs).first { $0.pair == pair }
        return known.flatMap { $0.series?.definition.unit ?? $0.guardrail.unit }
    }

    private func standing(_ readiness: Readiness) -> String {
        let since = readiness.since.map { " since \($0)" } ?? ""
        return "\(readiness.state.rawValue), \(hours(readiness.provenSeconds)) proven\(since)"
    }

    /// The report for a program.
    var json: JSONValue {
        .object([
            "at": JSONValue(at), "checked_at": JSONValue(checkedAt), "series": JSONValue(tally.series),
            "windows": JSONValue(tally.windows), "baselines": JSONValue(tally.baselines),
            "oldest": JSONValue(tally.oldest), "windows_not_verified": JSONValue(tally.windowsNotVerified),
            "baselines_not_verified": JSONValue(tally.baselinesNotVerified),
            "versions": JSONValue(tally.versions), "versions_not_verified": JSONValue(tally.versionsNotVerified),
            "versions_gone": JSONValue(tally.versionsGone),
            "version_failures": .array(failureTexts(versionFailures).map { JSONValue($0) }),
            "confirmations": .array(tally.confirmations.map(\.json)),
            "unanswered": .array(tally.unanswered.map { JSONValue($0.description) }),
            "windows_changing": JSONValue(tally.windowsChanging),
            "windows_gone": JSONValue(tally.windowsGone), "baselines_gone": JSONValue(tally.baselinesGone),
            "differences": .array(differences.map(\.json)),
            "changing": .array(
                changing.map {
                    Difference.json(
                        $0.pair, $0.start, what: "value", ledger: $0.ledger?.json ?? .null, derived: $0.source.json)
                }),
            "readiness": readiness.map {
                .object(["ledger": Self.json($0.ledger), "derived": Self.json($0.derived)])
            } ?? .null,
            "failures": .array(failureTexts(failures).map { JSONValue($0) }),
            "notices": .array(notices.map { JSONValue($0) }), "written": isWritten.map { .boolean($0) } ?? .null,
        ])
    }

    private static func json(_ readiness: Readiness) -> JSONValue {
        .object([
            "state": JSONValue(readiness.state.rawValue), "proven_seconds": JSONValue(readiness.provenSeconds),
            "since": JSONValue(readiness.since), "earliest_ready": JSONValue(readiness.earliestReady),
        ])
    }
}

extension Difference {
    fileprivate var json: JSONValue {
        Self.json(
            pair, start, what: subject.what, ledger: subject.ledgerJSON, derived: subject.derivedJSON,
            isRepairable: isRepairable)
    }

    fileprivate static func json(
        _ pair: Pair, _ start: Instant, what: String, ledger: JSONValue, derived: JSONValue, isRepairable: Bool? = nil
    ) -> JSONValue {
        .object([
            "service": JSONValue(pair.service), "guardrail": JSONValue(pair.guardrail), "start": JSONValue(start),
            "what": JSONValue(what), "ledger": ledger, "derived": derived,
            "repairable": isRepairable.map { .boolean($0) } ?? .null,
        ])
    }
}

/// A number of things with its thousands set off.
private func grouped(_ number: Int, _ thing: String, plural: String? = nil) -> String {
    var digits = String(number)
    var groups: [Substring] = []
    while digits.count > 3 {
        groups.insert(Substring(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    let text = ([Substring(digits)] + groups).joined(separator: ",")
    return "\(text) \(number == 1 ? thing : plural ?? "\(thing)s")"
}
