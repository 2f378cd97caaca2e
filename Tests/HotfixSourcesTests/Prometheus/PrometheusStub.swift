import HotfixCore
import HotfixTestSupport

/// Three windows, the last of them ending at 2024-01-10 00:15.
let threeWindows = Span(start: Instant(1_704_844_800), end: Instant(1_704_845_700), step: 300)

func pinned(label: String? = "service_name", query: String = "x", events: String? = nil) -> SeriesDefinition {
    var details = ["over": "300", "value": "checkout"]
    details["label"] = label
    details["events"] = events
    return SeriesDefinition(source: "otel", query: query, details: details)
}

func asking(_ definition: SeriesDefinition, _ span: Span = threeWindows, service: String = "checkout") -> Ask {
    var definition = definition
    definition.details["value"] = service
    return Ask(
        pair: Pair(service, "g"), definition: definition, over: 300, countsEvents: definition.details["events"] != nil,
        measuresSamples: false, span: span, purpose: .judging)
}

func matrixText(_ series: String, extra: String = "") -> String {
    "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[\(series)]}\(extra)}"
}

func seriesText(_ value: String, service: String = "checkout", more: String = "", points: [Int] = [300, 600, 900])
    -> String
{
    let points = points.map { "[\(1_704_844_800 + $0),\"\(value)\"]" }.joined(separator: ",")
    return "{\"metric\":{\"service_name\":\"\(service)\"\(more)},\"values\":[\(points)]}"
}

func queryError(_ status: Int, _ type: String, _ text: String) -> StubAnswer {
    .json("{\"status\":\"error\",\"errorType\":\"\(type)\",\"error\":\"\(text)\"}", status: status)
}

func plainPage(_ status: Int, _ text: String, _ type: String = "text/plain", _ more: [(String, String)] = [])
    -> StubAnswer
{
    .answer(status: status, headers: [("Content-Type", type)] + more, body: Array(text.utf8))
}
