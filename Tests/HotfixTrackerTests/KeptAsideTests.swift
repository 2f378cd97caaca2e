import Foundation
import HotfixCore
import HotfixTestSupport
import Testing

@testable import HotfixTracker

private let noon = Instant(1_795_176_000)

@Suite struct KeptAsideTests {
    @Test func `a file left aside by a process that was killed is read there, and the next write puts it back`()
        async
        throws
    {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/s.json"
            try StatusFile.update(path: path, at: noon) { $0.set("observability", "notes", to: JSONValue("ours")) }
            #expect(rename(path, "\(directory)/.s.json.kept") == 0)
            try Data("{}\n".utf8).write(to: URL(fileURLWithPath: path))
            #expect(try StatusFile.read(path: path)["observability", "notes"] == JSONValue("ours"))
            try StatusFile.update(path: path, at: noon) { $0.set("uat", "scheduled", to: .boolean(true)) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["s.json"])
            #expect(try StatusFile.read(path: path)["observability", "notes"] == JSONValue("ours"))
            #expect(try StatusFile.read(path: path)["uat", "scheduled"] == .boolean(true))
        }
    }

    @Test func `files come back over what was written in their places, and where the work failed too`() async throws {
        try await withTemporaryDirectory { directory in
            let paths = ["\(directory)/s.json", "\(directory)/o.md", "\(directory)/none"]
            for path in paths.prefix(2) { try Data("ours\n".utf8).write(to: URL(fileURLWithPath: path)) }
            for fails in [false, true] {
                let files = try LockedFiles(paths)
                defer { files.unlock() }
                do {
                    try await files.aside {
                        #expect(!FileManager.default.fileExists(atPath: paths[0]))
                        try Data("theirs\n".utf8).write(to: URL(fileURLWithPath: paths[0]))
                        if fails { throw GitError(.failed, "it failed") }
                    }
                    #expect(!fails)
                } catch is GitError {
                    #expect(fails)
                }
                for path in paths.prefix(2) {
                    #expect(FileManager.default.contents(atPath: path) == Data("ours\n".utf8))
                }
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["o.md", "s.json"])
            }
        }
    }
}
