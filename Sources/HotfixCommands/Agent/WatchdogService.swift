import HotfixCore
import ServiceLifecycle

/// Tells the service manager that the process lives, as often as that asks for, and when it ends.
struct WatchdogService: ServiceLifecycle.Service {
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

    private var hangs: Bool { record?.state.turn?.hangs(at: .now) ?? false }
}
