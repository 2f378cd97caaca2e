package import HotfixCore
import Synchronization

/// Stands in for PagerDuty's Events API v2: it refuses what that refuses, in its words, and keeps the incidents that a person would see.
package final class PagerDutyStandIn: Sendable {
    /// An incident.
    package struct Incident: Sendable, Hashable {
        /// By what it is triggered and resolved.
        package var key: String
        /// What a person who is paged reads.
        package var summary: String
        /// How much it matters.
        package var severity: String
        /// Whether it is not resolved.
        package var isOpen: Bool
        /// How many times it was triggered while open.
        package var triggers: Int
        /// All that was sent with its first trigger.
        package var payload: JSONValue
        /// The links of its first trigger, by text.
        package var links: [String]
    }

    /// A change: it pages nobody.
    package struct Change: Sendable, Hashable {
        /// What it is.
        package var summary: String
        /// All that was sent with it.
        package var payload: JSONValue
    }

    private struct State {
        var incidents: [Incident] = []
        var changes: [Change] = []
    }

    /// What goes wrong with the next requests.
    package let faults = ReceiverFaults()
    private let keys: Set<String>
    private let state = Mutex(State())

    /// Makes a stand-in.
    ///
    /// - Parameter keys: The routing keys of its integrations.
    package init(keys: Set<String> = ["0123456789abcdef0123456789abcdef"]) {
        self.keys = keys
    }

    /// The incidents, oldest first.
    package var incidents: [Incident] { state.withLock { $0.incidents } }
    /// The changes, oldest first.
    package var changes: [Change] { state.withLock { $0.changes } }

    /// Answers a request.
    package func answer(_ request: LoopbackRequest) async -> LoopbackAnswer {
        faults.apply(to: request) { take(request) }
    }

    private func take(_ request: LoopbackRequest) -> LoopbackAnswer {
        let paths = ["/v2/enqueue", "/v2/change/enqueue"]
        guard request.method == "POST", paths.contains(request.path) else {
            return .answer(status: 404, body: Array("Not Found".utf8))
        }
        guard request.body.count <= 512_000 else { return .answer(status: 413) }
        guard let event = (try? JSONParser.value(of: request.body))?.object else {
            return .json(
                #"{"status":"Unrecognized object","message":"Event object format is unrecognized","errors":["JSON parse error"]}"#,
                status: 400)
        }
        let isChange = request.path == paths[1]
        let errors = errors(of: event, isChange: isChange)
        guard errors.isEmpty else {
            let list = JSONValue.array(errors.map { JSONValue($0) }).line
            return .json(
                #"{"status":"invalid event","message":"Event object is invalid","errors":\#(list)}"#, status: 400)
        }
        guard isChange else { return enqueue(event) }
        state.withLock {
            $0.changes.append(
                Change(summary: event["payload"]?["summary"]?.words ?? "", payload: event["payload"] ?? .null))
        }
        return .json(#"{"message":"Change event processed","status":"success"}"#, status: 202)
    }

    private func enqueue(_ event: JSONObject) -> LoopbackAnswer {
        let key = event["dedup_key"]?.words ?? "generated"
        state.withLock { state in
            let open = state.incidents.lastIndex { $0.key == key && $0.isOpen }
            switch (event["event_action"]?.words, open) {
            case ("trigger", let open?): state.incidents[open].triggers += 1
            case ("trigger", nil):
                var links: [String] = []
                if case .array(let all)? = event["links"] { links = all.compactMap { $0["text"]?.words } }
                state.incidents.append(
                    Incident(
                        key: key, summary: event["payload"]?["summary"]?.words ?? "",
                        severity: event["payload"]?["severity"]?.words ?? "", isOpen: true, triggers: 1,
                        payload: event["payload"] ?? .null, links: links))
            case ("resolve", let open?): state.incidents[open].isOpen = false
            // Without an open alert it is dropped without a word.
            default: break
            }
        }
        return .json(
            #"{"status":"success","message":"Event processed","dedup_key":\#(JSONValue(key).line)}"#, status: 202)
    }

    private func errors(of event: JSONObject, isChange: Bool) -> [String] {
        var errors = keyErrors(event["routing_key"]?.words ?? "")
        let action = event["event_action"]?.words ?? ""
        if !isChange {
            if action.isEmpty {
                errors.append("'event_action' is missing or blank")
            } else if !["trigger", "acknowledge", "resolve"].contains(action) {
                errors.append(
                    "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')")
            }
            let key = event["dedup_key"]?.words ?? ""
            if key.utf16.count > 255 { errors.append("'dedup_key' is too long (maximum is 255 characters)") }
            if key.isEmpty, ["acknowledge", "resolve"].contains(action) {
                errors.append("'dedup_key' is missing or blank")
            }
        }
        if isChange || action == "trigger" { errors += payloadErrors(event["payload"], isChange: isChange) }
        if case .array(let links)? = event["links"], links.contains(where: { ($0["href"]?.words ?? "").isEmpty }) {
            errors.append("'links.href' is missing or blank")
        }
        return errors
    }

    private func keyErrors(_ key: String) -> [String] {
        if key.isEmpty { return ["'routing_key' is missing or blank"] }
        if key.utf16.count != 32 { return ["Length of 'routing_key' is incorrect (should be 32 characters)"] }
        if !key.utf8.allSatisfy({
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        }) {
            return ["'routing_key' cannot contain non-alphanumeric characters."]
        }
        return keys.contains(key) ? [] : ["Invalid routing key"]
    }

    private func payloadErrors(_ payload: JSONValue?, isChange: Bool) -> [String] {
        guard payload?.object != nil else { return ["'payload' is missing or blank"] }
        var errors: [String] = []
        let summary = payload?["summary"]?.words ?? ""
        if summary.isEmpty { errors.append("'payload.summary' is missing or blank") }
        if summary.utf16.count > 1024 { errors.append("'summary' is too long (maiximum is 1024 characters)") }
        if let source = payload?["source"], source.words?.contains(where: { !$0.isWhitespace }) != true {
            errors.append("'payload.source' is missing or blank")
        } else if !isChange, payload?["source"] == nil {
            errors.append("'payload.source' is missing or blank")
        }
        if !isChange, !["critical", "error", "warning", "info"].contains(payload?["severity"]?.words ?? "") {
            errors.append(
                "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"
            )
        }
        if let time = payload?["timestamp"], Instant(text: time.words ?? "") == nil {
            errors.append("'payload.timestamp' is invalid")
        }
        if let details = payload?["custom_details"], details.object == nil {
            errors.append("'payload.custom_details' is invalid")
        }
        return errors
    }
}

extension JSONValue {
    /// The text, nil where it is no text.
    fileprivate var words: String? { if case .string(let text) = self { text.text } else { nil } }

    fileprivate subscript(key: JSONString) -> JSONValue? { object?[key] }
}
