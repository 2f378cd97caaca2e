import Foundation
import HotfixCore

/// A page of metrics in text form.
package struct ScrapedPage: Sendable {
    /// The content type of the answer.
    package var contentType: String
    /// The page, decompressed.
    package var body: [UInt8]

    /// Makes a page.
    package init(contentType: String, body: [UInt8]) {
        self.contentType = contentType
        self.body = body
    }

    /// What is asked for: text, OpenMetrics preferred.
    package static let accept =
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"

    /// Reads the page.
    ///
    /// - Parameter time: When it was asked for, in nanoseconds since the epoch.
    /// - Returns: The watched metrics on the page, as an export of them.
    /// - Throws: ``ScrapeError`` where nothing of the page may be used.
    func export(at time: Int64) throws(ScrapeError) -> ExportRequest {
        let type = contentType.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard ["application/openmetrics-text", "text/plain"].contains(type) else {
            throw ScrapeError("its content type is '\(oneLine(clipped(type, bytes: 60)))', not text/plain")
        }
        let parser = ExpositionParser(isOpenMetrics: type != "text/plain") {
            $0 == "target_info" || ScrapedName($0) != nil
        }
        var series = ScrapedSeries(time: time)
        let samples = try parser.samples(body)
        for sample in samples where sample.name == "target_info" { series.describe(sample.labels) }
        for sample in samples { if let name = ScrapedName(sample.name) { try series.add(sample, name) } }
        return try series.export()
    }
}

/// What a name in text form stands for.
struct ScrapedName: Hashable {
    enum Role: Hashable { case value, bucket, count }

    /// The metrics that it may be of.
    var metrics: [WatchedMetric]
    var role: Role
    var isMilliseconds: Bool

    /// Finds out; nil for the name of an unwatched metric.
    init?(_ name: String) {
        var base = name
        role = .value
        for (suffix, role) in [("_bucket", Role.bucket), ("_count", .count)] where name.hasSuffix(suffix) {
            base = String(name.dropLast(suffix.count))
            self.role = role
        }
        let isHistogram = role != .value
        metrics = (WatchedMetric.byTextName[base] ?? []).filter { metric in
            if case .durations = metric.shape { isHistogram } else { !isHistogram }
        }
        guard !metrics.isEmpty else { return nil }
        isMilliseconds = base.hasSuffix("milliseconds")
    }
}
