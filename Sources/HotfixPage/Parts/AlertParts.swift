import HotfixCore

/// The episodes, open ones first, with the forms to acknowledge them.
struct EpisodesPart {
    let contents: PageContents
    let forms: FormPart

    /// How many are shown at most of those that are open, and of those that ended.
    private static let most = 50

    var html: HTML {
        let service = contents.service
        let all = contents.overview.episodes.filter { service == nil || $0.pair.service == service }
        let open = all.filter(\.isOpen)
        let closed = all.filter { !$0.isOpen }
        var content: [HTML] = []
        if open.isEmpty {
            content.append(.p("No episode is open."))
        } else {
            content.append(.element(.ul, [.class("plain")], open.suffix(Self.most).reversed().map(item)))
            content += rest(of: open.count, "hotfix alerts list")
        }
        if !closed.isEmpty {
            content.append(
                .details(
                    "episodes-closed", "\(count(closed.count, "episode")) of the last 7 days that ended",
                    [
                        .table(
                            "Episodes that ended",
                            [
                                TableHead("Guardrail", .text), TableHead("From", .when), TableHead("Closed", .when),
                                "Ended as",
                                TableHead("Windows", .number), TableHead("Seen by", .text),
                            ], closed.suffix(Self.most).reversed().map(row))
                    ] + rest(of: closed.count, "hotfix readiness --format json")))
        }
        return .part("episodes", "Episodes", content)
    }

    /// That there are more than are shown, and what lists them.
    private func rest(of number: Int, _ command: String) -> [HTML] {
        guard number > Self.most else { return [] }
        return [
            .muted(
                HTML(
                    "And \(number - Self.most) earlier ones; the page of a service has its own, and all are listed by "),
                .code(command), ".")
        ]
    }

    private func item(_ episode: Episode) -> HTML {
        let book = contents.alerts.episodes.first { $0.episode.id == episode.id }
        let seen = contents.overview.acknowledgements.newest(of: episode)
        var content: [HTML] = [
            .p(
                .word("open", .bad), " ",
                .link(episode.pair.description, to: .verdict(episode.pair, at: episode.start)),
                HTML(" since "), .moment(episode.start, now: contents.now),
                HTML(", \(count(episode.windows, "window")) in breach, the newest at \(shown(episode.lastBreach))."))
        ]
        content += HTML.outside(contents.overview.links[episode.id] ?? [])
        if let seen {
            content.append(
                .p(
                    HTML(
                        "Acknowledged by \(seen.by) at \(shown(seen.recordedAt))" + (seen.note.map { ": \($0)" } ?? ".")
                    )))
        }
        if let book, !book.silences.isEmpty {
            content.append(.p(HTML("Silenced by \(book.silences.map { "silence \($0)" }.joined(separator: ", ")).")))
        }
        for silence in book?.elsewhere ?? [] {
            let by = silence.by.map { " by \($0)" } ?? ""
            content.append(.p(HTML("Silenced at \(silence.channel)\(by), number \(silence.id).")))
        }
        if seen == nil { content.append(forms.acknowledge(episode)) }
        return .element(.li, [.id("episode-\(slug(episode.id))")], content)
    }

    private func row(_ episode: Episode) -> [HTML] {
        [
            .link(episode.pair.description, to: .verdict(episode.pair, at: episode.start)), .time(episode.start),
            .time(episode.closedAt), HTML(episode.ending?.rawValue ?? "ended"), HTML(String(episode.windows)),
            HTML(contents.overview.acknowledgements.newest(of: episode)?.by ?? "–"),
        ]
    }
}

/// The silences that hold, with the form to make one.
struct SilencesPart {
    let contents: PageContents
    let forms: FormPart

    var html: HTML {
        let holding = contents.alerts.silences
        let list: HTML =
            holding.isEmpty
            ? .p("No message is silenced.")
            : .element(
                .ul, [],
                holding.map { silence in
                    .element(
                        .li, [],
                        [
                            HTML(silence.subject + " until "), .moment(silence.endsAt, now: contents.now),
                            HTML(", by \(silence.by): \(silence.reason) (silence \(silence.id); to lift it: "),
                            .code("hotfix silence --lift \(silence.id) --by NAME"), ")",
                        ])
                })
        let services = contents.readiness.services.map(\.name)
        var guardrails: [String] = []
        for name in contents.readiness.services.flatMap(\.guardrails).map(\.name) where !guardrails.contains(name) {
            guardrails.append(name)
        }
        return .part(
            "silences", "Silences",
            [list, .details("silence-form", "Silence messages", [forms.silence(services, guardrails)])])
    }
}

/// What was told, and what became of it at each channel.
struct MessagesPart {
    let alerts: AlertsBook
    /// The service that the page is about; nil for the main page.
    let service: String?

    var html: HTML {
        // What concerns all services concerns this one.
        let messages = alerts.messages.filter { service == nil || $0.head.service == nil || $0.head.service == service }
        guard !messages.isEmpty else {
            let whom = service.map { " of \($0)" } ?? ""
            return .part("messages", "Messages", [.p(HTML("Nothing\(whom) was told to anybody lately."))])
        }
        let rows = messages.map { telling in
            [
                HTML.time(telling.head.createdAt), HTML(telling.title), HTML(telling.head.kind.rawValue),
                telling.deliveries.isEmpty
                    ? "no channel wanted it" : HTML(telling.deliveries.map(line).joined(separator: "; ")),
            ]
        }
        func number(_ states: Set<AlertsBook.Line.State>) -> Int {
            messages.count { $0.deliveries.contains { states.contains($0.state) } }
        }
        let waiting = number([.waiting, .sending])
        let lost = number([.givenUp])
        var content: [HTML] = []
        if lost > 0 {
            content.append(
                .p(.word("given up", .bad), HTML(" \(count(lost, "message")) could not be told at every channel.")))
        }
        if waiting > 0 { content.append(.p(HTML("\(count(waiting, "message")) waiting to be told."))) }
        content.append(
            .table(
                "The newest messages",
                [TableHead("When", .when), TableHead("Message", .text), "Kind", TableHead("What became of it", .text)],
                rows))
        return .part("messages", "Messages", content)
    }

    private func line(_ line: AlertsBook.Line) -> String {
        let word = line.state == .givenUp ? "given up" : line.state.rawValue
        let why = line.reason.map { " (\($0))" } ?? ""
        return "\(line.channel): \(word)\(line.isRepeat ? ", maybe twice" : "")\(why)"
    }
}
