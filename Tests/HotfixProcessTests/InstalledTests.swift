import Foundation
import HotfixTestSupport
import Testing

@Suite("The program as it is installed", .heavy)
struct InstalledTests {
    @Test("manual and completions lie where man and the shells look, and nothing else does")
    func texts() async throws {
        try await withTemporaryDirectory { directory in
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let share = "\(directory)/share"
            for _ in 0..<2 {
                let ending = try await SpawnedCommand.start(
                    "/bin/bash",
                    [
                        root.appendingPathComponent("scripts/install-texts").path,
                        SpawnedCommand.builtProgram("hotfix"), share,
                    ],
                    environment: ["PATH": "/usr/bin:/bin"], outputFile: "\(directory)/output"
                ).ending()
                #expect(ending.exitStatus == 0)
                #expect(ending.output == "")
            }
            let installed = try FileManager.default.subpathsOfDirectory(atPath: share).filter { $0.contains("hotfix") }
            let completions = [
                "bash-completion/completions/hotfix", "fish/vendor_completions.d/hotfix.fish",
                "zsh/site-functions/_hotfix",
            ]
            #expect(installed.filter { !$0.hasPrefix("man/") }.sorted() == completions)
            #expect(installed.contains("man/man1/hotfix.1") && installed.contains("man/man1/hotfix-check.1"))
        }
    }

    @Test("called as a plugin, the process ends as one does")
    func plugin() async throws {
        try await withTemporaryDirectory { directory in
            let ending = try await SpawnedCommand.start(
                SpawnedCommand.builtProgram("hotfix"),
                ["readiness", "--config", "\(directory)/none.yaml", "--format", "nagios"],
                outputFile: "\(directory)/output"
            ).ending()
            #expect(ending.exitStatus == 3)
            #expect(ending.output == "HOTFIX UNKNOWN - \(directory)/none.yaml: the file does not exist.\n")
        }
    }
}
