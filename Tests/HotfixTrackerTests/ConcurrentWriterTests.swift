import Foundation
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

/// Adds an element to the file's history.
private func note(_ text: String, in path: String) throws {
    try StatusFile.update(path: path, at: Instant(0)) { status in
        var history: [JSONValue] = []
        if case .array(let known)? = status.root["history"] { history = known }
        status.root["history"] = .array(history + [JSONValue(text)])
    }
}

private func history(_ path: String) throws -> Set<String> {
    guard case .array(let elements)? = try StatusFile.read(path: path).root["history"] else { return [] }
    return Set(elements.map(\.text))
}

/// Two writers at once lose nothing.
@Suite(.heavy) struct ConcurrentWriterTests {
    @Test("Many tasks of one process")
    func tasks() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 { group.addTask { try note("\(number)", in: path) } }
                try await group.waitForAll()
            }
            #expect(try history(path) == Set((0..<40).map { "\"\($0)\"" }))
            #expect(try names(in: directory) == ["status.json"])
        }
    }

    @Test("Several processes")
    func processes() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            await withTaskGroup(of: Void.self) { group in
                for name in ["a", "b", "c"] {
                    group.addTask {
                        await #expect(processExitsWith: .success) { [path = path as String, name = name as String] in
                            for number in 0..<20 { try note("\(name)\(number)", in: path) }
                        }
                    }
                }
            }
            let noted = try history(path)
            #expect(noted == Set(["a", "b", "c"].flatMap { name in (0..<20).map { "\"\(name)\($0)\"" } }))
        }
    }

    @Test("A writer that dies gives its lock back, and what it left behind is cleared away")
    func death() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write("{\"a\": 1}", to: path)
            try write("{\"ha", to: directory + "/.status.json.tmp")
            await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
                try StatusFile.update(path: path, at: Instant(0)) { _ in exit(7) }
            }
            try note("after", in: path)
            #expect(try history(path) == ["\"after\""])
            #expect(try names(in: directory) == ["status.json"])
        }
    }

    @Test("A child that was just forked, and still has the writer's descriptors, keeps nobody from writing")
    func inherited() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            var copies: [Int32] = []
            defer { for copy in copies { close(copy) } }
            try StatusFile.update(path: path, at: Instant(0)) { status in
                copies = copiesOfDescriptors(for: directory)
                status.root["history"] = .array([])
            }
            #expect(!copies.isEmpty)
            let clock = ContinuousClock()
            let start = clock.now
            try note("after", in: path)
            #expect(clock.now - start < .seconds(9))
        }
    }

    @Test("What someone without a lock wrote meanwhile is read again")
    func withoutLock() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write("{\"team\": 1}", to: path)
            var attempts = 0
            try StatusFile.update(path: path, at: Instant(0)) { status in
                attempts += 1
                if attempts == 1 { try write("{\"team\": 2, \"by\": \"hand\"}", to: path) }
                status.root["history"] = .array([])
            }
            let expected: JSONObject = [
                "team": JSONValue(2), "by": JSONValue("hand"), "lastUpdated": JSONValue("1970-01-01T00:00:00.000Z"),
                "history": .array([]),
            ]
            #expect(Set(try StatusFile.read(path: path).root.members) == Set(expected.members))
        }
    }

    @Test("Someone who writes all the time is told of, and keeps the last word")
    func endlessly() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            var text = "{}"
            let error = message {
                try StatusFile.update(path: path, at: Instant(0)) { status in
                    text += " "
                    try write(text, to: path)
                    status.root["history"] = .array([])
                }
            }
            let expected = "\(path): another program keeps writing it. Find out which, and run the command again."
            #expect(error == expected)
            let left = try contents(path)
            #expect(left == text)
        }
    }
}
