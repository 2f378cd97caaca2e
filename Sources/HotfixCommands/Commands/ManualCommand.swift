package import ArgumentParser
import Foundation

/// `hotfix manual`: writes the pages of the manual; for those who install or package the program.
package struct ManualCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "manual", abstract: "Write the pages of the manual into a directory.", shouldDisplay: false)

    @Argument(help: "The directory, which is made where there is none.", completion: .directory)
    package var directory: String

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let root = try CommandInfo.root(of: HotfixCommand._dumpHelp())
        let folder = URL(
            fileURLWithPath: directory, isDirectory: true,
            relativeTo: URL(fileURLWithPath: surroundings.directory, isDirectory: true))
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for page in ManualPage.all(root, version: "hotfix \(Version.text)") {
                try Data(page.text.utf8).write(to: folder.appendingPathComponent("\(page.name).1"))
            }
        } catch {
            throw CommandError(
                .unfinished, "The manual could not be written into '\(folder.path)': \(error)")
        }
    }
}
