import CZlib

/// A picture of at most 256 colours as a PNG file.
struct PNGFile {
    let bytes: [UInt8]

    /// Encodes pixels; colours beyond 256 become the nearest of the most frequent ones.
    ///
    /// - Parameters:
    ///   - raster: The pixels.
    ///   - scale: How many pixels of the file make one of a screen.
    init(_ raster: Raster, scale: Int) {
        let palette = Palette(raster.pixels)
        var lines: [UInt8] = []
        lines.reserveCapacity((raster.width + 1) * raster.height)
        var last: (color: UInt32, index: UInt8)?
        for y in 0..<raster.height {
            // No filter: what a line holds are names of colours, not amounts.
            lines.append(0)
            for x in 0..<raster.width {
                let color = raster.pixels[y * raster.width + x]
                if last?.color != color { last = (color, palette.index(of: color)) }
                lines.append(last?.index ?? 0)
            }
        }
        let header = bigEndian(raster.width) + bigEndian(raster.height) + [8, 3, 0, 0, 0]
        // 96 pixels of a screen to the inch.
        let perMetre = bigEndian(Int((96 * Double(scale) / 0.0254).rounded()))
        bytes =
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", header)
            + chunk("sRGB", [0])
            + chunk("PLTE", palette.colors.flatMap { [UInt8($0 >> 16 & 255), UInt8($0 >> 8 & 255), UInt8($0 & 255)] })
            + chunk("pHYs", perMetre + perMetre + [1])
            + chunk("IDAT", deflated(lines) ?? stored(lines))
            + chunk("IEND", [])
    }
}

/// The colours of a picture.
private struct Palette {
    let colors: [UInt32]
    private var indices: [UInt32: UInt8] = [:]

    init(_ pixels: [UInt32]) {
        var counts: [UInt32: Int] = [:]
        var run: (color: UInt32, count: Int) = (pixels.first ?? 0, 0)
        for pixel in pixels {
            if pixel != run.color {
                counts[run.color, default: 0] += run.count
                run = (pixel, 0)
            }
            run.count += 1
        }
        counts[run.color, default: 0] += run.count
        let byCount = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        colors = Array(byCount.prefix(256))
        for (index, color) in colors.enumerated() { indices[color] = UInt8(index) }
        for color in byCount.dropFirst(256) {
            let nearest = colors.indices.min { distance(colors[$0], color) < distance(colors[$1], color) }
            indices[color] = UInt8(nearest ?? 0)
        }
    }

    func index(of color: UInt32) -> UInt8 { indices[color] ?? 0 }
}

private func distance(_ left: UInt32, _ right: UInt32) -> Int {
    [UInt32(16), 8, 0].reduce(0) { sum, shift in
        let difference = Int(left >> shift & 255) - Int(right >> shift & 255)
        return sum + difference * difference
    }
}

private func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let content = Array(type.utf8) + data
    return bigEndian(data.count) + content + bigEndian(Int(crc32(0, content, uInt(content.count))))
}

private func bigEndian(_ number: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(number >> $0 & 255) }
}

/// The bytes as zlib compresses them; nil where it got no memory.
private func deflated(_ bytes: [UInt8]) -> [UInt8]? {
    var result = [UInt8](repeating: 0, count: Int(compressBound(uLong(bytes.count))))
    var count = uLongf(result.count)
    guard compress2(&result, &count, bytes, uLong(bytes.count), Z_BEST_COMPRESSION) == Z_OK else { return nil }
    return Array(result.prefix(Int(count)))
}

/// The bytes in zlib's format without being compressed, which takes no memory of zlib's.
func stored(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x78, 0x01]
    var index = 0
    repeat {
        let count = min(65_535, bytes.count - index)
        let isLast = index + count == bytes.count
        let (low, high) = (UInt8(count & 255), UInt8(count >> 8))
        result += [isLast ? 1 : 0, low, high, ~low, ~high] + bytes[index..<index + count]
        index += count
    } while index < bytes.count
    return result + bigEndian(Int(adler32(1, bytes, uInt(bytes.count))))
}
