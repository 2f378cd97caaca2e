package import ArgumentParser
import HotfixCore

/// The root of the command line.
package struct HotfixCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "hotfix",
        abstract: "A release guardrail monitor: may the hotfix branch be merged back?",
        discussion: """
            Exit codes: 0 done, 1 the answer is no, 2 the call or the configuration is wrong, 3 a source or a channel could not \
            be reached and work is left for the next run, 4 another check is running, 5 the state is unusable.

            For completion in a shell: hotfix --generate-completion-script bash, zsh or fish. 'make install' puts that, and \
            the manual, where a shell and man find them.
            """,
        version: "hotfix \(Version.text)",
        subcommands: [
            CheckCommand.self, ReadinessCommand.self, GateCommand.self, ExplainCommand.self, LedgerCommand.self,
            DeployedCommand.self, BaselineCommand.self, ExcuseCommand.self, AcceptCommand.self,
            SilenceCommand.self, AckCommand.self, AlertsCommand.self, VerifyCommand.self, DoctorCommand.self,
            StatusCommand.self, UatCommand.self, ObservabilityCommand.self,
            InitCommand.self, TagCommand.self, CompleteCommand.self, ManageCommand.self,
            AssessCommand.self, ApproveCommand.self, ReviewCommand.self, ReleaseCommand.self, AnnounceCommand.self,
            RollbackCommand.self,
            VerifyReleaseCommand.self,
            ServeCommand.self, ReportCommand.self, ConfigCommand.self, DemoCommand.self, ManualCommand.self,
        ])

    package init() {}
}

/// The version of the program.
package enum Version {
    /// As it is in the changelog.
    package static let text = "0.1.0"
}

/// Options of every command.
package struct CommonOptions: ParsableArguments {
    @Option(
        help: "The configuration; else $HOTFIX_CONFIG, ./hotfix.yaml, /etc/hotfix/hotfix.yaml.",
        completion: .configurations)
    package var config: String?
    @Flag(name: .long, help: "Say more on standard error.")
    package var verbose = false
    @Flag(name: .long, help: "Say nothing but results and errors.")
    package var quiet = false

    package init() {}

    package func validate() throws {
        if verbose && quiet { throw ValidationError("--verbose and --quiet exclude each other.") }
    }
}

/// How results are printed.
package enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json
}

extension HotfixCommand {
    /// Reads an instant from the command line.
    static func instant(_ text: String, _ option: String) throws -> Instant {
        guard let instant = Instant(text: text) else {
            throw CommandError(
                .wrong, "\(option) '\(text)' is not a time. Write it as 2026-11-20T08:00:00Z, or as @ and Unix seconds."
            )
        }
        guard reckonable.contains(instant) else {
            throw CommandError(.wrong, "\(option) '\(oneLine(text))' lies outside of the years 1970 to 9998.")
        }
        return instant
    }
}

/// The instants that may be given: those around them have four digits for their years too.
private let reckonable = Instant(0)...Instant(253_370_764_799)
