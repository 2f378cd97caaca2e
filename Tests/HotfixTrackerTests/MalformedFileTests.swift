import HotfixCore
import HotfixTestSupport
import Testing

@testable import HotfixTracker

private let carriageReturn =
    "a carriage return: the lines end as those of Windows do (CRLF), and the script's end with LF. `sed -i 's/\\r$//'` on the "
    + "file mends it; `git config core.autocrlf input` keeps git from making them"

/// A file that does not parse is an error that names the place, and is left as it was.
@Suite struct MalformedFileTests {
    @Test(arguments: [
        ("", "1:1: there is no value here"),
        ("\n  \n", "3:1: there is no value here"),
        ("{", "1:2: the end of the file where a key in quotes was expected"),
        ("{\n  \"branch\": {}\n  \"uat\": {}\n}", "3:3: '\"' where ',' or '}' was expected"),
        ("{\n  \"a\": 1,\n}", "3:1: '}' where a key in quotes was expected"),
        ("{\"a\": [1, 2,]}", "1:13: ']' where a value was expected"),
        ("{\"a\": [1 2]}", "1:10: '2' where ',' or ']' was expected"),
        ("{\"a\" 1}", "1:6: '1' where ':' was expected"),
        ("{a: 1}", "1:2: 'a' where a key in quotes was expected"),
        ("{'a': 1}", "1:2: ''' where a key in quotes was expected"),
        ("// note\n{}", "1:1: '/' where a value was expected"),
        ("{}\n}", "2:1: '}' after the end of the value"),
        ("{\"a\": True}", "1:7: 'T' where a value was expected"),
        ("{\"a\": NaN}", "1:7: 'N' where a value was expected"),
        ("{\"a\": 01}", "1:7: a number with a leading 0"),
        ("{\"a\": 1.}", "1:9: '}' where a digit was expected"),
        ("{\"a\": .5}", "1:7: '.' where a value was expected"),
        ("{\"a\": +5}", "1:7: '+' where a value was expected"),
        ("{\"a\": 1e}", "1:9: '}' where a digit was expected"),
        ("{\"a\": -}", "1:8: '}' where a digit was expected"),
        ("{\"a\": \"open}\n", "1:13: a control character inside a string; it has to be escaped"),
        ("{\"a\": \"open}", "1:7: a string that does not end"),
        ("{\"a\": \"\\x\"}", "1:8: an escape that JSON does not have"),
        ("{\"a\": \"\\u12g4\"}", "1:8: '\\u' without 4 hexadecimal digits"),
        ("{\"ä🚀\": \u{2013}}", "1:8: '\u{2013}' where a value was expected"),
        ("{\"a\": 1, \"b\": 2,\r\n \"\\u0061\": 3}", "2:2: the key \"a\" stands twice in one object"),
        ("\u{feff}{}", "1:1: a byte order mark, which JSON does not allow: save the text without one"),
        ("<<<<<<< HEAD\n{}", "1:1: '<' where a value was expected"),
        ("[]", "1:1: this is not an object"),
        ("null", "1:1: this is not an object"),
        ("{\n  \"a\": 1\r\n}\r\n", "2:9: \(carriageReturn)"),
        ("{\"ä\": 1}\r\n", "1:9: \(carriageReturn)"),
    ])
    func isNamedAndLeftAlone(_ text: String, _ problem: String) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write(text, to: path)
            let advice = "The file was left as it was: mend it there, or restore it from git."
            let expected = "\(path):\(problem). \(advice)"
            #expect(message { try StatusFile.read(path: path) } == expected)
            #expect(message { try StatusFile.update(path: path, at: Instant(0)) { $0 = StatusFile() } } == expected)
            #expect(try contents(path) == text)
            #expect(try names(in: directory) == ["status.json"])
        }
    }

    @Test("A byte that is not UTF-8 is named by its place")
    func encoding() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write(bytes: Array("{\"ä\":\n \"".utf8) + [0xC3, 0x28] + Array("\"}".utf8), to: path)
            let error = try #require(throws: StatusFileError.self) { try StatusFile.read(path: path) }
            #expect(error.syntax == JSONSyntaxError(line: 2, column: 3, message: "a byte that is not UTF-8"))
        }
    }

    @Test("What is no file, or may not be reached, is refused with its reason")
    func noFile() async throws {
        try await withTemporaryDirectory { directory in
            let whole = "\(directory): this is not a file. Name a file."
            #expect(message { try StatusFile.read(path: directory) } == whole)
            try write("", to: directory + "/file")
            let inside = directory + "/file/status.json"
            let refused =
                "\(inside): it could not be read: Not a directory. Check the path, and that whoever runs hotfix may read "
                + "and write there."
            #expect(message { try StatusFile.read(path: inside) } == refused)
        }
    }

    @Test("A circle of symbolic links is refused")
    func circle() async throws {
        try await withTemporaryDirectory { directory in
            try link(directory + "/a", to: "b")
            try link(directory + "/b", to: "a")
            let path = directory + "/a"
            let expected =
                "\(path): it could not be found: Too many levels of symbolic links. Check the path, and that whoever runs "
                + "hotfix may read and write there."
            #expect(message { try StatusFile.update(path: path, at: Instant(0)) { $0 = StatusFile() } } == expected)
        }
    }
}
