import CZlib
import Foundation
import FoundationXML
import HotfixCore
import Testing

/// Noon of a day.
let noon = Instant(1_795_176_000)

/// Twelve windows of five minutes before noon: a steady stretch, a breach, a gap, a missing one.
func examplePlot(title: String = "checkout/latency-p95", unit: String? = "s") -> Plot {
    let values: [Double?] = [0.2, 0.2, 0.21, 0.2, 0.34, 0.36, 0.2, nil, nil, 0.2, 0.22, 0.2]
    let outcomes: [Plot.Outcome] = [
        .clean, .clean, .clean, .clean, .breach, .breach, .clean, .unproven, .missing, .clean, .pending, .clean,
    ]
    return Plot(
        title: title, unit: unit, start: noon - 3600, step: 300,
        points: zip(values, outcomes).map { value, outcome in
            Plot.Point(outcome: outcome, value: value, baseline: outcome == .missing ? nil : 0.2, limit: 0.25)
        }, deployments: [noon - 9000, noon - 3000])
}

/// An element of an SVG.
struct SVGElement {
    let name: String
    let attributes: [String: String]
    var text = ""

    /// The places of a path, each of its lines by itself.
    var lines: [[(x: Double, y: Double)]] {
        (attributes["d"] ?? "").split(separator: "M").map { line in
            line.replacing("Z", with: "").split(separator: "L").compactMap { place in
                let numbers = place.split(separator: " ").compactMap { Double($0) }
                return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
            }
        }
    }
}

/// The elements of an SVG in their order; fails where it is no XML.
func elements(of svg: String) throws -> [SVGElement] {
    final class Reader: NSObject, XMLParserDelegate {
        var elements: [SVGElement] = []
        var open: [Int] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            open.append(elements.count)
            elements.append(SVGElement(name: name, attributes: attributes))
        }

        func parser(
            _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
        ) { open.removeLast() }

        func parser(_ parser: XMLParser, foundCharacters text: String) {
            if let last = open.last { elements[last].text += text }
        }
    }
    let parser = XMLParser(data: Data(svg.utf8))
    let reader = Reader()
    parser.delegate = reader
    try #require(parser.parse(), "\(String(describing: parser.parserError)): \(svg)")
    return reader.elements
}

/// A PNG file, read without what wrote it.
struct PNGPicture {
    let width: Int
    let height: Int
    let chunks: [String]
    let palette: [UInt32]
    private let indices: [UInt8]

    /// Reads a file; fails where its signature, a checksum, the order of its chunks or its data is wrong.
    init(_ file: [UInt8]) throws {
        try #require(file.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        func number(_ offset: Int) -> Int { file[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        var chunks: [(type: String, data: [UInt8])] = []
        var offset = 8
        while offset < file.count {
            let length = number(offset)
            let content = Array(file[offset + 4..<offset + 8 + length])
            try #require(Int(crc32(0, content, uInt(content.count))) == number(offset + 8 + length))
            chunks.append((String(decoding: content.prefix(4), as: UTF8.self), Array(content.dropFirst(4))))
            offset += 12 + length
        }
        self.chunks = chunks.map(\.type)
        let header = try #require(chunks.first { $0.type == "IHDR" }).data
        try #require(Array(header.suffix(5)) == [8, 3, 0, 0, 0])
        (width, height) = (number(16), number(20))
        let colors = try #require(chunks.first { $0.type == "PLTE" }).data
        palette = stride(from: 0, to: colors.count, by: 3).map {
            UInt32(colors[$0]) << 16 | UInt32(colors[$0 + 1]) << 8 | UInt32(colors[$0 + 2])
        }
        let data = try #require(chunks.first { $0.type == "IDAT" }).data
        var lines = [UInt8](repeating: 0, count: (width + 1) * height + 1)
        var count = uLongf(lines.count)
        try #require(uncompress(&lines, &count, data, uLong(data.count)) == Z_OK)
        try #require(Int(count) == (width + 1) * height)
        let stride = width + 1
        for line in 0..<height { try #require(lines[line * stride] == 0) }
        indices = lines
    }

    /// The colour of a pixel.
    func color(_ x: Int, _ y: Int) -> UInt32 { palette[Int(indices[y * (width + 1) + 1 + x])] }

    /// The colours of all pixels in a stretch of a line, and of lines around it.
    func colors(x: ClosedRange<Int>, y: ClosedRange<Int>) -> Set<UInt32> {
        Set(y.flatMap { y in x.map { color($0, y) } })
    }
}
