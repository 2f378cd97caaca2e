import HotfixCore
import ServiceLifecycle

/// Tells the service manager that the process lives, as often as that asks for, and when it ends.
struct WatchdogService: ServiceLifecycle.Service {
    /// A check that runs for so many seconds hangs; the timer's unit ends one after as long.
    static let longestCheck: Seconds = 1800

    let manager: ServiceManager
    /// What the agent does; nil where there is none.
    let record: AgentRecord?
    let surroundings: Surroundings

    /// Tells until it is told to end.
    func run() async {
        guard let seconds = manager.watchdogSeconds else {
            // Only waits; being cancelled ends that as well.
            try? await gracefulShutdown()
            manager.tell("STOPPING=1")
            return
        }
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            if !hangs { manager.tell("WATCHDOG=1") }
            let surroundings = surroundings
            _ = try? await cancelWhenGracefulShutdown { try await surroundings.sleep(.seconds(seconds / 2)) }
        }
        manager.tell("STOPPING=1")
    }

    private var hangs: Bool {
        record?.state.runningSince.map { .now - $0 > .seconds(Self.longestCheck) } ?? false
    }
}
