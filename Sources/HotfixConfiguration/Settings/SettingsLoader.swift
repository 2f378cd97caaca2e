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
    /// - Returns: The path, as it is to be shown; relative ones start from the current directory.
    /// - Throws: `SettingsError` where no file is named and none of the two is there.
    package static func locate(
        explicit: String?, environment: [String: String], currentDirectory: String
    ) throws -> String {
        if let path = find(explicit: explicit, environment: environment, currentDirectory: currentDirectory) {
            return path
        }
        let local = absolutePath("hotfix.yaml", in: currentDirectory)
        throw SettingsError([
            Diagnostic(
                file: "hotfix.yaml", message: "no configuration: neither '\(local)' nor '\(systemPath)' exists.",
                remedy: "Name one by --config or $HOTFIX_CONFIG, or begin with 'hotfix config example > hotfix.yaml'.")
        ])
    }

    /// Finds the file as `locate` does, for those who can do without: nil where no file is named and none of the two is there.
    package static func find(explicit: String?, environment: [String: String], currentDirectory: String) -> String? {
        if let explicit { return explicit }
        if let named = environment["HOTFIX_CONFIG"], !named.isEmpty { return named }
        let local = absolutePath("hotfix.yaml", in: currentDirectory)
        if FileManager.default.fileExists(atPath: local) { return "hotfix.yaml" }
        return FileManager.default.fileExists(atPath: systemPath) ? systemPath : nil
    }

    /// Reads a file and the policies that it names.
    ///
    /// - Parameters:
    ///   - path: The file, as diagnostics call it.
    ///   - environment: The process's environment.
    ///   - currentDirectory: The absolute path of the directory that a relative path starts from.
    ///   - secrets: Which secrets are looked up; the others are empty, and tokens of the server nil.
    /// - Returns: The checked settings.
    /// - Throws: `SettingsError` with everything that is wrong.
    package static func load(
        path: String, environment: [String: String],
        currentDirectory: String = FileManager.default.currentDirectoryPath, secrets: Set<SecretUse> = SecretUse.all
    ) throws -> Settings {
        let text: String
        do { text = try fileText(at: absolutePath(path, in: currentDirectory)) } catch {
            throw SettingsError([Diagnostic(file: path, message: "the file \(reason(error)).")])
        }
        return try load(
            text: text, path: path, environment: environment, currentDirectory: currentDirectory,
            secrets: secrets, readFile: fileText)
    }

    /// Reads a configuration that is at hand as text.
    ///
    /// - Parameters:
    ///   - text: The YAML.
    ///   - path: The path that the text came from, which relative paths start beside; empty for the current directory.
    ///   - environment: The process's environment.
    ///   - currentDirectory: The absolute path of the directory that a relative path starts from.
    ///   - secrets: Which secrets are looked up; the others are empty, and tokens of the server nil.
    ///   - readFile: Gives the text of the file at an absolute path: a policy or a secret.
    /// - Returns: The checked settings.
    /// - Throws: `SettingsError` with everything that is wrong.
    package static func load(
        text: String, path: String, environment: [String: String],
        currentDirectory: String = FileManager.default.currentDirectoryPath, secrets: Set<SecretUse> = SecretUse.all,
        readFile: @escaping (String) throws -> String
    ) throws -> Settings {
        let whole = absolutePath(path, in: currentDirectory)
        let directory = whole.lastIndex(of: "/").map { String(whole[..<$0]) } ?? ""
        let references = References(
            environment: environment, directory: directory.isEmpty ? "/" : directory, readFile: readFile,
            secrets: secrets)
        return try SettingsReader(path: path, references: references).settings(text)
    }
}
