import Foundation
import HotfixTestSupport
import Testing

/// The directory of the sources that these tests were built from.
let repository = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/").dropFirst()

/// Runs a shell's command line with this environment and waits for its end; the output is that of both outputs.
func shell(
    _ script: String, environment: [String: String] = ["PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    in directory: String = "/"
) async throws -> SpawnedCommand.Ending {
    try await withTemporaryDirectory { scratch in
        let command = try SpawnedCommand.start(
            "/bin/sh", ["-c", "cd '\(directory)' && {\n\(script)\n}"], environment: environment,
            outputFile: "\(scratch)/output")
        return await command.ending()
    }
}

/// Runs a body with the program that was built, its units, policies and examples, as `make install` puts them.
///
/// The body is given the `PREFIX` as it is on this machine: with the `DESTDIR` before it where a prefix was named.
func withInstallation<T>(prefix: String? = nil, _ body: (String) async throws -> T) async throws -> T {
    let program = try SpawnedCommand.builtProgram("hotfix")
    return try await withTemporaryDirectory { directory in
        let destination = prefix == nil ? "" : directory
        let prefix = prefix ?? directory
        let made = try await shell(
            "make --silent install-files DESTDIR='\(destination)' PREFIX='\(prefix)' BINARY='\(program)'",
            in: String(repository))
        try #require(made.exitStatus == 0, "\(made.output)")
        return try await body(destination + prefix)
    }
}

/// A unit's file, or one of its form.
struct UnitFile {
    private var settings: [(key: String, value: String)] = []

    init(_ path: String) throws {
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard !line.hasPrefix("#"), parts.count == 2 else { continue }
            settings.append((String(parts[0]), String(parts[1])))
        }
    }

    /// Every value of a key, in order.
    func all(_ key: String) -> [String] { settings.filter { $0.key == key }.map(\.value) }

    /// The one value of a key.
    func one(_ key: String) throws -> String {
        let values = all(key)
        try #require(values.count == 1, "\(key)= is there \(values.count) times")
        return values[0]
    }
}
