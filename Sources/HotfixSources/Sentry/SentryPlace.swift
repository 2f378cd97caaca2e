import HotfixCore

/// Where a service's values are, as the configuration names it.
struct SentryPlace: Sendable, Hashable {
    /// A slug or an id.
    var project: String
    /// nil for all.
    var environment: String?

    /// Where they are, as Sentry names it.
    struct Found: Sendable {
        /// The numeric id, as text: servers of any age take it.
        var id: String
        var slug: String
        var environment: String?
        var region: String?
        /// The second of the first error event, nil where Sentry names none.
        var firstEvent: Instant?

        func series(_ quantity: SentrySeries.Quantity, _ endpoint: SentrySeries.Endpoint) -> SentrySeries {
            SentrySeries(
                region: region, project: id, slug: slug, environment: environment, quantity: quantity,
                endpoint: endpoint
            )
        }
    }
}

/// The server of a region, if it may be given the token.
///
/// - Parameters:
///   - url: What sentry.io says; nil or empty where the organization has no region of its own.
///   - source: The name of the source, for messages.
///   - organization: The organization's slug, for messages.
/// - Returns: nil where sentry.io itself is the server.
/// - Throws: ``SourceError`` for a host outside sentry.io.
func trustedRegion(_ url: String?, source: String, organization: String) throws(SourceError) -> String? {
    let region = trimmedBase(url ?? "")
    guard !region.isEmpty, region != "https://sentry.io" else { return nil }
    guard isSentryHost(region) else {
        throw SourceError(
            .refused,
            "\(source): sentry.io names \(withoutUser(region)) as the region of organization '\(organization)', which is"
                + " no host of sentry.io: the token is not sent there. Set the source's `url` to the region's address."
        )
    }
    return region
}

/// The second in which something happened, from a time with a fraction.
func second(of text: String) -> Instant? {
    let whole = text.prefix { $0 != "." }
    let zone = text.dropFirst(whole.count + 1).drop(while: \.isNumber)
    return Instant(text: String(whole + zone))
}

/// What there is in place of a name that there is not: the nearest, and the first 20 of all.
func known(_ names: [String], insteadOf wanted: String) -> String {
    let names = Set(names).sorted()
    func shown(_ name: String) -> String { "'\(readableHead(of: name.utf8, limit: 64))'" }
    guard !names.isEmpty else { return ", and none at all" }
    let lower = wanted.lowercased()
    let nearest = names.map { ($0, editDistance($0.lowercased(), lower)) }.min { $0.1 < $1.1 }
    let hint = nearest.flatMap { $0.1 <= max(2, lower.count / 3) ? "; did you mean \(shown($0.0))?" : nil } ?? ";"
    let first = names.prefix(20).map(shown).joined(separator: ", ")
    return "\(hint) it has \(first)\(names.count > 20 ? " and \(names.count - 20) more" : "")"
}
