import HotfixCore
import HotfixDemo
import Synchronization

/// The simulated Slack of the demonstration, as the people in its channel see it.
final class DemoSlack: Sendable {
    /// What answers in Slack's place.
    let standIn = SlackStandIn()
    private let seen = Mutex<[String: SlackView]>([:])

    /// What came, or was changed, since it was last looked at: lines of text, each with its end; empty where nothing did.
    func news() -> String {
        seen.withLock { seen in
            standIn.messages.reduce(into: "") { news, message in
                let view = message.seen
                let earlier = seen.updateValue(view, forKey: message.ts)
                if view != earlier { news += Self.text(view, earlier, isReply: message.thread != nil) }
            }
        }
    }

    private static func text(_ view: SlackView, _ earlier: SlackView?, isReply: Bool) -> String {
        let heading =
            earlier.map { "what was \(color($0)) turned \(color(view))" } ?? (isReply ? "in its thread" : color(view))
        // What was changed has the figures that it had.
        let lines = [" [\(heading)] \(view.text)"] + (earlier == nil ? figures(view) : [])
        return lines.map { "  |\(oneLine($0))\n" }.joined()
    }

    private static func figures(_ view: SlackView) -> [String] {
        view.lines.flatMap { $0.split(separator: "\n") }.filter { $0 != "```" }.map { line in
            let isLinks = line.split(separator: "  ·  ").allSatisfy { view.links[String($0)] != nil }
            return "    \(isLinks ? "To open: " : "")\(line)"
        }
    }

    private static func color(_ view: SlackView) -> String {
        switch view.color {
        case "danger": "red"
        case "warning": "yellow"
        case "good": "green"
        default: "grey"
        }
    }
}
