package import HotfixCore
import HotfixPlot

/// A piece of a page.
///
/// Markup only comes from here: every text, also one that stands in an attribute, is escaped on its way in, and addresses are
/// ``PageLink``s. What is written as a literal is text too.
package struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The markup.
    package let markup: String

    private init(markup: String) {
        self.markup = markup
    }

    /// Makes a text.
    package init(_ text: String) {
        self.init(markup: Self.escaped(text))
    }

    /// Makes a text.
    package init(stringLiteral text: String) {
        self.init(text)
    }

    /// Makes several pieces one.
    package init(_ pieces: [HTML]) {
        self.init(markup: pieces.map(\.markup).joined())
    }

    /// Nothing.
    package static let nothing = HTML(markup: "")

    /// An element with what stands in it.
    package static func element(_ tag: HTMLTag, _ attributes: [HTMLAttribute] = [], _ content: [HTML] = []) -> HTML {
        let opening = "<\(tag.rawValue)\(attributes.map(\.markup).joined())>"
        return HTML(
            markup: tag.isVoid ? opening : opening + content.map(\.markup).joined() + "</\(tag.rawValue)>")
    }

    /// A plot in the colours of the page's style sheet.
    package static func plot(_ plot: Plot, width: Int, height: Int) -> HTML {
        HTML(markup: plot.svg(width: width, height: height, scheme: .styled))
    }

    /// A style sheet of our own, in a page that may hold none but itself.
    static func style(_ sheet: PageSheet) -> HTML {
        HTML(markup: "<style>\(sheet.text)</style>")
    }

    /// A whole document.
    static func document(_ head: [HTML], _ body: [HTML], bodyAttributes: [HTMLAttribute] = []) -> HTML {
        let root = element(.html, [.lang], [element(.head, [], head), element(.body, bodyAttributes, body)])
        return HTML(markup: "<!DOCTYPE html>\n" + root.markup + "\n")
    }

    /// The document as bytes.
    package var bytes: [UInt8] { Array(markup.utf8) }

    /// Text from anywhere as content or as the value of an attribute in double quotes.
    fileprivate static func escaped(_ text: String) -> String {
        var isPlain = true
        for byte in text.utf8 where byte < 0x20 || byte > 0x7E || [0x22, 0x26, 0x27, 0x3C, 0x3E].contains(byte) {
            isPlain = false
            break
        }
        if isPlain { return text }
        // What is no character of a page is shown as such, as in a terminal.
        let known = String(
            String.UnicodeScalarView(
                oneLine(text).unicodeScalars.map { $0.value & 0xFFFE == 0xFFFE ? "\u{FFFD}" : $0 }))
        return escaping(known, ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;"])
    }
}

/// The elements that pages are made of.
package enum HTMLTag: String, Sendable, CaseIterable {
    case html, head, title, meta, link, script, body
    case header, main, footer, nav, section, article
    case h1, h2, h3, h4, p, div, span, strong, code, time, a, small
    case ul, ol, li, dl, dt, dd, table, caption, thead, tbody, tr, th, td
    case figure, figcaption, details, summary, noscript
    case form, label, input, button, select, option, progress

    var isVoid: Bool { [.meta, .link, .input].contains(self) }
}

/// The attributes that elements have; none of them is a style or a script.
package enum HTMLAttribute: Sendable, Hashable {
    case `class`(String)
    case id(String)
    case href(PageLink)
    case src(PageLink)
    case action(PageLink)
    case lang
    /// An attribute by its name.
    case set(Name, String)
    /// An attribute that is there or not.
    case flag(Flag)

    /// The names.
    package enum Name: String, Sendable {
        case charset, content, name, rel, type, value, `for`, title, role, scope, max, method, datetime, tabindex
        case autocomplete, placeholder, maxlength, headers
        case httpEquiv = "http-equiv"
        case ariaLabel = "aria-label"
        case ariaLabelledBy = "aria-labelledby"
        case ariaDescribedBy = "aria-describedby"
        case ariaCurrent = "aria-current"
        case ariaHidden = "aria-hidden"
        case ariaLive = "aria-live"
        case dataMark = "data-mark"
        case dataEvents = "data-events"
        case dataIcon = "data-icon"
    }

    /// The names of those without a value.
    package enum Flag: String, Sendable {
        case `defer`, required, hidden, selected, open
    }

    fileprivate var markup: String {
        switch self {
        case .class(let names): " class=\"\(HTML.escaped(names))\""
        case .id(let id): " id=\"\(HTML.escaped(id))\""
        case .href(let link): " href=\"\(HTML.escaped(link.text))\""
        case .src(let link): " src=\"\(HTML.escaped(link.text))\""
        case .action(let link): " action=\"\(HTML.escaped(link.text))\""
        case .lang: " lang=\"en\""
        case .set(let name, let value): " \(name.rawValue)=\"\(HTML.escaped(value))\""
        case .flag(let flag): " \(flag.rawValue)"
        }
    }
}
