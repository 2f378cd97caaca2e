import Foundation
import HotfixCommands
import HotfixCore
import Testing

/// What `hotfix doctor --format json` prints.
struct DoctorReport: Decodable {
    struct Subject: Decodable {
        var kind: String
        var name: String?
    }

    struct Entry: Decodable {
        var severity: String
        var code: String
        var subject: Subject
        var what: String
        var remedy: String
    }

    var findings: [Entry]

    /// The codes of what was found, without what there is none of before the first check.
    var codes: [String] { findings.map(\.code).filter { $0 != "no-ledger" }.sorted() }
}

extension CommandLab {
    /// Runs `hotfix doctor`; expects a remedy with everything that it finds, and that it changes no file.
    func doctor(_ arguments: String...) async throws -> (run: Run, report: DoctorReport) {
        let before = try files()
        let run = await run(["doctor", "--format", "json"] + arguments)
        #expect(try files() == before)
        #expect(run.errors == "")
        var report = try JSONDecoder().decode(DoctorReport.self, from: Data(run.output.utf8))
        for finding in report.findings { #expect(!finding.remedy.isEmpty && !finding.what.isEmpty) }
        // Most labs tell nobody, which has tests of its own.
        report.findings.removeAll { ["no-channel", "no-heartbeat"].contains($0.code) }
        return (run, report)
    }
}
