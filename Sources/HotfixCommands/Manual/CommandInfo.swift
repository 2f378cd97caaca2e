import Foundation

/// A command as the argument parser describes it in the output of `--experimental-dump-help`.
struct CommandInfo: Decodable {
    /// The name of an option.
    struct Name: Decodable {
        var kind: String
        var name: String

        var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }

    /// An argument, an option or a flag.
    struct Argument: Decodable {
        var kind: String
        var shouldDisplay: Bool
        var isOptional: Bool
        var isRepeating: Bool
        var names: [Name]?
        var valueName: String?
        var defaultValue: String?
        var allValues: [String]?
        var abstract: String?
        var discussion: String?
    }

    var commandName: String
    var superCommands: [String]?
    var shouldDisplay: Bool?
    var abstract: String?
    var discussion: String?
    var defaultSubcommand: String?
    var subcommands: [CommandInfo]?
    var arguments: [Argument]?

    /// The words that call it: `hotfix baseline list`.
    var words: [String] { (superCommands ?? []) + [commandName] }

    /// What is shown of its subcommands.
    var shownSubcommands: [CommandInfo] { (subcommands ?? []).filter { $0.shouldDisplay ?? true } }

    /// What is shown of its arguments, each name once: a command's own option hides the parser's of the same name.
    var shownArguments: [Argument] {
        var seen: Set<String> = []
        return (arguments ?? []).filter { argument in
            guard argument.shouldDisplay else { return false }
            let names = argument.names?.map(\.text) ?? []
            defer { seen.formUnion(names) }
            return names.isEmpty || !seen.isSuperset(of: names)
        }
    }

    /// Reads the description of the root command and of all below it.
    ///
    /// - Throws: `DecodingError` where it is none.
    static func root(of dump: String) throws -> CommandInfo {
        struct Dump: Decodable { var command: CommandInfo }
        return try JSONDecoder().decode(Dump.self, from: Data(dump.utf8)).command
    }
}
