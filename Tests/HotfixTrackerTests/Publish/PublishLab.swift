import Foundation
import HotfixCore
import HotfixTestSupport
import HotfixTracker

/// Noon of the day that publications take place on.
let midday = Instant(1_795_176_000)

/// The files that are published, by path from the top.
let statusPath = "docs/OPERATIONS/hotfix-status.json"
let reportPath = "docs/OPERATIONS/hotfix-outstanding-items.md"

/// The branch that they are published on.
let trackerRef = "refs/heads/hotfix-tracker"

/// The text of a status file.
func statusText(_ state: String, proven: Seconds = 3600, at: Instant = midday) -> String {
    var file = StatusFile()
    file.root["stability"] = .object([
        "state": JSONValue(state), "stateReason": .null, "requiredSeconds": JSONValue(172_800),
        "provenSeconds": JSONValue(proven), "evaluatedUntil": JSONValue("\(at)"),
    ])
    file.root["deployment"] = .object([
        "id": JSONValue("1"), "branch": JSONValue("release/hotfix"), "commit": JSONValue("a1a1"),
    ])
    return file.text
}

extension TestRepository {
    /// Runs lines of shell in the work tree, each of which has to succeed.
    func shell(_ script: String) async throws {
        let output = "\(root)/shell-\(UUID().uuidString).out"
        let command = try SpawnedCommand.start(
            "/bin/sh", ["-c", "set -e; cd '\(directory)'\n\(script)"], environment: environment, outputFile: output)
        let ending = await command.ending()
        guard ending.exitStatus == 0 else {
            throw SpawnedCommand.Failure(
                description: "\(script)\nended with \(ending.exitStatus ?? -1): \(ending.output)")
        }
        try FileManager.default.removeItem(atPath: output)
    }

    /// Writes what a check writes.
    func track(_ state: String, proven: Seconds = 3600, at: Instant = midday, as path: String = statusPath) throws {
        try write(statusText(state, proven: proven, at: at), to: path)
        try write("# Report: \(state), \(proven)\n", to: reportPath)
    }

    /// What publishes the files.
    func publication(
        pushes: Bool = false, of path: String = statusPath, environment other: [String: String]? = nil,
        budget: Duration = .seconds(120)
    ) -> TrackerPublication {
        TrackerPublication(
            statusFile: "\(directory)/\(path)", outstandingFile: "\(directory)/\(reportPath)", pushes: pushes,
            environment: other ?? environment, budget: budget)
    }

    /// The commits of a ref, oldest first; none where there is no such ref.
    func commits(_ ref: String = trackerRef, in place: String? = nil) async throws -> [String] {
        guard try await succeeds("rev-parse", "--verify", "--quiet", ref, in: place) else { return [] }
        return try await git("rev-list", "--reverse", ref, in: place).split(separator: "\n").map(String.init)
    }

    /// A file as a commit has it, without white space at its end.
    func published(
        _ path: String = statusPath, at commit: String = trackerRef, in place: String? = nil
    ) async throws -> String {
        try await git("cat-file", "blob", "\(commit):\(path)", in: place)
    }

    /// The bytes of all files by path, git's own among them; without objects and the tracker's own branch.
    func everything() throws -> [String: Data] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: directory).filter { name in
            !name.contains("/objects/") && !name.hasSuffix("refs/heads/hotfix-tracker")
                && !name.contains("refs/remotes/origin")
        }
        return Dictionary(
            uniqueKeysWithValues: names.map { name in
                (name, FileManager.default.contents(atPath: "\(directory)/\(name)") ?? Data())
            })
    }

    /// Whether every object that a ref leads to is whole, here and at origin.
    func isWhole() async throws -> Bool {
        for place in [directory, origin] where try await !succeeds("fsck", "--strict", "--no-dangling", in: place) {
            return false
        }
        return true
    }
}

/// A text without white space at its end.
func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespacesAndNewlines) }
