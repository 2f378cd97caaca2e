import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

/// The built program as it is installed: one process that serves, and others that ask it.
@Suite("hotfix serve as a process", .heavy, .serialized)
struct ServeProcessTests {
    @Test("answers the built commands, and ends with 0 when it is told to", arguments: [SIGTERM, SIGINT])
    func life(signal: Int32) async throws {
        try await withTemporaryDirectory { directory in
            let served = try await ServedProcess.start(directory, try ServedProcess.settings(directory))
            let commit = String(repeating: "a1", count: 20)
            let deployed = try await served.run("deployed", "--commit", commit, "--no-incident")
            #expect(deployed.exitStatus == 0, "\(deployed.output)")
            let list = try await served.run("deployed", "--list")
            #expect(list.exitStatus == 0)
            #expect(list.output.contains(commit))
            let readiness = try await served.run("readiness")
            #expect(readiness.exitStatus == 1)
            #expect(readiness.output.hasPrefix("NOT READY: "))
            let gate = try await served.run("gate", "--commit", commit)
            #expect(gate.exitStatus == 1)
            #expect(try await served.run("deployed", "--close", token: nil).exitStatus == 2)
            kill(served.process.pid, signal)
            let ending = await served.process.ending()
            #expect(ending.exitStatus == 0, "\(ending.output)")
            #expect(!ending.output.contains(ServedProcess.token))
            let after = try await served.run("readiness")
            #expect(after.exitStatus == 3)
            #expect(after.output.contains(served.url))
        }
    }

    @Test("a server that is killed while statements come leaves a ledger that holds each whole, and what was told")
    func killed() async throws {
        try await withTemporaryDirectory { directory in
            let config = try ServedProcess.settings(directory)
            for round in 0..<3 {
                let served = try await ServedProcess.start(directory, config)
                let told = try await withThrowingTaskGroup(of: (String, SpawnedCommand.Ending).self) { group in
                    for number in 0..<6 {
                        let reason = "round \(round) number \(number)"
                        group.addTask {
                            let run = try await served.run(
                                "baseline", "exclude", "2026-11-19T10:00:00Z/2026-11-19T11:00:00Z", "--reason", reason)
                            return (reason, run)
                        }
                    }
                    var endings: [(String, SpawnedCommand.Ending)] = []
                    for try await ending in group {
                        endings.append(ending)
                        if endings.count == 2 { served.process.kill() }
                    }
                    return endings
                }
                _ = await served.process.ending()
                let list = try await SpawnedCommand.start(
                    served.program, ["baseline", "list", "--config", config],
                    environment: ["WRITE_TOKEN": ServedProcess.token], outputFile: "\(directory)/list.out"
                ).ending()
                #expect(list.exitStatus == 0)
                for (reason, ending) in told {
                    #expect([0, 3].contains(ending.exitStatus), "\(ending.output)")
                    // What was told to be recorded is there, and what is not there was never told to be.
                    if ending.exitStatus == 0 { #expect(list.output.contains(reason)) }
                    if ending.exitStatus == 3, list.output.contains(reason) {
                        #expect(ending.output.contains("is not known"))
                    }
                }
            }
        }
    }

    @Test(
        "an agent that is told to end while a source keeps it waiting ends in time, and leaves ledger and lock as they should be"
    )
    func ended() async throws {
        let asked = AsyncStream.makeStream(of: Void.self)
        try await withTemporaryDirectory { directory in
            let config = try await withLoopbackServer({ _ in
                asked.continuation.yield()
                // Nobody waits for the answer to the end.
                try? await Task.sleep(for: .seconds(60))
                return .answer(status: 503)
            }) { source in
                let config = try ServedProcess.settings(directory, prometheus: source.url)
                let served = try await ServedProcess.start(directory, config, "--check-every", "1m")
                for await _ in asked.stream { break }
                let beside = try await SpawnedCommand.start(
                    served.program, ["check", "--config", config], environment: ["WRITE_TOKEN": ServedProcess.token],
                    outputFile: "\(directory)/beside.out"
                ).ending()
                #expect(beside.exitStatus == 4, "\(beside.output)")
                let began = ContinuousClock.now
                kill(served.process.pid, SIGTERM)
                let ending = await served.process.ending()
                #expect(ending.exitStatus == 0, "\(ending.output)")
                #expect(.now - began < .seconds(40))
                return config
            }
            let program = try SpawnedCommand.builtProgram("hotfix")
            for (arguments, status) in [(["ledger", "export"], Int32(0)), (["check"], 3)] {
                let run = try await SpawnedCommand.start(
                    program, arguments + ["--config", config], environment: ["WRITE_TOKEN": ServedProcess.token],
                    outputFile: "\(directory)/after.out"
                ).ending()
                #expect(run.exitStatus == status, "\(arguments) \(run.output)")
            }
        }
    }
}
