import Foundation
import HotfixCore
import HotfixStore

/// Gives a body the path of a ledger that does not exist yet, in a directory of its own that is removed afterwards.
func withLedgerPath<Value>(_ body: (String) throws -> Value) throws -> Value {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try body(directory.appendingPathComponent("ledger.db").path)
}

/// Every file of the directory that a file lies in, by name.
func filesBeside(_ path: String) throws -> [String: Data] {
    let directory = (path as NSString).deletingLastPathComponent
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
        files[name] = FileManager.default.contents(atPath: "\(directory)/\(name)")
    }
    return files
}

/// The permissions of a file.
func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
}

/// The bytes of a ledger that was closed, with one 32-bit number of its header replaced.
func headerChanged(_ path: String, at offset: Int, to number: UInt32) throws -> Data {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    withUnsafeBytes(of: number.bigEndian) { bytes.replaceSubrange(offset..<offset + 4, with: $0) }
    return bytes
}

extension Instant {
    /// 2026-11-20T08:00:00Z, the start of the windows that tests write.
    static let start = Instant(1_795_161_600)
}

/// A series with windows of 5 minutes.
func series(_ id: Int, _ service: String = "checkout", _ guardrail: String = "cpu", window: Seconds = 300)
    -> SeriesState
{
    let wish = Guardrail(name: guardrail, source: "otel", measure: .builtIn(.cpu), limits: [.relative(0.3)])
    return SeriesState(
        id: id, pair: Pair(service, guardrail),
        definition: SeriesDefinition(source: "otel", query: "sum(rate(cpu{job=\"\(service)\"}[5m]))"),
        wish: ValueWish(wish, of: Service(name: service), window: window), window: window, judgedFrom: .start,
        createdAt: .start)
}

/// A policy version with one guardrail.
func version(_ id: Int, _ service: String = "checkout") -> PolicyVersion {
    let guardrail = Guardrail(name: "cpu", source: "otel", measure: .builtIn(.cpu), limits: [.relative(0.3)])
    return PolicyVersion(id: id, service: service, policy: Policy(guardrails: [guardrail]), adoptedAt: .start)
}

/// A record with a clean verdict of policy 1, without a baseline.
func clean(_ value: Double, revision: Int = 0, at: Instant = .start) -> WindowRecord {
    WindowRecord(
        observation: Observation(value: value),
        verdict: RecordedVerdict(
            verdict: .clean, basis: Basis(policy: 1, baseline: .none), revision: revision, evaluatedAt: at))
}

/// An outcome that pins series and adopts policy version 1.
func pinning(_ series: [SeriesState]) -> Outcome {
    var outcome = Outcome(at: .start)
    outcome.series = series
    outcome.policies = [version(1)]
    return outcome
}

/// An outcome that writes records of one series, one window after the other.
func writing(
    _ records: [WindowRecord], series: Int = 1, from start: Instant = .start, replacing replaced: [WindowRecord?] = []
) -> Outcome {
    var outcome = Outcome(at: .start)
    outcome.records = records.enumerated().map { index, record in
        Outcome.RecordChange(
            series: series, start: start + index * 300, record: record,
            replaced: index < replaced.count ? replaced[index] : nil)
    }
    return outcome
}

/// A deployment of one service.
func deployment(hotfix: Int = 0, branch: String? = "release/hotfix-1", commit: String = "abc") -> Deployment {
    Deployment(
        id: 0, hotfix: hotfix, branch: branch, commit: commit, at: .start, recordedAt: .start + 5,
        services: ["checkout"])
}
