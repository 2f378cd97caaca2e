import CZlib
import HotfixCore
import Testing

@testable import HotfixPlot

@Suite("A plot as PNG")
struct PNGTests {
    @Test("it has twice the pixels each way, its chunks in order, and says how large it is on a screen")
    func file() throws {
        let picture = try PNGPicture(examplePlot().png(width: 320, height: 160))
        #expect(picture.width == 640 && picture.height == 320)
        #expect(picture.chunks == ["IHDR", "sRGB", "PLTE", "pHYs", "IDAT", "IEND"])
        #expect(picture.palette.count <= 256 && Set(picture.palette).count == picture.palette.count)
    }

    @Test("it shows at each place what the SVG shows there", arguments: [PlotScheme.light, .dark])
    func places(_ scheme: PlotScheme) throws {
        let plot = examplePlot()
        let picture = try PNGPicture(plot.png(width: 640, height: 240, scheme: scheme))
        let elements = try elements(of: plot.svg(width: 640, height: 240, scheme: scheme))
        func color(_ ink: PlotInk) -> UInt32 { scheme == .dark ? ink.colors.dark : ink.colors.light }
        func path(_ name: String) throws -> [[(x: Double, y: Double)]] {
            try #require(elements.first { $0.attributes["class"] == name }).lines
        }
        #expect(picture.color(0, 0) == color(.background))
        #expect(picture.color(1279, 479) == color(.background))
        for place in try path("hotfix-value hotfix-line").joined() {
            let found = picture.color(Int(place.x * 2) - (place.x * 2 == 1256 ? 1 : 0), Int(place.y * 2))
            #expect([color(.value), color(.breach)].contains(found), "\(place)")
        }
        // The first dash, and the first gap after it.
        let limit = try #require(try path("hotfix-limit hotfix-line").first?.first)
        #expect(picture.color(Int(limit.x * 2) + 4, Int(limit.y * 2)) == color(.limit))
        #expect(picture.color(Int(limit.x * 2) + 18, Int(limit.y * 2)) != color(.limit))
        let band = try #require(try path("hotfix-breach-band").first)
        let (left, right) = (Int(band[0].x * 2) + 4, Int(band[1].x * 2) - 4)
        #expect(picture.color(left, Int(band[0].y * 2) + 3) == color(.breachBand))
        #expect(picture.color(right, Int(band[0].y * 2) + 3) == color(.breachBand))
        let missing = try #require(try path("hotfix-missing").first)
        #expect(picture.color(Int(missing[0].x * 2) + 8, Int(missing[0].y * 2) + 3) == color(.missing))
        let flag = try #require(try path("hotfix-deployment").first)
        #expect(picture.color(Int(flag[2].x * 2), Int(flag[0].y * 2) + 4) == color(.deployment))
    }

    @Test("six hours are less than 40 KB")
    func size() throws {
        // Up and down all the time, and the same at each run: what chance draws is now and then a little larger.
        let points = (0..<72).map { index -> Plot.Point in
            let outcome = Plot.Outcome.allCases[index / 5 % 6]
            let value: Double? = index % 11 == 0 ? nil : 0.1 + Double(index * 37 % 301) / 1000
            let drift = Double(index) / 1000
            return Plot.Point(outcome: outcome, value: value, baseline: 0.2 + drift, limit: 0.3 + drift)
        }
        let plot = Plot(
            title: "checkout/latency-p95 of a long name", unit: "s", start: noon - 21_600, step: 300, points: points,
            deployments: [noon - 12_000])
        let file = plot.png(width: 640, height: 240)
        #expect(file.count < 40_000)
        #expect(try PNGPicture(file).palette.count <= 256)
    }

    @Test("text is drawn in every printable character of ASCII, each another, and other characters are boxes")
    func font() {
        let glyphs = (0x21...0x7E).compactMap(Unicode.Scalar.init).map { PlotFont.glyph($0).paths }
        #expect(glyphs.allSatisfy { !$0.isEmpty })
        #expect(Set(glyphs).count == 94)
        #expect(PlotFont.glyph(" ").paths.isEmpty)
        #expect(PlotFont.drawable("aü…") == ["a", "\u{7F}", ".", ".", "."])
        #expect(PlotFont.glyph("\u{7F}").paths.count == 1)
        #expect(PlotFont.width(of: "mm", size: 11) > PlotFont.width(of: "ii", size: 11))
    }

    @Test("of more than 256 colours the most frequent stay, and the others become the nearest of them")
    func palette() throws {
        var raster = Raster(width: 40, height: 10, ground: 0xFFFFFF)
        for index in 0..<300 {
            let (x, y) = (Double(index % 30), Double(index / 30))
            let box = PlotBox(left: x, top: y, right: x + 1, bottom: y + 1)
            raster.fill(box.corners, UInt32(index) << 8)
        }
        let picture = try PNGPicture(PNGFile(raster, scale: 1).bytes)
        #expect(picture.palette.count == 256 && picture.palette[0] == 0xFFFFFF)
        #expect(picture.color(35, 5) == 0xFFFFFF)
        #expect(picture.color(5, 0) == 0x000500)
        let last = picture.color(29, 9)
        #expect(picture.palette.contains(last) && last != 0xFFFFFF)
    }

    @Test(
        "what is stored without compression is the same to whoever reads it",
        arguments: [0, 1, 65_535, 65_536, 200_000])
    func storedData(_ count: Int) {
        let bytes = (0..<count).map { UInt8($0 % 251) }
        let data = stored(bytes)
        var result = [UInt8](repeating: 0, count: count + 1)
        var length = uLongf(result.count)
        #expect(uncompress(&result, &length, data, uLong(data.count)) == Z_OK)
        #expect(Array(result.prefix(Int(length))) == bytes)
    }

    @Test("edges are smooth and lie where they should")
    func smooth() {
        var raster = Raster(width: 10, height: 10, ground: 0)
        raster.fill(PlotBox(left: 2, top: 2, right: 5.5, bottom: 8).corners, 0xFFFFFF)
        #expect(raster.pixels[4 * 10 + 1] == 0)
        #expect(raster.pixels[4 * 10 + 2] == 0xFFFFFF)
        #expect(raster.pixels[4 * 10 + 5] == 0x808080)
        #expect(raster.pixels[4 * 10 + 6] == 0)
        raster.stroke([PlotPosition(0, 9), PlotPosition(10, 9)], width: 2, 0xFF0000)
        #expect(raster.pixels[8 * 10 + 4] == 0xFF0000 && raster.pixels[7 * 10 + 6] == 0)
        raster.stroke([PlotPosition(-50, -50), PlotPosition(50, 60), PlotPosition(.infinity, 3)], width: 2, 0xFF)
    }

    @Test("an empty plot is a picture too")
    func empty() throws {
        let picture = try PNGPicture(
            Plot(title: "", unit: nil, start: noon, step: 300, points: []).png(width: 1, height: 1))
        #expect(picture.width == 320 && picture.height == 200)
    }
}
