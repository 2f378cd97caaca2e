extension Explanation {
    /// What the verdict was reached from, in names and texts for a person; a name is empty where its text goes on with the one before.
    ///
    /// - Parameter moment: How an instant is written.
    /// - Returns: One or more; texts from outside are harmless in a terminal.
    package func facts(moment: (Instant) -> String = { $0.description }) -> [[String]] {
        guard let window else { return [] }
        var rows: [[String]] = [["window", "\(window.start) to \(window.end)"]]
        guard let grounds else {
            rows.append([
                "verdict",
                headline
                    ?? "missing: \(wasAsked ? "its look-back could not be asked" : "it could not be asked, or was not due")",
            ])
            return rows
        }
        rows += verdictRows(grounds) + versionRows + baselineRows(grounds) + sourceRows(grounds)
        rows.append(["evaluated", moment(grounds.evaluatedAt) + ", revision \(grounds.revision)"])
        return rows
    }

    /// What of the running version was seen, and what was deployed; of windows that count only.
    private var versionRows: [[String]] {
        guard let running else { return [] }
        let beside = running.beside.map(oneLine)
        var deployed = oneLine(running.deployed)
        if !beside.isEmpty { deployed += ", beside \(beside.joined(separator: ", "))" }
        guard !running.seen.isEmpty else { return [["version", "could not be asked; deployed: \(deployed)"]] }
        return running.seen.enumerated().map { index, entry in
            let text = entry.versions.map { $0.isEmpty ? "none" : $0.map(oneLine).joined(separator: ", ") }
            let what = text.map { "seen: \($0)" } ?? "could not be asked"
            return [index == 0 ? "version" : "", "\(what); deployed: \(deployed) (\(oneLine(entry.source)))"]
        }
    }

    /// The verdict with its reason, in a few words; nil where the window is missing.
    package var headline: String? {
        guard let verdict else { return nil }
        let confirmed = verdict == .breach ? isConfirmed ? ", confirmed" : ", pending" : ""
        return verdict.rawValue + (reason.map { " (\($0.rawValue))" } ?? "") + confirmed
    }

    private func verdictRows(_ grounds: Grounds) -> [[String]] {
        var rows = [["verdict", headline ?? "missing"]]
        rows.append(["value", exact(grounds.observation.value)])
        if let events = grounds.observation.events { rows.append(["events", significant(events)]) }
        if let samples = grounds.observation.samples { rows.append(["covered", percent(samples * 100)]) }
        if let outcomes = grounds.observation.outcomes {
            rows.append([
                "outcomes",
                "\(outcomes.acceptedErrors) errors accepted, \(outcomes.droppedErrors) dropped, "
                    + "\(outcomes.acceptedAny ? "something" : "nothing") accepted in the hour",
            ])
        }
        if let limit = grounds.limit {
            rows.append(["limit", "\(oneLine(limit)), \(exact(grounds.limitNumber))"])
        }
        if let value = grounds.observation.value, let baseline = grounds.baseline?.number {
            // No division by a baseline decides anything; this one is for the reader.
            rows.append([
                "change",
                baseline == 0
                    ? "baseline 0: a `floor` says from where on a value matters"
                    : percent((value / baseline - 1) * 100),
            ])
        }
        return rows
    }

    private func baselineRows(_ grounds: Grounds) -> [[String]] {
        guard let baseline = grounds.baseline else {
            return [["baseline", grounds.needsBaseline ? "could not be asked" : "none needed"]]
        }
        var rows = [
            [
                "baseline",
                "\(exact(baseline.number)), \(grounds.statistic.rawValue) of \(formatDuration(grounds.lookback))",
            ]
        ]
        rows.append([
            "look-back",
            "\(baseline.windowsUsed) of \(baseline.windowsPossible) windows, "
                + "coverage \(significant(baseline.coverage * 100))%",
        ])
        if let stored = grounds.stored {
            rows.append([
                "",
                "\(stored.from) to \(stored.to), stored as \(stored.id) at \(stored.storedAt), "
                    + "anchored at deployment \(stored.deployment)",
            ])
            for excluded in stored.excluded {
                rows.append(["left out", "\(excluded.interval), \(oneLine(excluded.reason))"])
            }
            if stored.windowsExcluded > 0 { rows.append(["", "\(stored.windowsExcluded) windows left out"]) }
        } else if let isProvisional = grounds.isProvisional {
            rows.append([
                "", isProvisional ? "anchored, provisional until it is stored" : "rolling, stored with the verdict",
            ])
        }
        return rows
    }

    private func sourceRows(_ grounds: Grounds) -> [[String]] {
        var rows = [
            [
                "policy",
                "version \(grounds.policy) of \(oneLine(grounds.policyService)), adopted \(grounds.policyAdoptedAt)",
            ]
        ]
        if let outvoted = grounds.outvotedPolicy {
            rows.append([
                "", "the newer version \(outvoted) gave a better verdict, which does not count for this streak",
            ])
        }
        if let query {
            rows.append(["source", oneLine(query.source) + (query.variant.map { ", \(oneLine($0))" } ?? "")])
            rows.append(["query", oneLine(query.text)])
        }
        return rows
    }

    /// All digits, with the readable form beside.
    private func exact(_ number: Double?) -> String {
        guard let number else { return "none" }
        let readable = figure(number, unit: unit)
        let isWhole = number == number.rounded() && abs(number) < 1e15
        let digits = isWhole ? String(Int(number)) : "\(number)"
        return readable.hasPrefix(digits) ? readable : "\(digits) (\(readable))"
    }
}
