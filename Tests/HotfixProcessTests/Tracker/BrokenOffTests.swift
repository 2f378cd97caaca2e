import HotfixCommands
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("A hotfix whose git fails", .heavyAndLong)
struct BrokenOffTests {
    /// A command of the runbook, and what has to have happened before it.
    struct Step: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var at: Instant
        var before: @Sendable (WalkedHotfix) async throws -> Void

        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let beginning = Step(arguments: ["init", "--yes"], at: WalkedHotfix.begun) { _ in }
    static let tagging = Step(
        arguments: ["tag", "--name", "fix complete", "--yes"], at: WalkedHotfix.begun + 3600
    ) { try await $0.begin() }
    static let ending = Step(
        arguments: ["complete", "--merged", "done", "--do", "--remove", WalkedHotfix.legacy, "--yes"],
        at: WalkedHotfix.merged
    ) {
        try await $0.begin()
        try await $0.prove()
    }
    private static let steps = [beginning, tagging, ending]

    /// The failures that are worth trying, each by the number of the command: every command that changes something, in every way, and of
    /// those that only read the same between two changes, the first.
    private static func failures(of commands: [String]) -> [(number: Int, fault: FaultyGit.Fault)] {
        let changing = ["push", "switch", "branch", "tag", "update-ref", "commit-tree", "fetch", "checkout"]
        var failures: [(number: Int, fault: FaultyGit.Fault)] = []
        var read: Set<String> = []
        for (index, command) in commands.enumerated() {
            let words = command.split(separator: " ").map(String.init)
            if changing.contains(where: words.contains) {
                let isPush = words.contains("push")
                for fault in [.networkGone, .answerLost] + (isPush ? [.rejected] : []) as [FaultyGit.Fault] {
                    failures.append((index + 1, fault))
                }
                read = []
            } else if read.insert(command).inserted {
                failures.append((index + 1, .networkGone))
            }
        }
        return failures
    }

    @Test("goes on where it broke off, whichever command of git failed and how", arguments: steps)
    func everywhere(step: Step) async throws {
        try await withWalkedHotfix { hotfix, git in
            try await step.before(hotfix)
            let before = try await hotfix.truth()
            try git.fail(nil)
            let after = try await hotfix.copy { copy in
                let run = await copy.run(step.arguments, at: step.at, git: git)
                #expect(run.status == .done, "\(run.output)")
                return try await copy.outcome()
            }
            let commands = try git.commands()
            #expect(commands.count > 3, "the wrapper is not what was run: \(commands)")
            #expect(after.truth != before)
            for (number, fault) in Self.failures(of: commands) {
                try await hotfix.copy { copy in
                    try git.fail(fault, at: .number(number))
                    let place = "\(fault) at \(number) of \(commands.count), git \(commands[number - 1])"
                    try await breakOff(copy, step, git, from: before, to: after, place)
                }
            }
        }
    }

    /// Runs a step whose git fails at one command, holds what came of it against git itself, and runs it again.
    private func breakOff(
        _ hotfix: WalkedHotfix, _ step: Step, _ git: FaultyGit, from before: WalkedHotfix.Truth,
        to after: WalkedHotfix.Outcome, _ place: String
    ) async throws {
        let broken = await hotfix.run(step.arguments, at: step.at, git: git)
        try #require(git.hasFailed, "\(place): not reached")
        let truth = try await hotfix.truth()
        #expect(truth.strays(between: before, and: after.truth) == [], "\(place): \(truth)")
        #expect(truth.changes == [], "\(place)")
        let discord = try await hotfix.discord(truth)
        #expect(discord.claimed == [], "\(place): the record claims what is not so\n\(broken.output)")
        if broken.status == .done {
            #expect(truth == after.truth, "\(place): said to be done\n\(broken.output)")
        } else {
            #expect([.no, .wrong, .unfinished].contains(broken.status), "\(place): \(broken)")
            #expect(broken.output.contains("hotfix: "), "\(place): \(broken.output)")
            #expect(!broken.output.contains("swordfish"), "\(place)")
        }
        let again = await hotfix.run(step.arguments, at: step.at)
        #expect(again.status == .done, "\(place): the second run\n\(broken.output)\n\(again.output)")
        #expect(try await hotfix.outcome() == after, "\(place): the second run\n\(again.output)")
    }
}
