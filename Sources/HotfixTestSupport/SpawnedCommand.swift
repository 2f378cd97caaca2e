import Foundation

/// A command run as a process of its own, which can be killed, and whose use of the machine is counted.
package struct SpawnedCommand: Sendable {
    /// How a process ended, and what it used.
    package struct Ending: Sendable {
        /// What it ended with; nil where a signal ended it.
        package var exitStatus: Int32?
        /// User and system time in seconds.
        package var cpuSeconds: Double
        /// The largest resident size in KiB that was seen, looking every half millisecond; 0 where nobody looked.
        ///
        /// The kernel's own figure for a child counts what its parent held when it was started.
        package var residentKiB: Int
        /// What it printed on standard output and error.
        package var output: String
    }

    /// Why a command could not be started.
    package struct Failure: Error, CustomStringConvertible {
        /// What happened.
        package let description: String

        /// Makes a failure.
        package init(description: String) {
            self.description = description
        }
    }

    /// The process's number.
    package let pid: Int32
    private let outputFile: String

    /// Starts a command.
    ///
    /// - Parameters:
    ///   - path: The program.
    ///   - arguments: Its arguments, without its name.
    ///   - environment: Its environment.
    ///   - outputFile: Where its output goes.
    /// - Returns: The process, running.
    /// - Throws: ``Failure`` where the system refuses to start it.
    package static func start(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], outputFile: String
    ) throws -> SpawnedCommand {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputFile, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // As from a shell: the threads of the tests block signals that end a process, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var ending = sigset_t()
        sigemptyset(&none)
        sigemptyset(&ending)
        for number in [SIGINT, SIGTERM] { sigaddset(&ending, number) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &ending)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var argv = ([path] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, path, &actions, &attributes, &argv, &envp)
        guard status == 0 else {
            throw Failure(description: "\(path) could not be started: \(String(cString: strerror(status)))")
        }
        return SpawnedCommand(pid: pid, outputFile: outputFile)
    }

    /// Ends the process as a crash would: at once, and wherever it is.
    package func kill() {
        Foundation.kill(pid, SIGKILL)
    }

    /// Waits for the end of the process; to be called once.
    ///
    /// - Parameter watchingMemory: Whether its resident size is looked at meanwhile, which costs time of the machine.
    /// - Returns: How it ended.
    package func ending(watchingMemory: Bool = false) async -> Ending {
        let pid = pid
        let outputFile = outputFile
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var status: Int32 = 0
                var usage = rusage()
                var resident = 0
                let options = watchingMemory ? WNOHANG : 0
                while true {
                    let ended = wait4(pid, &status, options, &usage)
                    if ended == 0 {
                        resident = max(resident, residentKiB(of: pid))
                        usleep(500)
                    } else if ended == pid || errno != EINTR {
                        break
                    }
                }
                let output = (try? String(contentsOfFile: outputFile, encoding: .utf8)) ?? ""
                continuation.resume(
                    returning: Ending(
                        exitStatus: status & 0x7f == 0 ? (status >> 8) & 0xff : nil,
                        cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), residentKiB: resident,
                        output: output))
            }
        }
    }

    /// The program of this package that was built beside the running tests.
    ///
    /// - Throws: ``Failure`` where it is not there.
    package static func builtProgram(_ name: String) throws -> String {
        let candidates = CommandLine.arguments.filter { $0.contains(".xctest") || $0.hasPrefix("/") }
        for candidate in candidates {
            var directory = candidate
            while let slash = directory.lastIndex(of: "/") {
                directory = String(directory[..<slash])
                let path = "\(directory)/\(name)"
                var isDirectory: ObjCBool = false
                if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue,
                    FileManager.default.isExecutableFile(atPath: path), directory.contains("/.build/")
                {
                    return path
                }
            }
        }
        throw Failure(description: "The program '\(name)' was not built beside the tests: \(CommandLine.arguments)")
    }
}

private func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

/// The largest resident size of a process so far, in KiB; 0 where it is gone.
private func residentKiB(of pid: Int32) -> Int {
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
    else { return 0 }
    return Int(line.filter(\.isNumber)) ?? 0
}
