import Foundation
import Glibc
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

private let script = StatusFile().text

/// What cannot be a status file, or cannot be written, is an error that says so, and is left as it was.
@Suite(.heavy) struct UnfitFileTests {
    @Test("A file that is cut off is an error wherever that is, and left alone")
    func cutOff() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            let whole = Array(script.utf8)
            // Without its last newline it is still whole.
            for length in stride(from: 0, to: whole.count - 1, by: 1) {
                let part = Array(whole[..<length])
                try write(bytes: part, to: path)
                let error = #expect(throws: StatusFileError.self) {
                    try StatusFile.update(path: path, at: Instant(0)) { $0.root["history"] = .array([]) }
                }
                #expect(error?.syntax != nil, "\(length) bytes")
                #expect(Array(contentsOfFile(path)) == part)
            }
            #expect(try names(in: directory) == ["status.json"])
        }
    }

    @Test("A file of 50 MB is refused before it is read")
    func large() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write("{}", to: path)
            #expect(truncate(path, 50_000_000) == 0)
            let said = message { try StatusFile.update(path: path, at: Instant(0)) { $0 = StatusFile() } }
            #expect(
                said
                    == "\(path): it has 50000000 bytes, and no more than 8388608 are read or written. The file was left as it "
                    + "was: see what fills it, and restore it from git.")
            var facts = stat()
            #expect(stat(path, &facts) == 0 && facts.st_size == 50_000_000)
        }
    }

    @Test("A change that would make a file too large to be read again is refused")
    func growing() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write(script, to: path)
            let note = String(repeating: "x", count: StatusFile.sizeLimit)
            let error = #expect(throws: StatusFileError.self) {
                try StatusFile.update(path: path, at: Instant(0)) { $0.set("uat", "note", to: JSONValue(note)) }
            }
            #expect(error?.message.hasPrefix("it has 8") == true)
            #expect(try contents(path) == script)
            #expect(try names(in: directory) == ["status.json"])
        }
    }

    @Test("A file that is read-only is not replaced, whoever asks")
    func readOnly() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write(script, to: path)
            #expect(chmod(path, 0o444) == 0)
            #expect(try StatusFile.read(path: path) == StatusFile())
            let said = message { try StatusFile.update(path: path, at: Instant(0)) { $0.root["a"] = .null } }
            #expect(
                said
                    == "\(path): it is read-only, and was left as it was. If it may be changed, `chmod u+w` it, and run the "
                    + "command again.")
            #expect(try contents(path) == script)
            #expect(try names(in: directory) == ["status.json"])
        }
    }

    @Test("A disk that is full leaves the file, and nothing beside it")
    func fullDisk() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write(script, to: path)
            await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
                // No file of the process grows beyond this from here on.
                signal(SIGXFSZ, SIG_IGN)
                var limit = rlimit(rlim_cur: 300, rlim_max: 300)
                setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
                let said = message { try StatusFile.update(path: path, at: Instant(0)) { $0.root["a"] = .null } }
                let expected =
                    "\(path): it could not be written: File too large. It was left as it was: make room on its disk, or raise "
                    + "the limit, and run the command again."
                exit(said == expected ? 7 : 1)
            }
            #expect(try contents(path) == script)
            #expect(try names(in: directory) == ["status.json"])
        }
    }

    @Test(
        "A value of another type than the script's is named by its keys, and nothing is lost",
        arguments: [
            (#"{"branch": 5}"#, "branch is a number: write an object"),
            (#"{"branch": []}"#, "branch is a list: write an object"),
            (#"{"branch": {"name": 5}}"#, "branch.name is a number: write a text"),
            (#"{"branch": {"base": {}}}"#, "branch.base is an object: write a text"),
            (#"{"branch": {"created": "yes"}}"#, "branch.created is a text: write true or false"),
            (#"{"branch": {"pushed": 1}}"#, "branch.pushed is a number: write true or false"),
            (#"{"branch": {"createdAt": true}}"#, "branch.createdAt is true: write a text"),
            (#"{"branch": {"milestoneTags": {}}}"#, "branch.milestoneTags is an object: write a list"),
            (#"{"branch": {"milestoneTags": ["v1"]}}"#, "branch.milestoneTags[0] is a text: write an object"),
            (#"{"branch": {"milestoneTags": [null]}}"#, "branch.milestoneTags[0] is null: write an object"),
            (#"{"branch": {"milestoneTags": [{}]}}"#, "branch.milestoneTags[0].name is missing: write a text"),
            (#"{"observability": "done"}"#, "observability is a text: write an object"),
            (#"{"observability": {"notes": []}}"#, "observability.notes is a list: write a text"),
            (#"{"uat": {"scheduled": "2025-10-22"}}"#, "uat.scheduled is a text: write true or false"),
            (
                #"{"decommission": {"mergedToMain": "done"}}"#,
                "decommission.mergedToMain is a text: write true or false"
            ),
            (#"{"lastUpdated": 5}"#, "lastUpdated is a number: write a text"),
        ])
    func otherTypes(_ text: String, _ problem: String) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write(text, to: path)
            let expected = "\(path): \(problem) there, or restore the file from git; it was left as it was."
            #expect(message { try StatusFile.read(path: path) } == expected)
            let said = message {
                try StatusFile.update(path: path, at: Instant(0)) { $0.set("branch", "name", to: JSONValue("x")) }
            }
            #expect(said == expected)
            #expect(try contents(path) == text)
        }
    }
}

private func contentsOfFile(_ path: String) -> Data { FileManager.default.contents(atPath: path) ?? Data() }
