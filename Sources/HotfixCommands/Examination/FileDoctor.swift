import Foundation
import HotfixConfiguration
import HotfixCore
import HotfixStore
import HotfixTracker

/// Looks at the files that a configuration names, and writes none.
struct FileDoctor {
    private let settings: Settings
    private let ledgerPath: String
    private let surroundings: Surroundings
    private(set) var diagnosis = Diagnosis()
    /// What the ledger holds besides windows; nil where there is none that can be read.
    private(set) var facts: LedgerFacts?

    init(_ workplace: Workplace, _ surroundings: Surroundings) {
        settings = workplace.settings
        ledgerPath = workplace.ledgerPath
        self.surroundings = surroundings
    }

    mutating func run() {
        examineLedger()
        examineTracker()
        examineConfiguration()
    }

    private mutating func find(
        _ severity: Finding.Severity, _ code: FindingCode, _ path: String, _ what: String, remedy: String
    ) {
        diagnosis.findings.append(Finding(severity, code, .file(path), what, remedy: remedy))
    }

    private mutating func examineLedger() {
        let directory = nearestDirectory(to: ledgerPath)
        if let kind = networkFileSystem(of: directory) {
            find(
                .warning, .networkFileSystem, ledgerPath,
                "The ledger's directory '\(directory)' is on a network file system (\(kind)), whose locks several machines"
                    + " cannot rely on.",
                remedy: "Keep the ledger on a local disk of the machine that runs `hotfix check`: set `state`.")
        }
        if let obstacle = FileFacts.obstacle(at: ledgerPath) {
            find(
                .problem, .ledgerUnusable, ledgerPath, "It cannot be looked at: \(obstacle).",
                remedy: "Run hotfix doctor as the user that runs `hotfix check`, or correct `state`.")
            return
        }
        guard let file = FileFacts(ledgerPath) else {
            find(
                .note, .noLedger, ledgerPath, "There is no ledger yet.",
                remedy: "`hotfix deployed` or `hotfix check` makes it. If there should be one, correct `state`.")
            requireWritable(directory, "A ledger cannot be made: the directory", .ledgerUnusable)
            return
        }
        requireWritable(directory, "SQLite keeps files beside the ledger: the directory", .ledgerUnusable)
        for path in [ledgerPath, "\(ledgerPath)-wal", "\(ledgerPath)-shm", "\(ledgerPath).lock"] {
            requireWritable(path, "The file", .ledgerUnusable)
        }
        guard !file.isDirectory else {
            find(.problem, .ledgerUnusable, ledgerPath, "It is a directory.", remedy: "Name a file as `state`.")
            return
        }
        readLedger()
    }

    private mutating func readLedger() {
        do {
            do {
                try read(SQLiteLedger.openForReading(path: ledgerPath))
            } catch let error where error.code == .damaged {
                // What a check writes meanwhile may look like damage; real damage is still there afterwards.
                try read(SQLiteLedger.openForReading(path: ledgerPath))
            }
            diagnosis.pass(.file(ledgerPath), "The ledger is whole and of this version's schema.")
        } catch {
            report(error)
        }
    }

    private mutating func read(_ ledger: SQLiteLedger) throws(LedgerError) {
        try ledger.verifyIntegrity()
        facts = try ledger.facts()
    }

    private mutating func report(_ error: LedgerError) {
        switch error.code {
        case .rejected, .busy:
            diagnosis.leaveOut(
                .file(ledgerPath), error.message, remedy: "Run hotfix doctor again after the next check.")
        case .inaccessible:
            find(
                .problem, .ledgerUnusable, ledgerPath, error.message,
                remedy: "Run hotfix doctor as the user that runs `hotfix check`, and give that user the file.")
        case .newerSchema:
            find(
                .problem, .ledgerUnusable, ledgerPath, error.message,
                remedy: "Install the version of hotfix that wrote it, on every machine that opens it.")
        case .damaged:
            find(
                .problem, .ledgerUnusable, ledgerPath, error.message,
                remedy: "Move it aside, restore its newest backup, and run `hotfix check`.")
        }
    }

    /// Requires that a file or directory may be written by whoever runs this.
    private mutating func requireWritable(_ path: String, _ what: String, _ code: FindingCode = .notWritable) {
        guard let facts = FileFacts(path), !facts.isWritable else { return }
        find(
            .problem, code, path, "\(what) '\(path)' may not be written by this user (mode \(facts.mode)).",
            remedy: "Give the user that runs `hotfix check` the right to write, or run hotfix doctor as that user.")
    }

    private mutating func examineTracker() {
        guard let tracker = settings.tracker else { return }
        let path = tracker.statusFile
        let folders = [path, tracker.outstandingFile].map(nearestDirectory)
        requireWritable(folders[0], "The tracker's status file is replaced as a whole: the directory")
        if folders[1] != folders[0] { requireWritable(folders[1], "The report cannot be written: the directory") }
        do {
            _ = try StatusFile.read(path: path)
            diagnosis.pass(
                .file(path), FileFacts(path) == nil ? "It is not there yet." : "The tracker's status file can be read.")
        } catch {
            find(
                .problem, .statusFile, path, "\(error)",
                remedy: "Mend the file, or restore it from git; `hotfix check` leaves it as it is until then.")
        }
    }

    private mutating func examineConfiguration() {
        let path = absolute(settings.path)
        let policies = Set(settings.services.compactMap(\.policyFile)).sorted()
        for file in [path] + policies {
            guard let facts = FileFacts(file), facts.isWritableByAll else { continue }
            find(
                .warning, .writableByAll, file,
                "Every user of this machine may change it (mode \(facts.mode)): where tokens are sent, and what is clean.",
                remedy: "chmod o-w '\(file)'")
        }
        do {
            let secrets = try SettingsLoader.secretFiles(
                path: settings.path, environment: surroundings.environment, currentDirectory: surroundings.directory)
            let open = secrets.compactMap { FileFacts($0) }.filter(\.isReadableByAll)
            for file in open {
                find(
                    .warning, .readableSecret, file.path,
                    "It holds a credential, and every user of this machine may read it (mode \(file.mode)).",
                    remedy: "chmod o= '\(file.path)', or pass it as a systemd credential (`credential:NAME`).")
            }
            if !secrets.isEmpty, open.isEmpty {
                diagnosis.pass(.configuration, "The files of credentials are not open to every user.")
            }
        } catch {
            // The configuration was just read: it changes while it is looked at.
            diagnosis.leaveOut(.configuration, "the files of credentials: \(error)", remedy: "Run hotfix doctor again.")
        }
        diagnosis.pass(
            .configuration,
            "\(path) and its policies are valid: \(count(settings.services.count, "service")),"
                + " \(count(settings.pairs.count, "guardrail")) watched.")
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(surroundings.directory)/\(path)"
    }
}
