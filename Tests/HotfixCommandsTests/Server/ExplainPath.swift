import HotfixCore
import HotfixServer

/// The path and the query of the text that explains a verdict.
func explainPath(service: String, guardrail: String? = nil, at: Instant? = nil) -> String {
    let parameters: [(String, String?)] = [("service", service), ("guardrail", guardrail), ("at", at?.description)]
    let query = parameters.compactMap { name, value in value.map { "\(name)=\(encodedSegment($0))" } }
    return "\(APIRoute.explain.path())?\(query.joined(separator: "&"))"
}
