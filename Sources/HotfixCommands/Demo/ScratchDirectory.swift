import Dispatch
import Foundation
import HotfixCore

/// A temporary directory that is removed in the end, also where the user interrupts.
final class ScratchDirectory {
    /// Its path.
    let path: String
    private let watches: [any DispatchSourceSignal]
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// Makes the directory.
    ///
    /// - Throws: `CommandError` where the system refuses.
    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("hotfix-demo-\(UUID().uuidString)")
        let path = url.path
        self.path = path
        watches = Self.signals.map { number in
            signal(number, SIG_IGN)
            let watch = DispatchSource.makeSignalSource(signal: number, queue: .global())
            watch.setEventHandler {
                Self.remove(path)
                _exit(128 + number)
            }
            // A signal that comes before would be lost: the process ignores it, and nobody watches yet.
            let isWatched = DispatchSemaphore(value: 0)
            watch.setRegistrationHandler { isWatched.signal() }
            watch.resume()
            isWatched.wait()
            return watch
        }
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandError(
                .unusable,
                "No temporary directory can be made in '\(url.deletingLastPathComponent().path)':"
                    + " \(oneLine(error.localizedDescription)) Set TMPDIR to one that can be written, or use --keep.")
        }
    }

    /// Removes the directory with everything in it.
    func remove() {
        for watch in watches { watch.cancel() }
        for number in Self.signals { signal(number, SIG_DFL) }
        Self.remove(path)
    }

    private static func remove(_ path: String) {
        // Interrupted, a command may still be making files in it.
        for attempt in 1...3 where FileManager.default.fileExists(atPath: path) {
            do {
                try FileManager.default.removeItem(atPath: path)
            } catch  where attempt < 3 {
                continue
            } catch {
                Surroundings.current.writeError(
                    "hotfix: '\(path)' could not be removed: \(oneLine(error.localizedDescription)) Remove it.\n")
            }
        }
    }
}
