import HotfixCore
import HotfixPage
import HotfixPlot
import Testing

@Suite("The colours of the page")
struct PaletteTests {
    @Test("the contrast of two colours is that of WCAG")
    func arithmetic() {
        #expect(abs(contrast(0xFFFFFF, 0x000000) - 21) < 1e-9)
        #expect(abs(contrast(0x777777, 0xFFFFFF) - 4.478) < 0.001)
        #expect(contrast(0x123456, 0x123456) == 1)
        #expect(contrast(0xFF0000, 0xFFFFFF) == contrast(0xFFFFFF, 0xFF0000))
    }

    @Test("every text and every shape has contrast enough to its ground, light and dark")
    func pairs() {
        #expect(PageInk.pairs.count > 40)
        for (ink, ground, least) in PageInk.pairs {
            let light = contrast(ink.colors.light, ground.colors.light)
            let dark = contrast(ink.colors.dark, ground.colors.dark)
            #expect(light >= least, "\(ink) on \(ground), light: \(light)")
            #expect(dark >= least, "\(ink) on \(ground), dark: \(dark)")
        }
    }

    @Test("so has what plots tell: text 4.5, lines and signs 3")
    func plots() throws {
        let schemes = Plot.styleSheet.split(separator: "@media")
        #expect(schemes.count == 2)
        for scheme in schemes {
            var colors: [String: UInt32] = [:]
            for match in scheme.matches(of: /--plot-([a-z-]+):#([0-9a-f]{6})/) {
                colors[String(match.1)] = UInt32(match.2, radix: 16)
            }
            let ground = try #require(colors["background"])
            for (ink, least) in [
                ("text", 4.5), ("caption", 4.5), ("deployment", 4.5), ("value", 3), ("limit", 3), ("baseline", 3),
                ("breach", 3), ("pending", 3), ("axis", 3),
            ] {
                let ratio = contrast(try #require(colors[ink]), ground)
                #expect(ratio >= least, "\(ink): \(ratio)")
            }
        }
    }

    @Test("style and script are found under a name that tells what they hold, and load nothing")
    func sheets() {
        #expect(PageSheet.style.name.wholeMatch(of: /page\.[0-9a-f]{16}\.css/) != nil)
        #expect(PageSheet.script.name.wholeMatch(of: /page\.[0-9a-f]{16}\.js/) != nil)
        for sheet in [PageSheet.style, .script] {
            for word in ["http:", "https:", "url(", "@import", "eval(", "innerHTML", "</"] {
                #expect(!sheet.text.contains(word), "\(sheet.name) has \(word)")
            }
        }
        let (opening, closing) = (
            PageSheet.style.text.count { $0 == "{" }, PageSheet.style.text.count { $0 == "}" }
        )
        #expect(opening == closing)
    }
}
