import Foundation

extension SettingsLoader {
    /// The files that a configuration refers to for its secrets: `file:`, `credential:`, and the keys of certificates.
    ///
    /// - Parameters:
    ///   - path: The configuration.
    ///   - environment: The process's environment.
    ///   - currentDirectory: The absolute path of the directory that a relative path starts from.
    /// - Returns: Their absolute paths, each once, in order.
    /// - Throws: `SettingsError` where the configuration cannot be loaded.
    package static func secretFiles(
        path: String, environment: [String: String], currentDirectory: String
    ) throws -> [String] {
        var read: Set<String> = []
        let whole = absolutePath(path, in: currentDirectory)
        let settings = try load(
            text: fileText(at: whole), path: path, environment: environment, currentDirectory: currentDirectory,
            readFile: { file in
                read.insert(file)
                return try fileText(at: file)
            })
        let policies = settings.services.compactMap(\.policyFile)
        let keys = (settings.sources.map(\.tls) + settings.channels.compactMap(\.tls))
            .compactMap { $0.keyFile ?? $0.certificateFile }
        return read.subtracting(policies).union(keys).sorted()
    }
}
