package import ArgumentParser
import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// `hotfix init`: begins a hotfix with its branch.
package struct InitCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Begin a hotfix: create its branch from a base, push it, and record it.",
        discussion: """
            The work tree has to be clean, the tracker's own two files apart. What is done already is left alone, so that a run \
            that broke off is gone on with by the same command.

            A version in the name (hotfix/v1.0.1-hotfix1) has to come after the latest release, by Semantic Versioning, except \
            that 1.0.1-hotfix1 comes after 1.0.1.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var tracker: TrackerOptions
    @OptionGroup package var plan: PlanOptions
    @Option(help: "The branch; else the hotfix's that is under way, else release/hotfix-<UTC date>.")
    package var branch: String?
    @Option(help: "What it is created from; else the base in the status file, else origin/main.")
    package var base: String?
    @Flag(help: "Leave the branch unpushed.")
    package var noPush = false
    @Flag(help: "The version in the name mends an older line than the latest release's.")
    package var olderLine = false
    @Flag(help: "Give up another hotfix that is under way; with --reason.")
    package var replace = false
    @Option(help: "Why: with --replace.")
    package var reason: String?

    package init() {}

    package func validate() throws {
        if let objection = objection(
            toReason: reason, neededBy: replace ? "--replace" : nil, optionsOfReason: "--replace")
        {
            throw ValidationError(objection)
        }
    }

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let place = try TrackerPlace(common, tracker)
        let repository = try await place.repository()
        let status = try StatusFile.read(path: place.statusFile)
        let by = try await place.author()
        var beginning = HotfixBeginning(
            repository: repository, branch: try await name(status, repository), base: try baseName(status),
            ownFiles: place.ownFiles(in: repository), at: surroundings.now)
        beginning.keptBranches = [place.settings.main, place.settings.develop]
        beginning.isPushed = !noPush
        beginning.replaces = replace
        beginning.mendsOlderLine = olderLine
        let runner = PlanRunner(statusFile: place.statusFile, by: by, reason: reason, now: { surroundings.now })
        guard try await plan.carryOut(beginning.plan(status), by: runner) else { return }
        try surroundings.write(
            "The hotfix '\(beginning.branch)' is under way\(noPush ? ", and not pushed by this command" : "").\n")
    }

    private func name(_ status: StatusFile, _ repository: Repository) async throws -> GitName {
        if let branch { return try GitName(branch, as: .branch) }
        if !replace, status["branch", "name"] != .null, status["decommission", "mergedToMain"] != .boolean(true) {
            return try status.hotfixBranch()
        }
        return try GitName(HotfixBeginning.usualName(at: Surroundings.current.now), as: .branch)
    }

    private func baseName(_ status: StatusFile) throws -> String {
        if let base { return base }
        guard case .string(let recorded) = status["branch", "base"], !recorded.text.isEmpty else {
            return "origin/main"
        }
        return recorded.text
    }
}

/// What is wrong with a reason, and with where it stands; nil where nothing is.
///
/// - Parameters:
///   - reason: The reason; nil where none is given.
///   - option: The option that was given and needs it, as it is typed; nil where none was.
///   - all: The options that it goes with, as they are typed.
/// - Returns: What is wrong, in sentences.
func objection(toReason reason: String?, neededBy option: String?, optionsOfReason all: String) -> String? {
    guard let reason else { return option.map { "\($0) needs --reason TEXT: it is recorded with who and when." } }
    guard option != nil else { return "--reason says why: it goes with \(all)." }
    guard reason.contains(where: { !$0.isWhitespace }) else { return "--reason is empty. Say why in a sentence." }
    guard reason.utf8.count <= 1000, oneLine(reason) == reason else {
        return "--reason is longer than 1000 bytes, or of several lines. Say why in a sentence."
    }
    return nil
}
