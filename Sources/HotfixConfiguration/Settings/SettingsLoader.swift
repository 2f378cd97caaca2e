import Foundation
import HotfixCore

/// Finds and reads `hotfix.yaml`.
package enum SettingsLoader {
    private static let systemPath = "/etc/hotfix/hotfix.yaml"

    /// Finds the file: `--config`, `$HOTFIX_CONFIG`, `./hotfix.yaml`, `/etc/hotfix/hotfix.yaml`.
    ///
    /// - Parameters:
    ///   - explicit: What `--config` says; whether the file is there is for `load` to say.
    ///   - environment: The process's environment.
    ///   - currentDirectory: The absolute path of the directory that `.` stands for.
    /// - Returns: The path; relative to the process's own directory where it is `./hotfix.yaml`.
    /// - Throws: `SettingsError` where no file is named and none of the two is there.
    package static func locate(
        explicit: String?, environment: [String: String], currentDirectory: String
    ) throws -> String {
        if let explicit { return explicit }
        if let named = environment["HOTFIX_CONFIG"], !named.isEmpty { return named }
        let local = absolutePath("hotfix.yaml", in: currentDirectory)
        if FileManager.default.fileExists(atPath: local) {
            return currentDirectory == FileManager.default.currentDirectoryPath ? "hotfix.yaml" : local
        }
        if FileManager.default.fileExists(atPath: systemPath) { return systemPath }
        throw SettingsError([
            Diagnostic(
                file: "hotfix.yaml", message: "no configuration: neither '\(local)' nor '\(systemPath)' exists.",
                remedy: "Name one by --config or $HOTFIX_CONFIG, or begin with 'hotfix config example > hotfix.yaml'.")
        ])
    }

    /// Reads a file and the policies that it names.
    ///
    /// - Throws: `SettingsError` with everything that is wrong.
    package static func load(path: String, environment: [String: String]) throws -> Settings {
        let text: String
        do { text = try fileText(at: path) } catch {
            throw SettingsError([Diagnostic(file: path, message: "the file \(reason(error)).")])
        }
        return try load(text: text, path: path, environment: environment, readFile: fileText)
    }

    /// Reads a configuration that is at hand as text.
    ///
    /// - Parameters:
    ///   - text: The YAML.
    ///   - path: The path that the text came from, which relative paths start beside; empty for the current directory.
    ///   - environment: The process's environment.
    ///   - readFile: Gives the text of the file at an absolute path: a policy or a secret.
    /// - Returns: The checked settings.
    /// - Throws: `SettingsError` with everything that is wrong.
    package static func load(
        text: String, path: String, environment: [String: String], readFile: @escaping (String) throws -> String
    ) throws -> Settings {
        let whole = absolutePath(path, in: FileManager.default.currentDirectoryPath)
        let directory = whole.lastIndex(of: "/").map { String(whole[..<$0]) } ?? ""
        let references = References(
            environment: environment, directory: directory.isEmpty ? "/" : directory, readFile: readFile)
        return try SettingsReader(path: path, references: references).settings(text)
    }
}
