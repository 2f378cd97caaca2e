package import ArgumentParser
import HotfixConfiguration
import HotfixCore
import HotfixStore

extension CompletionKind {
    /// The files that may be a configuration.
    package static var configurations: CompletionKind { .file(extensions: ["yaml", "yml"]) }

    /// The names of the configuration's services.
    package static var services: CompletionKind {
        .custom { words, _, _ in Completion(words).services }
    }

    /// The names of the guardrails of the services that were named, else of all.
    package static var guardrails: CompletionKind {
        .custom { words, _, _ in Completion(words).guardrails }
    }

    /// The names of the configuration's channels.
    package static var channels: CompletionKind {
        .custom { words, _, _ in Completion(words).channels }
    }
}

extension CompletionKind {
    /// The open episodes, each by service and guardrail: no shell takes the `:` of a time for a part of a word.
    package static var openEpisodes: CompletionKind {
        .custom { words, _, _ in Completion(words).openEpisodes }
    }
}

/// What a shell may complete a word with, as the configuration knows it.
///
/// Nothing is ever said of an error: whoever presses TAB asks for names, and gets none where there are none.
private struct Completion {
    private let words: [String]
    private let known: [ServiceSettings]
    private let told: [ChannelSettings]
    private let state: StateLocation?

    init(_ words: [String]) {
        self.words = words
        let surroundings = Surroundings.current
        let path = try? SettingsLoader.locate(
            explicit: Self.configuration(in: words, environment: surroundings.environment),
            environment: surroundings.environment, currentDirectory: surroundings.directory)
        let settings = path.flatMap { path in
            try? SettingsLoader.load(
                path: path, environment: surroundings.environment, currentDirectory: surroundings.directory,
                secrets: [])
        }
        known = settings?.services ?? []
        told = settings?.channels ?? []
        state = settings?.state
    }

    var openEpisodes: [String] {
        guard case .sqlite(let path)? = state,
            let facts = try? SQLiteLedger.open(path: path, createIfMissing: false, patience: 1).facts()
        else { return [] }
        return facts.episodes.filter(\.isOpen).map(\.pair).filter { isInert($0.service) && isInert($0.guardrail) }
            .map(\.description)
    }

    var services: [String] { known.map(\.service.name).filter(isInert) }

    var channels: [String] { told.map(\.name).filter(isInert) }

    var guardrails: [String] {
        let named = known.filter { words.contains($0.service.name) }
        let names = (named.isEmpty ? known : named).flatMap(\.pairs).map(\.guardrail)
        var seen: Set<String> = []
        return names.filter { isInert($0) && seen.insert($0).inserted }
    }

    /// What the line says after `--config`, as far as that is a plain path.
    private static func configuration(in words: [String], environment: [String: String]) -> String? {
        guard let index = words.lastIndex(of: "--config"), index + 1 < words.count else { return nil }
        var path = words[index + 1]
        for quote in ["\"", "'"] where path.count > 1 && path.hasPrefix(quote) && path.hasSuffix(quote) {
            path = String(path.dropFirst().dropLast())
        }
        guard path.hasPrefix("~/"), let home = environment["HOME"] else { return path.isEmpty ? nil : path }
        return home + path.dropFirst()
    }

    /// Whether a name is nothing but itself to every shell.
    ///
    /// What is offered is expanded once more by bash, and parted at `:` by zsh; what either could make more of is left out.
    private func isInert(_ name: String) -> Bool {
        name.first != "-"
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || "._-+@%,".unicodeScalars.contains(scalar)
            }
    }
}

extension EntryPoint {
    /// Whether a shell's script asks what a word may be completed with.
    static func isCompletion(_ arguments: [String]) -> Bool { arguments.first == "---completion" }

    /// Answers such a script: with names, or with nothing.
    static func complete(_ arguments: [String]) {
        do { _ = try HotfixCommand.parseAsRoot(arguments) } catch {
            // A script of another version may ask for what there is not; it is told nothing.
            guard HotfixCommand.exitCode(for: error) == .success else { return }
            try? Surroundings.current.write(HotfixCommand.fullMessage(for: error) + "\n")
        }
    }
}
