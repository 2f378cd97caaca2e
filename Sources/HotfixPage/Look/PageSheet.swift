import HotfixCore
import HotfixPlot

/// A file that pages use, under a name that changes with what it holds, so that a browser may keep it for ever.
package struct PageSheet: Sendable, Hashable {
    /// What it holds.
    package let text: String
    /// What it is.
    package let type: String
    /// The last segment of its path: `page.1a2b3c4d5e6f7a8b.css`.
    package let name: String

    private init(_ text: String, type: String, ending: String) {
        self.text = text
        self.type = type
        // FNV-1a tells versions of our own files apart; nobody else chooses what they hold.
        let hash = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        name = "page.\(String(repeating: "0", count: 16 - digits.count))\(digits).\(ending)"
    }

    /// Where it is.
    package var link: PageLink { PageLink([name]) }

    /// How pages look.
    package static let style = PageSheet(
        colors + base + parts + strip + Plot.styleSheet + plots, type: "text/css; charset=utf-8", ending: "css")
    /// How pages keep themselves up to date.
    package static let script = PageSheet(pageScript, type: "text/javascript; charset=utf-8", ending: "js")

    private static let colors: String = {
        func variables(_ color: (PageInk) -> UInt32) -> String {
            PageInk.allCases.map { ink in
                let digits = String(color(ink), radix: 16)
                return "--\(ink.rawValue):#\(String(repeating: "0", count: 6 - digits.count))\(digits)"
            }.joined(separator: ";")
        }
        return ":root{color-scheme:light dark;\(variables { $0.colors.light })}\n"
            + "@media (prefers-color-scheme:dark){:root{\(variables { $0.colors.dark })}}\n"
    }()
}
