import HotfixCore

/// Small pieces that many parts of a page are made of.
extension HTML {
    static func h(_ level: HTMLTag, id: String? = nil, _ content: HTML...) -> HTML {
        element(level, id.map { [.id($0)] } ?? [], content)
    }

    static func p(_ content: HTML...) -> HTML { element(.p, [], content) }

    static func muted(_ content: HTML...) -> HTML { element(.p, [.class("muted")], content) }

    static func code(_ text: String) -> HTML { element(.code, [], [HTML(text)]) }

    static func link(_ text: String, to link: PageLink) -> HTML { element(.a, [.href(link)], [HTML(text)]) }

    /// A part of the page with its heading, which names it to whoever does not see it.
    static func part(_ id: String, _ title: HTML, level: HTMLTag = .h2, class names: String? = nil, _ content: [HTML])
        -> HTML
    {
        element(
            .section,
            [.id(id), .set(.ariaLabelledBy, "\(id)-title")] + (names.map { [.class($0)] } ?? []),
            [element(level, [.id("\(id)-title")], [title])] + content)
    }

    /// An instant that programs can read too.
    static func time(_ instant: Instant?) -> HTML {
        guard let instant else { return "–" }
        return element(.time, [.set(.datetime, instant.description)], [HTML(shown(instant))])
    }

    /// An instant and how far it is from now.
    static func moment(_ instant: Instant?, now: Instant) -> HTML {
        guard let instant else { return "–" }
        return HTML([time(instant), HTML(" (\(distance(instant, now)))")])
    }

    /// Names with what stands there.
    static func facts(_ rows: [(name: String, content: HTML)]) -> HTML {
        element(
            .dl, [],
            rows.flatMap { [element(.dt, [], [HTML($0.name)]), element(.dd, [], [$0.content])] })
    }

    /// A table with a caption; its cells are made of rows.
    static func table(_ caption: String, _ head: [TableHead], _ rows: [[HTML]]) -> HTML {
        let header = element(
            .tr, [],
            head.map { element(.th, [.set(.scope, "col")] + $0.attributes, [HTML($0.name)]) })
        let body = rows.map { row in
            element(.tr, [], zip(head, row).map { element(.td, $0.attributes, [$1]) })
        }
        // What is wider than a small screen is scrolled, and so has to be reached by the keyboard.
        return element(
            .div, [.class("scroll"), .set(.tabindex, "0"), .set(.role, "group"), .set(.ariaLabel, caption)],
            [
                element(
                    .table, [],
                    [
                        element(.caption, [], [HTML(caption)]), element(.thead, [], [header]),
                        element(.tbody, [], body),
                    ])
            ])
    }

    /// Pages of sources; an address that is none of the web's is left out.
    static func outside(_ links: [MessageLink]) -> [HTML] {
        let shown = links.compactMap { link in
            PageLink(outside: link.url).map { HTML.link("What \(link.label) shows of it", to: $0) }
        }
        return shown.isEmpty ? [] : [.element(.p, [], Array(shown.map { [$0] }.joined(separator: [", "])))]
    }

    /// Something that is opened by whoever wants to see it.
    static func details(_ id: String, _ summary: String, _ content: [HTML]) -> HTML {
        element(.details, [.id(id)], [element(.summary, [], [HTML(summary)])] + content)
    }

    /// A word that says how something stands, in its colour and with its sign.
    static func word(_ text: String, _ tone: Tone) -> HTML {
        element(.span, [.class(tone == .calm ? "word" : "word \(tone.rawValue)")], [HTML(text)])
    }
}

/// How good or bad something is.
enum Tone: String {
    case good, bad, warn, busy, calm
}

/// The head of a column.
struct TableHead: ExpressibleByStringLiteral {
    /// What kind of thing stands below.
    enum Kind: String {
        case text, number, when
        case any = ""
    }

    let name: String
    let kind: Kind

    init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }

    init(stringLiteral name: String) {
        self.init(name, .any)
    }

    var attributes: [HTMLAttribute] { kind == .any ? [] : [.class(kind.rawValue)] }
}

/// An instant to the minute, or to the second where it lies between: `2026-11-20 08:05 UTC`.
func shown(_ instant: Instant) -> String {
    let text = instant.description
    let end = instant.seconds % 60 == 0 ? 16 : 19
    return text.prefix(10) + " " + text.prefix(end).dropFirst(11) + " UTC"
}

/// How far an instant is from now: `in 3 h`, `20 min ago`.
func distance(_ instant: Instant, _ now: Instant) -> String {
    let seconds = instant - now
    return seconds < 0 ? "\(hours(-seconds)) ago" : "in \(hours(seconds))"
}

/// A clock's time: `08:05`.
func clock(_ instant: Instant) -> String { String(instant.description.dropFirst(11).prefix(5)) }

/// A text as a part of an identifier: letters and digits as they are, all else by its number.
func slug(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
        let isPlain =
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
        return isPlain ? String(scalar) : "_\(String(scalar.value, radix: 16))_"
    }.joined()
}

extension Readiness.State {
    /// The state as people say it.
    var shownWord: String { self == .notDeployed ? "not deployed" : rawValue }

    var tone: Tone {
        switch self {
        case .ready: .good
        case .breaching: .bad
        case .blind: .warn
        case .counting: .busy
        case .notDeployed: .calm
        }
    }
}

extension Plot.Outcome {
    /// The class of its cell.
    var cell: String {
        switch self {
        case .clean: "c"
        case .breach: "b"
        case .pending: "p"
        case .unproven: "u"
        case .missing: "m"
        case .unjudged: "n"
        }
    }

    /// The outcome as people say it.
    var shownWord: String {
        switch self {
        case .pending: "pending breach"
        case .unjudged: "not judged"
        default: rawValue
        }
    }

    var tone: Tone {
        switch self {
        case .clean: .good
        case .breach: .bad
        case .pending: .warn
        case .unproven, .missing: .warn
        case .unjudged: .calm
        }
    }
}
