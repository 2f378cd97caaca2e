package import ArgumentParser
import HotfixConfiguration
import HotfixCore

/// `hotfix config`: checks a configuration and prints its schema.
package struct ConfigCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check a configuration; print its JSON Schema, or an example.",
        subcommands: [Validate.self, Schema.self, Example.self], defaultSubcommand: Validate.self)

    package init() {}

    /// `hotfix config validate`: reports everything that is wrong.
    package struct Validate: PromptCommand {
        package static let configuration = CommandConfiguration(
            commandName: "validate", abstract: "Check the configuration and its policies.")

        @OptionGroup package var common: CommonOptions

        package init() {}

        package mutating func begin() async throws {
            let settings = try Workplace(config: common.config, secrets: SecretUse.all).settings
            let services = count(settings.services.count, "service")
            let guardrails = count(settings.pairs.count, "guardrail")
            let channels = settings.channels.isEmpty ? "" : ", \(count(settings.channels.count, "channel")) told"
            var lines = ["\(oneLine(settings.path)) is valid: \(services), \(guardrails) watched\(channels)."]
            lines += settings.notWatched.map { "  not watched: \(oneLine($0.description))" }
            try Surroundings.current.write(lines.joined(separator: "\n") + "\n")
        }
    }

    /// `hotfix config schema`: prints the JSON Schema.
    package struct Schema: PromptCommand {
        package static let configuration = CommandConfiguration(
            commandName: "schema", abstract: "Print the JSON Schema of hotfix.yaml and of policies.")

        package init() {}

        package mutating func begin() async throws {
            try Surroundings.current.write(SettingsSchema.json() + "\n")
        }
    }

    /// `hotfix config example`: prints a configuration to begin with.
    package struct Example: PromptCommand {
        package static let configuration = CommandConfiguration(
            commandName: "example", abstract: "Print a commented configuration to begin with.")

        package init() {}

        package mutating func begin() async throws {
            try Surroundings.current.write(ExampleSettings.text)
        }
    }
}
