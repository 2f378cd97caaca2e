/// A page of the manual, made from the definition of a command.
struct ManualPage {
    /// The command, or the root of all.
    let command: CommandInfo
    /// The names of all pages, the root's first.
    let pages: [String]
    /// Name and version of the program.
    let version: String

    /// The page's name: `hotfix-check`.
    var name: String { command.words.joined(separator: "-") }

    /// The pages of a program, the root's first: one for it, and one for each of its subcommands.
    static func all(_ root: CommandInfo, version: String) -> [ManualPage] {
        let commands = [root] + root.shownSubcommands.filter { $0.commandName != "help" }
        let names = commands.map { $0.words.joined(separator: "-") }
        return commands.map { ManualPage(command: $0, pages: names, version: version) }
    }

    /// The page in the macros of man(7).
    var text: String {
        var page = Roff(title: name, version: version)
        page.section("NAME")
        page.paragraphs("\(name) - \(abstract(of: command))")
        page.section("SYNOPSIS")
        for call in calls(command) { page.synopsis(call.words.joined(separator: " "), arguments(of: call)) }
        page.section("DESCRIPTION")
        page.paragraphs(command.abstract ?? "")
        if let discussion = command.discussion { page.paragraphs(discussion) }
        if command.superCommands == nil {
            page.section("COMMANDS")
            for subcommand in command.shownSubcommands {
                page.item(subcommand.words.joined(separator: " "), subcommand.abstract ?? "")
            }
        }
        options(of: command, heading: "OPTIONS", in: &page)
        if command.superCommands != nil, !command.shownSubcommands.isEmpty {
            page.section("COMMANDS")
            for subcommand in command.shownSubcommands { describe(subcommand, in: &page) }
        }
        facts(in: &page)
        page.section("SEE ALSO")
        page.references(pages.filter { $0 != name })
        return page.text
    }

    /// What can be called: the command, or else its subcommands.
    private func calls(_ command: CommandInfo) -> [CommandInfo] {
        guard command.superCommands != nil else { return [command] }
        return command.shownSubcommands.isEmpty ? [command] : command.shownSubcommands
    }

    private func abstract(of command: CommandInfo) -> String {
        var text = command.abstract ?? ""
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    private func arguments(of command: CommandInfo) -> String {
        guard command.superCommands != nil else { return "COMMAND [ARGUMENT ...]" }
        return command.shownArguments.map { argument in
            let value = "<\(argument.valueName ?? "value")>"
            let name = argument.names?.map(\.text).max { $0.count < $1.count }
            let call = name.map { argument.kind == "flag" ? $0 : "\($0) \(value)" } ?? value
            let repeated = argument.isRepeating ? "\(call) ..." : call
            return argument.isOptional || argument.isRepeating || argument.defaultValue != nil
                ? "[\(repeated)]" : repeated
        }.joined(separator: " ")
    }

    private func describe(_ subcommand: CommandInfo, in page: inout Roff) {
        let isDefault = subcommand.commandName == command.defaultSubcommand
        page.subsection(subcommand.words.joined(separator: " "))
        page.paragraphs((subcommand.abstract ?? "") + (isDefault ? " Meant where none is named." : ""))
        if let discussion = subcommand.discussion { page.paragraphs(discussion) }
        options(of: subcommand, heading: nil, in: &page)
    }

    private func options(of command: CommandInfo, heading: String?, in page: inout Roff) {
        let arguments = command.shownArguments
        guard !arguments.isEmpty else { return }
        if let heading { page.section(heading) }
        for argument in arguments {
            let value = "<\(argument.valueName ?? "value")>"
            let names = argument.names?.map(\.text) ?? []
            let term =
                names.isEmpty
                ? value : names.map { argument.kind == "flag" ? $0 : "\($0) \(value)" }.joined(separator: ", ")
            var meaning = argument.abstract ?? ""
            if let values = argument.allValues, !values.isEmpty {
                meaning += " One of \(values.joined(separator: ", "))."
            }
            if let standard = argument.defaultValue, argument.kind != "flag" { meaning += " Default: \(standard)." }
            if let discussion = argument.discussion { meaning += "\n\n\(discussion)" }
            page.item(term, meaning)
        }
    }

    private func facts(in page: inout Roff) {
        for (heading, entries) in [
            ("EXIT STATUS", ManualFacts.exitStatus), ("FILES", ManualFacts.files),
            ("ENVIRONMENT", ManualFacts.environment),
        ] {
            page.section(heading)
            for entry in entries where entry.concerns(command.commandName) { page.item(entry.term, entry.meaning) }
            if heading == "EXIT STATUS" { page.paragraphs(ManualFacts.exitNote) }
        }
    }
}
