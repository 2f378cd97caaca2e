import Foundation
import HotfixTestSupport
import Synchronization
import Testing

/// A small machine: systemd as the first process of its own namespaces, with nothing but the installed units to run.
///
/// It shares the network with the tests, has directories of the test's own as `/etc`, `/var/lib` and `/usr/local`, and
/// keeps them when it is switched off.
final class RealSystemd {
    /// What stays when the machine is off.
    private let directory: String
    private let installation: String
    private var machine: SpawnedCommand
    private var firstProcess: FirstProcess

    /// The machine's first process, which takes all others with it; it is ended once.
    private final class FirstProcess: Sendable {
        let pid: Int32
        private let isOn = Mutex(true)

        init(_ pid: Int32) { self.pid = pid }

        func end() {
            let wasOn = isOn.withLock { isOn in
                defer { isOn = false }
                return isOn
            }
            if wasOn { kill(pid, SIGKILL) }
        }
    }

    /// The machine's directory of this path, as seen from outside.
    func path(_ inside: String) -> String {
        inside.hasPrefix("/usr/local/") ? installation + inside.dropFirst("/usr/local".count) : directory + inside
    }

    private init(directory: String, installation: String, machine: SpawnedCommand, firstProcess: FirstProcess) {
        self.directory = directory
        self.installation = installation
        self.machine = machine
        self.firstProcess = firstProcess
    }

    /// Whether such a machine can be had here: this takes root, and the rights to make namespaces and cgroups.
    ///
    /// - Throws: Why not, where `HOTFIX_REQUIRE_SYSTEMD` says that it must.
    static func canRun() async throws -> Bool {
        let isRequired = ProcessInfo.processInfo.environment["HOTFIX_REQUIRE_SYSTEMD"] != nil
        guard geteuid() == 0 || isRequired else { return false }
        do {
            try await withMachine(installation: "/usr/local") { _ in }
            return true
        } catch {
            if isRequired { throw error }
            print("No systemd can be run here, so its tests are left out: \(error)")
            return false
        }
    }

    /// Runs a body with a machine that has been switched on, and ends with the body; `installation` is its `/usr/local`.
    static func withMachine<T>(installation: String, _ body: (RealSystemd) async throws -> T) async throws -> T {
        try await withTemporaryDirectory { directory in
            let prepared = try await shell(
                """
                set -e
                mkdir -p usr var/lib/hotfix units
                cp -a /etc etc
                ln -s '\(installation)' usr/local
                rm -rf etc/systemd etc/hotfix
                mkdir -p etc/systemd/system etc/hotfix
                printf '[Manager]\\nLogTarget=console\\n' >etc/systemd/system.conf
                for target in sysinit basic shutdown timers network-online time-set time-sync; do
                    printf '[Unit]\\nDefaultDependencies=no\\n' >units/$target.target
                done
                printf '[Unit]\\nDefaultDependencies=no\\nWants=timers.target\\n' >units/machine.target
                """, in: directory)
            guard prepared.exitStatus == 0 else { throw SpawnedCommand.Failure(description: prepared.output) }
            try boot.write(toFile: "\(directory)/boot", atomically: false, encoding: .utf8)
            try setUp.write(toFile: "\(directory)/set-up", atomically: false, encoding: .utf8)
            let (machine, firstProcess) = try await start(directory)
            let systemd = RealSystemd(
                directory: directory, installation: installation, machine: machine, firstProcess: firstProcess)
            do {
                let value = try await body(systemd)
                await systemd.switchOff()
                await removeControlGroup(directory)
                return value
            } catch {
                await systemd.switchOff()
                await removeControlGroup(directory)
                throw error
            }
        }
    }

    /// Runs a shell's command line on the machine, as root.
    func run(_ script: String) async throws -> SpawnedCommand.Ending {
        let script = script.replacing("'", with: "'\\''")
        return try await shell("exec nsenter -t \(firstProcess.pid) -a /bin/sh -c '\(script)'")
    }

    /// The power goes: every process of the machine is gone at once.
    var powerLoss: @Sendable () -> Void {
        let firstProcess = firstProcess
        return { firstProcess.end() }
    }

    /// Switches it on again after a loss of power.
    func switchOn() async throws {
        await switchOff()
        (machine, firstProcess) = try await Self.start(directory)
    }

    private func switchOff() async {
        powerLoss()
        _ = await machine.ending()
    }

    private static func start(_ directory: String) async throws -> (SpawnedCommand, FirstProcess) {
        try? FileManager.default.removeItem(atPath: "\(directory)/pid")
        // No test runs for so long: should this process be killed, the machine ends by itself.
        let machine = try SpawnedCommand.start(
            "/usr/bin/timeout",
            [
                "--signal=KILL", "600", "/usr/bin/unshare", "--mount", "--propagation=private", "/bin/sh",
                "\(directory)/boot", directory,
            ], environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], outputFile: "\(directory)/log")
        let isUp = try await shell(
            """
            for attempt in $(seq 150); do
                read -r pid <'\(directory)/pid' && nsenter -t "$pid" -a systemctl is-active --quiet machine.target && exit 0
                sleep 0.1
            done 2>/dev/null
            exit 1
            """)
        let pid = (try? String(contentsOfFile: "\(directory)/pid", encoding: .utf8)).flatMap {
            Int32($0.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        guard isUp.exitStatus == 0, let pid else {
            if let pid { kill(pid, SIGKILL) }
            machine.kill()
            let log = await machine.ending().output
            throw SpawnedCommand.Failure(description: "systemd did not start: \(log)")
        }
        return (machine, FirstProcess(pid))
    }

    private static func removeControlGroup(_ directory: String) async {
        _ = try? await shell(
            """
            unshare --mount --propagation=private /bin/sh -c '
                mount -t cgroup2 none "$0/units" && find "$0/units/${0##*/}" -depth -type d -exec rmdir {} +' '\(directory)'
            """)
    }

    /// Runs in a mount namespace of its own; its control group is what becomes the machine's root.
    private static let boot = """
        set -e
        directory=$1
        mkdir -p "$directory/cgroup"
        mount -t cgroup2 none "$directory/cgroup"
        group=$directory/cgroup/${directory##*/}
        mkdir -p "$group"
        echo $$ >"$group/cgroup.procs"
        export container=test
        exec unshare --fork --kill-child --pid --mount --uts --ipc --cgroup /bin/sh "$directory/set-up" "$directory"
        """

    /// Makes the machine's file system, and becomes systemd.
    private static let setUp = """
        set -e
        directory=$1
        # /proc is still that of outside.
        read -r pid rest </proc/self/stat
        mount --make-rshared /
        mount -t proc proc /proc
        # Nothing in here may set the kernel's parameters.
        mount --bind -o ro /proc/sys /proc/sys
        umount --recursive --lazy /sys/fs/cgroup
        mount -t cgroup2 none /sys/fs/cgroup
        mount -t tmpfs -o mode=755 none /run
        if [ -e /dev/console ]; then mount --bind /dev/null /dev/console; fi
        mount --bind "$directory/etc" /etc
        mount --rbind "$directory/var/lib" /var/lib
        mount --bind "$(readlink "$directory/usr/local")" /usr/local
        mount --bind "$directory/units" /usr/lib/systemd/system
        echo "$pid" >"$directory/pid"
        exec /lib/systemd/systemd --system --unit=machine.target
        """
}
