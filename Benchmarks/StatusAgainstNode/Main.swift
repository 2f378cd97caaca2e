import Foundation
import HotfixTestSupport

/// Measures `hotfix status` against a Node script that reads and prints the same file.
///
/// Call: `status-against-node HOTFIX-BINARY [RUNS]`. Both take turns, and every other time the script begins, so that a machine that
/// slows down slows both of them. `true` shows what starting any program takes.
@main
enum Main {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1 else {
            print("usage: status-against-node HOTFIX-BINARY [RUNS]")
            exit(2)
        }
        let runs = max(1, arguments.count > 2 ? Int(arguments[2]) ?? 100 : 100)
        try await withTemporaryDirectory { directory in
            let (file, script) = ("\(directory)/hotfix-status.json", "\(directory)/status.js")
            try Sample.file.write(toFile: file, atomically: true, encoding: .utf8)
            try Sample.script.write(toFile: script, atomically: true, encoding: .utf8)
            let contestants = [
                Contestant("hotfix status", [arguments[1], "status", "--file-only", "--status-file", file]),
                Contestant("node, JSON read and printed", ["/usr/bin/node", script, file]),
                Contestant("true", ["/bin/true"]),
            ]
            let figures = try race(contestants, runs: runs)
            for (contestant, figure) in zip(contestants, figures) {
                print(
                    contestant.name.padding(toLength: 34, withPad: " ", startingAt: 0)
                        + String(
                            format: "%8.2f ms wall %8.2f ms cpu, median of %d", figure.wall * 1000, figure.cpu * 1000,
                            runs))
            }
            print(
                String(
                    format: "node / hotfix: %.1f wall, %.1f cpu", figures[1].wall / figures[0].wall,
                    figures[1].cpu / figures[0].cpu))
        }
    }

    /// Has all of them run in turn, and in the opposite order every other time.
    private static func race(_ contestants: [Contestant], runs: Int) throws -> [Figure] {
        var figures = [[Figure]](repeating: [], count: contestants.count)
        // The first round has files read that later ones find in memory.
        for contestant in contestants { _ = try contestant.run() }
        for round in 0..<runs {
            let order = Array(contestants.indices)
            for index in round.isMultiple(of: 2) ? order : order.reversed() {
                figures[index].append(try contestants[index].run())
            }
        }
        return figures.map(Figure.median)
    }
}

/// A program that takes part.
struct Contestant {
    let name: String
    private let words: [String]

    init(_ name: String, _ words: [String]) {
        self.name = name
        self.words = words
    }

    /// Runs it once, from being started to having been waited for.
    func run() throws -> Figure {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        var argv = words.map { strdup($0) } + [nil]
        // Neither is to find a configuration, or options for Node, by the environment.
        var envp: [UnsafeMutablePointer<CChar>?] = [nil]
        defer { argv.forEach { free($0) } }
        let clock = ContinuousClock()
        let began = clock.now
        var process: pid_t = 0
        let code = posix_spawn(&process, words[0], &actions, nil, &argv, &envp)
        guard code == 0 else { throw Failure(description: "\(words[0]): \(String(cString: strerror(code)))") }
        var (status, used): (Int32, rusage) = (0, rusage())
        while wait4(process, &status, 0, &used) < 0 {
            guard errno == EINTR else {
                throw Failure(description: "\(words[0]) could not be waited for: \(String(cString: strerror(errno)))")
            }
        }
        guard status == 0 else { throw Failure(description: "\(words) ended with the wait status \(status)") }
        return Figure(wall: seconds(clock.now - began), cpu: seconds(used.ru_utime) + seconds(used.ru_stime))
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}

/// What a run took, in seconds.
struct Figure {
    var wall: Double
    var cpu: Double

    static func median(_ figures: [Figure]) -> Figure {
        func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
        return Figure(wall: middle(figures.map(\.wall)), cpu: middle(figures.map(\.cpu)))
    }
}

/// What both of them read.
private enum Sample {
    static let script = """
        const { readFileSync } = require("node:fs");
        console.log(JSON.stringify(JSON.parse(readFileSync(process.argv[2], "utf8")), null, 2));
        """
    /// As the release script leaves it in the middle of a hotfix.
    static let file = """
        {
          "branch": {
            "name": "release/hotfix-20251022",
            "base": "origin/main",
            "created": true,
            "pushed": true,
            "createdAt": "2025-10-22T14:30:11.112Z",
            "milestoneTags": [
              {
                "name": "milestone/release/hotfix-20251022/staging",
                "ref": "HEAD",
                "createdAt": "2025-10-22T14:35:02.871Z"
              }
            ]
          },
          "observability": {
            "sentryThresholdConfigured": true,
            "otelThresholdConfigured": false,
            "notes": null
          },
          "uat": {
            "scheduled": true,
            "scheduledAt": "2025-10-22T16:00:00.000Z",
            "feedbackLogged": false
          },
          "decommission": {
            "mergedToMain": false,
            "legacyBranchesRemoved": false,
            "documentationUpdated": false
          },
          "lastUpdated": "2025-10-22T14:40:19.302Z"
        }

        """
}

private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}

private func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
