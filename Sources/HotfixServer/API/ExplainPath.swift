package import HotfixCore

/// The path and the query of the page that explains a verdict, for links to it.
///
/// - Parameters:
///   - service: The service.
///   - guardrail: The guardrail; nil means all of the service's.
///   - at: An instant in the window; nil means the newest window with a verdict.
/// - Returns: What stands behind the address of the server, beginning with a slash.
package func explainPath(service: String, guardrail: String? = nil, at: Instant? = nil) -> String {
    let parameters: [(String, String?)] = [("service", service), ("guardrail", guardrail), ("at", at?.description)]
    let query = parameters.compactMap { name, value in value.map { "\(name)=\(encodedSegment($0))" } }
    return "\(APIRoute.explain.path())?\(query.joined(separator: "&"))"
}
