import Foundation

/// A `git` that is found before the real one, writes down every command, and fails on demand.
///
/// Only the commands that a program itself runs are counted, not those that git runs in turn.
package struct FaultyGit: Sendable {
    /// How a command fails.
    package enum Fault: String, Sendable, CaseIterable {
        /// It says that origin cannot be reached, and ends with 128; nothing was done.
        case networkGone
        /// It says that the push was rejected, and ends with 1; nothing was done.
        case rejected
        /// It does all that it should, but is killed before it says so.
        case answerLost
        /// It is killed before it does anything.
        case killed
        /// It ends with 0, says nothing, and has done nothing.
        case nothingDone
    }

    /// Which command fails.
    package enum Moment: Sendable {
        /// The n-th since the log was begun, counting from 1.
        case number(Int)
        /// The first whose arguments, joined by spaces, hold a text.
        case first(String)
        /// Each whose arguments hold a text.
        case every(String)
    }

    /// The directory that holds the program `git`.
    package let directory: String
    /// The environment that it was made for, with the directory first in `PATH`.
    package let environment: [String: String]
    private var log: String { "\(directory)/log" }
    private var orders: String { "\(directory)/orders" }

    /// Makes one that does not fail yet.
    ///
    /// - Parameter repository: Where it lies, and whose environment it extends.
    /// - Throws: ``TestRepository/Failure`` where it could not be written.
    package init(in repository: TestRepository) async throws {
        directory = "\(repository.root)/faulty-\(UUID().uuidString)"
        let path = repository.environment["PATH"] ?? "/usr/bin:/bin"
        environment = repository.environment.merging(["PATH": "\(directory):\(path)"]) { $1 }
        try await installScript(Self.script(path: path), to: "\(directory)/git", root: repository.root)
        try begin()
    }

    /// Makes one command fail from now on, and begins the log anew; nil makes none fail.
    ///
    /// - Parameters:
    ///   - fault: How it fails.
    ///   - moment: Which one.
    /// - Throws: The file system's error.
    package func fail(_ fault: Fault?, at moment: Moment = .number(1)) throws {
        try begin()
        guard let fault else { return }
        let (kind, text) =
            switch moment {
            case .number(let number): ("number", "\(number)")
            case .first(let text): ("first", text)
            case .every(let text): ("every", text)
            }
        try Data("\(fault.rawValue)\n\(kind)\n\(text)\n".utf8).write(to: URL(fileURLWithPath: orders))
    }

    /// The arguments of the commands that were run, joined by spaces, oldest first.
    package func commands() throws -> [String] {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    /// Whether a command has failed since the log was begun.
    package var hasFailed: Bool { FileManager.default.fileExists(atPath: "\(directory)/failed") }

    private func begin() throws {
        try Data().write(to: URL(fileURLWithPath: log))
        for path in [orders, "\(directory)/failed"] where FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
    }

    private static func script(path: String) -> String {
        let real = path.split(separator: ":").map { "\($0)/git" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        return #"""
            #!/bin/sh
            here="$(dirname "$0")"
            said="$(printf '%s ' "$@" | tr '\n' ' ')"
            printf '%s\n' "$said" >> "$here/log"
            real='REAL'
            [ -f "$here/orders" ] || exec "$real" "$@"
            { read -r fault; read -r kind; IFS= read -r text; } < "$here/orders"
            hit=no
            case "$kind" in
            number) [ "$(wc -l < "$here/log")" -eq "$text" ] && hit=yes ;;
            first) [ -f "$here/failed" ] || case "$said" in *"$text"*) hit=yes ;; esac ;;
            every) case "$said" in *"$text"*) hit=yes ;; esac ;;
            esac
            [ "$hit" = yes ] || exec "$real" "$@"
            : > "$here/failed"
            case "$fault" in
            networkGone)
                cat > /dev/null
                echo "fatal: unable to access 'https://captain:swordfish@git.example/shop.git/': Could not resolve host: git.example" >&2
                exit 128 ;;
            rejected)
                cat > /dev/null
                printf 'To origin\n!\tHEAD:refs/heads/x\t[rejected] (fetch first)\nDone\n'
                echo "error: failed to push some refs to 'origin'" >&2
                exit 1 ;;
            answerLost) "$real" "$@" > /dev/null 2>&1; kill -KILL $$ ;;
            killed) cat > /dev/null; kill -KILL $$ ;;
            nothingDone) cat > /dev/null; exit 0 ;;
            esac
            """#.replacing("REAL", with: real ?? "/usr/bin/git") + "\n"
    }
}
