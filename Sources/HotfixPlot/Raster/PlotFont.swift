/// A typeface of strokes for the printable characters of ASCII.
///
/// A glyph is drawn on a grid of which y counts down: capitals begin at 0, small letters at 3, the base line is 9, and 12 the lowest.
enum PlotFont {
    /// The strokes of one character.
    struct Glyph {
        /// Lines through places of the grid.
        let paths: [[PlotPosition]]
        /// How far the next character is from this one, in places of the grid.
        let advance: Double
    }

    /// How many pixels of a screen a place of the grid has in letters so large.
    static func scale(size: Double) -> Double { size * 0.08 }

    /// The width of a text in pixels of a screen.
    static func width(of text: String, size: Double) -> Double {
        drawable(text).reduce(0) { $0 + glyph($1).advance } * scale(size: size)
    }

    /// The text in the characters that there are; others become boxes.
    static func drawable(_ text: String) -> [Unicode.Scalar] {
        text.flatMap { character -> [Unicode.Scalar] in
            switch character {
            case "…": Array("...".unicodeScalars)
            case "–", "—", "−": ["-"]
            case "µ", "μ": ["u"]
            default: character.isASCII ? Array(character.unicodeScalars) : ["\u{7F}"]
            }
        }
    }

    /// The strokes of a character; a box where there are none for it.
    static func glyph(_ scalar: Unicode.Scalar) -> Glyph {
        let index = Int(scalar.value) - 0x20
        return glyphs.indices.contains(index) ? glyphs[index] : box
    }

    private static let glyphs = strokes.map(Glyph.init(strokes:))
    private static let box = Glyph(strokes: "0050590900")
}

extension PlotFont.Glyph {
    /// Reads strokes: each is a sequence of places, two hexadecimal digits one, and after `~` it is bent: from its first place to its
    /// last, drawn to those between them without reaching them.
    fileprivate init(strokes: String) {
        paths = strokes.split(separator: " ").map { stroke in
            let digits = stroke.compactMap { $0.hexDigitValue.map(Double.init) }
            let places = stride(from: 0, to: digits.count - 1, by: 2).map { PlotPosition(digits[$0], digits[$0 + 1]) }
            return stroke.hasPrefix("~") ? bent(places) : places
        }
        // A space is as wide as a narrow letter.
        advance = (paths.joined().map(\.x).max() ?? 1.6) + 2.4
    }
}

/// The curve of quadratic arcs that begins and ends with the first and the last place, and touches the lines between the others.
private func bent(_ places: [PlotPosition]) -> [PlotPosition] {
    guard places.count > 2 else { return places }
    var curve = [places[0]]
    var from = places[0]
    for index in 1..<places.count - 1 {
        let control = places[index]
        let next = places[index + 1]
        let isLast = index == places.count - 2
        let to = isLast ? next : PlotPosition((control.x + next.x) / 2, (control.y + next.y) / 2)
        for step in 1...5 {
            let t = Double(step) / 5
            let (a, b, c) = ((1 - t) * (1 - t), 2 * t * (1 - t), t * t)
            curve.append(PlotPosition(a * from.x + b * control.x + c * to.x, a * from.y + b * control.y + c * to.y))
        }
        from = to
    }
    return curve
}

/// The strokes of the characters from the space on, in the order of ASCII.
private let strokes = [
    // Space to slash.
    "", "0006 0909", "0003 2023", "2118 5148 0363 0666", "~5351010455580806 2029", "6009 ~010020230301 ~474666694947",
    "6913 ~1300505324 ~2405094965", "0003", "~20020a2c", "~00222a0c", "2125 0244 4204", "0666 3339", "190b", "0636",
    "0909", "4009",
    // Digits.
    "~040050590904", "123039 1959", "~0200505409 0959", "~0100505424 ~2454590908", "49400656", "500004 ~0453590908",
    "~400106 ~060353590906", "005029", "~020050540402 ~070454590907", "~535000065653 ~535819",
    // Colon to at.
    "0404 0909", "1414 190b", "520558", "0454 0757", "025508", "~0200505426 2929", "~678780000b6b ~656323286865 6367",
    // Capitals.
    "093069 1656", "30000949 0444 ~30505434 ~44646949", "~636000096966", "300009 0939 ~30606939", "50000959 0444",
    "500009 0444", "~636000096966 666545", "0009 6069 0464", "0009", "4046 ~46490907", "0009 6005 2369", "000959",
    "0900366069", "09006960", "~300009696030", "090030 0535 ~30606535", "~300009696030 4769",
    "090030 0535 ~30606535 3569", "~6260000465690907", "0060 3039", "0006 6066 ~06096966", "003960", "0029426980",
    "0069 6009", "003460 3439", "00600969",
    // Brackets to grave accent.
    "20000c2c", "0049", "00202c0c", "032043", "0a5a", "0022",
    // Small letters.
    "~565303095956 5359", "0009 ~060353590906", "~555303095957", "5059 ~565303095956", "0656 ~565303095958",
    "~402023 2329 0343", "~565303095956 535a ~5a5c0c0b", "0009 ~06035356 5659", "0309 0101", "232a ~2a2c0c 2121",
    "0009 5307 2559", "0007 ~070929", "0309 ~06034346 4649 ~46438386 8689", "0309 ~06035356 5659", "~060353590906",
    "030c ~060353590906", "535c ~565303095956", "0309 ~060333", "~5453030656590908", "2027 ~272949 0343",
    "0306 ~06095956 5359", "032943", "0329436983", "0359 5309", "0329 431c", "03530959",
    // Braces to tilde.
    "~30101606 ~06161c3c", "000c", "~00202636 ~36262c0c", "~07144865",
]
