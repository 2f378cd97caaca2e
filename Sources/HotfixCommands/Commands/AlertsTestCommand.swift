package import ArgumentParser
import Foundation
import HotfixConfiguration
package import HotfixCore
import HotfixHTTP

/// `hotfix alerts test`: sends a test message to each channel.
package struct AlertsTestCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send a test message to each channel, and say what came of it.",
        discussion: """
            The message says that it is a test, and its figures are made up; no ledger is read or written. At PagerDuty an alert \
            is opened and resolved at once; at Alertmanager one ends after 5 minutes. It ends with 0 where every channel took \
            the message, 2 where one is set up wrongly, 3 where one was not reached, or whether it was is not known.
            """)

    @OptionGroup package var common: CommonOptions
    @Option(
        name: .customLong("channel"), help: "Only this channel; may be repeated.", completion: .channels)
    package var channels: [String] = []
    @Option(help: "How much the test is said to matter; receivers may treat what matters more otherwise.")
    package var severity = Guardrail.Severity.info
    @Option(help: "How the result is printed.")
    package var format = OutputFormat.text

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let workplace = try Workplace(config: common.config, secrets: [.channels])
        let wanted = try workplace.selected(channels: channels)
        let client = surroundings.client()
        let test = ChannelTest(
            id: String(UUID().uuidString.lowercased().prefix(8)), severity: severity, now: surroundings.now,
            sleep: surroundings.sleep)
        let report = await test.run(workplace.channels(client), for: wanted)
        await client.shutDown()
        try surroundings.write((format == .json ? report.json.text : report.text) + "\n")
        if report.status != .done { throw report.status }
    }
}

extension Guardrail.Severity: ExpressibleByArgument {}

extension Workplace {
    /// The settings of the channels named on the command line; all where none was named.
    ///
    /// - Throws: `CommandError` for a name that the configuration does not know, and where it knows none.
    func selected(channels names: [String]) throws -> [ChannelSettings] {
        let known = settings.channels
        guard !known.isEmpty else {
            throw CommandError(
                .wrong, "\(oneLine(settings.path)) names no channel. Add one under `notify`.", concern: .unknown)
        }
        for name in names where !known.contains(where: { $0.name == name }) {
            throw CommandError(
                .wrong,
                "Channel '\(oneLine(name))' is not in \(oneLine(settings.path)). It knows: "
                    + "\(known.map(\.name).joined(separator: ", ")).", concern: .unknown)
        }
        return names.isEmpty ? known : known.filter { names.contains($0.name) }
    }
}

extension Channel {
    /// Whether it is what the settings ask for, or one of several that they do.
    func isOne(of settings: ChannelSettings) -> Bool { entry == settings.name }
}
