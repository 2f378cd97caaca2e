package import ArgumentParser

/// A command that begins on the thread that it is called on.
///
/// The parser's own `run` begins on another one, and starting that takes longer than reading a file does.
package protocol PromptCommand: AsyncParsableCommand {
    /// Does what the command is for.
    ///
    /// - Throws: What the command ends with, where that is not merely done.
    mutating func begin() async throws
}

extension PromptCommand {
    package mutating func run() async throws { try await begin() }
}
