import HotfixCore
import HotfixDemo
import HotfixTestSupport

/// Three windows, the last of them ending at 2024-01-10 00:15.
let threeWindows = Span(start: Instant(1_704_844_800), end: Instant(1_704_845_700), step: 300)

/// A definition whose query is asked by label, unless told otherwise.
func pinned(label: String? = "service_name", query: String = "x", events: String? = nil) -> SeriesDefinition {
    var details = ["over": "300", "value": "checkout"]
    details["label"] = label
    details["events"] = events
    return SeriesDefinition(source: "otel", query: query, details: details)
}

/// An ask of one service.
func asking(_ definition: SeriesDefinition, _ span: Span = threeWindows, service: String = "checkout") -> Ask {
    var definition = definition
    definition.details["value"] = service
    return Ask(
        pair: Pair(service, "g"), definition: definition, over: 300, countsEvents: definition.details["events"] != nil,
        measuresSamples: false, span: span, purpose: .judging)
}

/// An answer to a range query.
func matrixText(_ series: String, extra: String = "") -> String {
    "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[\(series)]}\(extra)}"
}

/// One series of such an answer, with one value throughout.
func seriesText(_ value: String, service: String = "checkout", more: String = "", points: [Int] = [300, 600, 900])
    -> String
{
    let points = points.map { "[\(1_704_844_800 + $0),\"\(value)\"]" }.joined(separator: ",")
    return "{\"metric\":{\"service_name\":\"\(service)\"\(more)},\"values\":[\(points)]}"
}

/// An error in the API's own words.
func queryError(_ status: Int, _ type: String, _ text: String) -> LoopbackAnswer {
    .json("{\"status\":\"error\",\"errorType\":\"\(type)\",\"error\":\"\(text)\"}", status: status)
}

/// An answer that is not the API's.
func plainPage(_ status: Int, _ text: String, _ type: String = "text/plain", _ more: [(String, String)] = [])
    -> LoopbackAnswer
{
    .answer(status: status, headers: [("Content-Type", type)] + more, body: Array(text.utf8))
}
