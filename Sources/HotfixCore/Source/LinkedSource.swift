/// A source that has a page on which people see what it is asked for.
package protocol LinkedSource: MetricSource {
    /// The page that shows what a definition asks for.
    ///
    /// - Parameters:
    ///   - definition: A query of this source.
    ///   - seen: What is to be seen there; an open end means that the page ends with the present.
    /// - Returns: The page, without any credential in its address; nil where the source has none for the query.
    func link(to definition: SeriesDefinition, seen: Interval) -> MessageLink?
}

/// Finds the pages of sources that show what a definition asks for.
///
/// - Parameters:
///   - definition: The query; nil where none is known, which no page shows.
///   - seen: What is to be seen there.
///   - sources: All sources; those that have no pages, or another name than the definition says, are left out.
/// - Returns: The pages, in the order of the sources.
package func sourceLinks(
    to definition: SeriesDefinition?, seen: Interval, among sources: [any MetricSource]
) -> [MessageLink] {
    guard let definition else { return [] }
    return sources.filter { $0.name == definition.source }.compactMap {
        ($0 as? any LinkedSource)?.link(to: definition, seen: seen)
    }
}
