import Foundation
import HotfixTestSupport
import Testing

@Suite("The file for the node exporter")
struct TextfileRecipeTests {
    /// What a text says that puts the file in place.
    private func recipe(_ text: String) throws -> Substring {
        let command = try #require(text.firstRange(of: "hotfix readiness --format prometheus >"))
        let move = "mv hotfix.prom.new hotfix.prom"
        let end = try #require(text[command.upperBound...].firstRange(of: move))
        let isGrouped = text[..<command.lowerBound].hasSuffix("{ ")
        return text[text.index(command.lowerBound, offsetBy: isGrouped ? -2 : 0)..<end.upperBound]
    }

    @Test(
        "stays as it was after an error, whether or not the shell stops at the first one", arguments: ["page", "help"])
    func error(from place: String) async throws {
        let program = URL(fileURLWithPath: try SpawnedCommand.builtProgram("hotfix"))
        try await withTemporaryDirectory { directory in
            let text: String
            if place == "page" {
                text = try String(contentsOfFile: "\(repository)/docs/operations.md", encoding: .utf8)
            } else {
                let help = try await SpawnedCommand.start(
                    program.path, ["help", "readiness"], environment: ["COLUMNS": "400"],
                    outputFile: "\(directory)/help"
                ).ending()
                #expect(help.exitStatus == 0)
                text = help.output
            }
            let file = "\(directory)/hotfix.prom"
            for option in ["-e", "-u"] {
                try "hotfix_state{state=\"breaching\"} 1\n".write(toFile: file, atomically: true, encoding: .utf8)
                // There is no configuration here.
                let ending = try await SpawnedCommand.start(
                    "/bin/sh", [option, "-c", "cd '\(directory)'\n\(try recipe(text))"],
                    environment: ["PATH": "\(program.deletingLastPathComponent().path):/usr/bin:/bin"],
                    outputFile: "\(directory)/output"
                ).ending()
                #expect(ending.exitStatus != 0)
                #expect(ending.output.contains("hotfix.yaml"), "\(ending.output)")
                #expect(
                    try String(contentsOfFile: file, encoding: .utf8) == "hotfix_state{state=\"breaching\"} 1\n")
            }
        }
    }
}
