import HotfixConfiguration
import HotfixCore

/// A configuration that stood still while it was read: neither it nor a policy that it names was written to meanwhile.
struct SteadyConfiguration {
    /// The files that it was read from, as they were.
    var stamps: [String: FileStamp]
    /// When it was read.
    var readAt: Instant
    /// What it says; a failure where it is wrong.
    var workplace: Result<Workplace, SettingsError>

    /// Reads a configuration.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - known: Files that belonged to it when it was read before.
    ///   - secrets: What secrets are needed for.
    ///   - surroundings: The clock, the environment and the directory.
    /// - Throws: `CommandError` where it changes all the time.
    init(
        _ path: String, known: [String] = [], secrets: Set<SecretUse> = [], _ surroundings: Surroundings
    ) throws {
        var files = Set(known + [path.hasPrefix("/") ? path : "\(surroundings.directory)/\(path)"])
        for _ in 0..<5 {
            let before = Self.stamps(of: files)
            let readAt = surroundings.now
            let workplace = Self.read(path, secrets, surroundings)
            let named = (try? workplace.get().settings.services.compactMap(\.policyFile)) ?? []
            guard files.isSuperset(of: named) else {
                files.formUnion(named)
                continue
            }
            guard Self.stamps(of: files) == before else { continue }
            (self.stamps, self.readAt, self.workplace) = (before, readAt, workplace)
            return
        }
        throw CommandError(.unfinished, "The configuration '\(path)' changes all the time. Try again.")
    }

    /// The files as they are now.
    static func stamps(of files: some Sequence<String>) -> [String: FileStamp] {
        Dictionary(files.map { ($0, FileStamp($0)) }) { $1 }
    }

    private static func read(
        _ path: String, _ secrets: Set<SecretUse>, _ surroundings: Surroundings
    ) -> Result<Workplace, SettingsError> {
        Surroundings.$current.withValue(surroundings) {
            do { return .success(try Workplace(config: path, secrets: secrets)) } catch let error as SettingsError {
                return .failure(error)
            } catch {
                return .failure(SettingsError([Diagnostic(file: path, message: "\(error)")]))
            }
        }
    }
}
