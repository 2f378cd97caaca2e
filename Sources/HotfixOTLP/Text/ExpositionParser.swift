import Foundation

/// A sample in text form.
struct ExpositionSample: Hashable, Sendable {
    var name: String
    var labels: [String: String]
    var value: Double
    /// When it was taken, in nanoseconds since the epoch; nil where it does not say.
    var time: Int64?
}

/// Why a page of metrics is not used.
package struct ScrapeError: Error, Hashable, Sendable {
    /// What is wrong with it.
    package var message: String

    /// Makes an error.
    package init(_ message: String) {
        self.message = message
    }
}

/// Reads Prometheus' text format and OpenMetrics.
struct ExpositionParser {
    /// Whether the page is OpenMetrics, which has seconds for milliseconds and an end.
    let isOpenMetrics: Bool
    /// Which names are read; lines of others are skipped.
    let isWanted: (String) -> Bool

    /// The most samples that are read of one page.
    static let mostSamples = 200_000

    /// Reads a page.
    ///
    /// - Throws: ``ScrapeError`` where a wanted line cannot be read, or the page has no end: then nothing of it may be used.
    func samples(_ page: [UInt8]) throws(ScrapeError) -> [ExpositionSample] {
        guard let text = String(validating: page, as: UTF8.self) else { throw ScrapeError("it is not UTF-8") }
        var samples: [ExpositionSample] = []
        var hasEnded = false
        var number = 0
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            var cursor = LineCursor(line)
            cursor.skipBlanks()
            guard let first = cursor.peek else { continue }
            if hasEnded { throw ScrapeError("line \(number) follows the end") }
            if first == UInt8(ascii: "#") {
                hasEnded = isOpenMetrics && String(Substring(line)) == "# EOF"
                continue
            }
            do {
                if let sample = try sample(&cursor) { samples.append(sample) }
            } catch {
                throw ScrapeError("line \(number) cannot be read")
            }
            if samples.count > Self.mostSamples { throw ScrapeError("it has more than \(Self.mostSamples) samples") }
        }
        if isOpenMetrics, !hasEnded { throw ScrapeError("it has no end: it was cut off") }
        return samples
    }

    private func sample(_ cursor: inout LineCursor) throws(LineCursor.Malformed) -> ExpositionSample? {
        var name = cursor.name()
        if let name, !isWanted(name) { return nil }
        var labels: [String: String] = [:]
        cursor.skipBlanks()
        if cursor.take("{") {
            let inner = try cursor.labels(into: &labels)
            guard name == nil || inner == nil else { throw LineCursor.Malformed() }
            name = name ?? inner
        }
        guard let name else { throw LineCursor.Malformed() }
        guard isWanted(name) else { return nil }
        cursor.skipBlanks()
        guard let value = cursor.number() else { throw LineCursor.Malformed() }
        cursor.skipBlanks()
        var time: Int64?
        if let next = cursor.peek, next != UInt8(ascii: "#") {
            guard let stamp = cursor.number(), stamp.isFinite, abs(stamp) < 1e15 else { throw LineCursor.Malformed() }
            time = Int64((stamp * (isOpenMetrics ? 1e9 : 1e6)).rounded())
            cursor.skipBlanks()
        }
        // An exemplar may follow in OpenMetrics.
        guard cursor.peek == nil || isOpenMetrics && cursor.peek == UInt8(ascii: "#") else {
            throw LineCursor.Malformed()
        }
        return ExpositionSample(name: name, labels: labels, value: value, time: time)
    }
}
