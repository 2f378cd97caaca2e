import HotfixCore

/// What a monitoring plugin ends with: the convention of Nagios, Icinga and their kin, which is not that of the other commands.
package enum PluginStatus: Int32, Sendable, Hashable, Error {
    /// Ready.
    case ok = 0
    /// Counting.
    case warning = 1
    /// Breaching.
    case critical = 2
    /// Blind, not deployed, or the plugin could not tell.
    case unknown = 3

    /// What a state comes to.
    init(_ state: Readiness.State) {
        self =
            switch state {
            case .ready: .ok
            case .counting: .warning
            case .breaching: .critical
            case .blind, .notDeployed: .unknown
            }
    }

    /// The word for it in a plugin's first line.
    var word: String {
        switch self {
        case .ok: "OK"
        case .warning: "WARNING"
        case .critical: "CRITICAL"
        case .unknown: "UNKNOWN"
        }
    }

    /// A plugin's first line, without the end of it.
    func line(_ text: String) -> String { "HOTFIX \(word) - \(pluginText(text))" }
}

/// Text in a plugin's output: on one line, and without the `|` that ends it there.
func pluginText(_ text: String) -> String { escaping(oneLine(text), ["|": "/"]) }
