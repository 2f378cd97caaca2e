import ArgumentParser
import Foundation
import HotfixCalls
import HotfixConfiguration
import HotfixCore
import HotfixHTTP
import HotfixTracker

/// What is wrong with a note that is to be kept in the tracker, as the end of a sentence; nil where nothing is.
///
/// - Parameters:
///   - text: The note.
///   - limit: How long it may be, in bytes.
/// - Returns: The end of a sentence whose beginning names it.
func objection(toNote text: String, limit: Int = 10_000) -> String? {
    if text.allSatisfy(\.isWhitespace) { return "is empty. Say it in words." }
    guard text.utf8.count > limit else { return nil }
    return "has more than \(limit) bytes. Say it shorter, and name a page that holds the rest."
}

/// What is wrong with something that somebody says, and that is shown to others, as the end of a sentence; nil where nothing is.
func objection(toStatement text: String) -> String? {
    if let objection = objection(toNote: text, limit: 4000) { return objection }
    let lines = text.unicodeScalars.split(separator: "\n").map { String(Substring($0)) }
    return lines.allSatisfy { oneLine($0) == $0 } ? nil : "holds a control character. Write it as plain text."
}

/// Checks what somebody says on the command line.
///
/// - Parameter statements: What was said, by option; nil where nothing was.
/// - Throws: `ValidationError` for the first that cannot be kept.
func checkStatements(_ statements: KeyValuePairs<String, String?>) throws {
    for (option, text) in statements {
        if let text, let objection = objection(toStatement: text) { throw ValidationError("\(option) \(objection)") }
    }
}

extension TrackerPlace {
    /// The branch of the hotfix that the status file is about.
    ///
    /// - Throws: `StatusFileError`, and `GitError` where it names none, or one that git would refuse.
    func hotfixBranch() throws -> GitName { try StatusFile.read(path: statusFile).hotfixBranch() }

    /// The branch that hotfixes are merged to.
    func mainBranch() throws -> GitName { try GitName(settings.main, as: .branch) }

    /// The repository at GitHub; nil where the configuration names none.
    func gitHub(_ client: HTTPClient) -> GitHubAPI? {
        settings.forge.map {
            GitHubAPI(url: $0.url, repository: $0.repository, token: $0.token, client: client)
        }
    }
}

/// Runs a body with a client that is shut down after it.
func withClient<Result: Sendable>(_ body: (HTTPClient) async throws -> Result) async throws -> Result {
    let client = Surroundings.current.client()
    do {
        let result = try await body(client)
        await client.shutDown()
        return result
    } catch {
        await client.shutDown()
        throw error
    }
}

/// Checks the name of somebody who approves or reviews.
///
/// - Returns: The name without blanks at its ends.
/// - Throws: `ValidationError`.
func personName(_ text: String?, for deed: String) throws -> String {
    let name = (text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    guard !name.isEmpty else { throw ValidationError("Say by --by who \(deed).") }
    guard name.utf8.count <= 200, oneLine(name) == name else {
        throw ValidationError("--by is longer than 200 bytes, or holds a control character.")
    }
    return name
}
