import ArgumentParser
import HotfixCore

extension EntryPoint {
    /// Whether a command line asks for the output of a monitoring plugin.
    ///
    /// The words are looked at, not what they parse to: a call that is wrong is one too.
    static func asksForPlugin(_ arguments: [String]) -> Bool {
        let words = arguments.prefix { $0 != "--" }
        let formats = words.indices.compactMap { index -> String? in
            if words[index].hasPrefix("--format=") { return String(words[index].dropFirst("--format=".count)) }
            return words[index] == "--format" && index + 1 < words.endIndex ? words[index + 1] : nil
        }
        // The last one holds, as it does for the parser.
        return formats.last == ReadinessFormat.nagios.rawValue
    }

    /// Runs a command line as a monitoring plugin, for which standard error is not read and every error is unknown.
    static func runPlugin(_ arguments: [String]) async -> PluginStatus {
        do {
            try await perform(arguments)
        } catch let status as PluginStatus {
            return status
        } catch {
            return reportUnknown(error)
        }
        // Help and the like: whatever asked for it has not been told that the hotfix is ready.
        return .unknown
    }

    private static func reportUnknown(_ error: any Error) -> PluginStatus {
        let surroundings = Surroundings.current
        do { try surroundings.write(unknown(error) + "\n") } catch {
            surroundings.writeError("hotfix: \(oneLine("\(error)"))\n")
        }
        return .unknown
    }

    /// An error as a plugin's one line; help as itself.
    private static func unknown(_ error: any Error) -> String {
        let messages = ending(of: error)?.messages ?? []
        if let first = messages.first {
            let more = messages.count > 1 ? " (and \(messages.count - 1) more)" : ""
            return PluginStatus.unknown.line(first + more)
        }
        if HotfixCommand.exitCode(for: error) == .success { return HotfixCommand.fullMessage(for: error) }
        return PluginStatus.unknown.line(
            HotfixCommand.message(for: error).replacing("\n", with: " "))
    }
}
