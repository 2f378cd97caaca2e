import HotfixCore

extension AlertsBook {
    /// The book for a person.
    ///
    /// - Parameter now: What distances are counted from.
    /// - Returns: Lines, without the end of the last.
    func text(now: Instant) -> String {
        var lines = [episodes.isEmpty ? "No episode is open." : "Open episodes:"]
        for entry in episodes { lines += entry.lines(now: now) }
        if !silences.isEmpty {
            lines.append("\nSilenced:")
            lines += silences.map { "  \(oneLine($0.text(until: moment($0.endsAt, now: now))))" }
        }
        lines.append(messages.isEmpty ? "\nNothing was told yet." : "\nTold, the newest first:")
        for message in messages { lines += message.lines(now: now) }
        return lines.joined(separator: "\n")
    }
}

extension AlertsBook.OpenEpisode {
    fileprivate func lines(now: Instant) -> [String] {
        var lines = [
            "  \(oneLine(episode.id)), \(count(episode.windows, "window")), opened \(moment(episode.openedAt, now: now))"
        ]
        if let acknowledgement {
            lines.append("    \(oneLine(acknowledgement.text)), at \(moment(acknowledgement.recordedAt, now: now))")
        }
        if !silences.isEmpty {
            lines.append("    silenced (silence \(silences.map { String($0) }.joined(separator: ", ")))")
        }
        lines += elsewhere.map { silence in
            let end = silence.end.map { " until \(moment($0, now: now))" } ?? ""
            let by = silence.by.map { ", by \(oneLine($0))" } ?? ""
            let why = silence.reason.map { ": \(oneLine($0))" } ?? ""
            return "    silenced at \(oneLine(silence.channel))\(end)\(by)\(why) (silence \(oneLine(silence.id)) there)"
        }
        return lines
    }
}

extension AlertsBook.Telling {
    fileprivate func lines(now: Instant) -> [String] {
        let heading = "  \(moment(head.at, now: now))  \(oneLine(title))"
        if deliveries.isEmpty { return [heading, "    no channel wants it"] }
        return [heading] + deliveries.map { "    \(oneLine($0.channel)): \($0.text(now: now))" }
    }
}

extension AlertsBook.Line {
    fileprivate func text(now: Instant) -> String {
        let why = reason.map { ": \(oneLine($0))" } ?? ""
        let tried = attempts > 0 ? " after \(count(attempts, "attempt"))" : ""
        switch state {
        case .waiting:
            let next = notBefore.map { ", next attempt not before \(moment($0, now: now))" } ?? ""
            return "waiting since \(moment(at, now: now))\(tried)\(next)\(why)"
        case .sending: return "being told since \(moment(at, now: now)); whether it arrived is not known"
        case .delivered:
            return "delivered \(moment(at, now: now))\(attempts > 1 ? tried : "")"
                + (isRepeat ? ", perhaps for the second time" : "")
        case .dropped: return "not told\(why)"
        case .givenUp: return "given up \(moment(at, now: now))\(tried)\(why)"
        }
    }
}
