import Foundation
import HotfixChannels
import HotfixCore
import HotfixTestSupport
import Synchronization
import Testing

private let now = Instant(1_795_176_000)

private func lines(_ style: OutputChannel.Style, _ kind: MessageKind, service: String = "checkout") async -> [String] {
    let lines = Mutex<[String]>([])
    let channel = OutputChannel(name: "out", style: style) { line in lines.withLock { $0.append(line) } }
    let message = Message(
        id: 1, kind: kind, thread: "t", at: now, createdAt: now,
        facts: MessageFacts(ledgerID: "L", service: service, guardrail: "cpu", severity: .critical, reason: "Why."))
    #expect(await channel.deliver(Delivery(message: message), at: now) == .delivered(receipt: nil))
    #expect(await channel.examine(at: now).findings.isEmpty)
    return lines.withLock { $0 }
}

@Suite("The output channel")
struct OutputTests {
    @Test("A message is one line: what happened, to what, and its figures")
    func plain() async {
        #expect(await lines(.plain, .breach) == ["Breach: cpu of checkout breached. Why."])
    }

    @Test(
        "In the journal it has the priority of its tone",
        arguments: [
            (MessageKind.breach, "<3>"), (.undeliverable, "<3>"), (.blind, "<4>"), (.lost, "<4>"), (.recovered, "<5>"),
            (.ready, "<5>"), (.deployed, "<6>"), (.excused, "<6>"),
        ])
    func priority(_ kind: MessageKind, _ prefix: String) async throws {
        let line = try #require(await lines(.journald, kind).first)
        #expect(line.hasPrefix(prefix))
        #expect(await lines(.plain, kind) == [String(line.dropFirst(3))])
    }

    @Test("Control characters in names are shown, not obeyed")
    func control() async {
        let written = await lines(.journald, .breach, service: "a\n<0>b\u{1B}[2J\u{202E}")
        #expect(written.count == 1)
        #expect(written.first?.contains(where: { $0.isNewline }) == false)
        #expect(written.first?.unicodeScalars.contains { "\u{1B}\u{202E}".unicodeScalars.contains($0) } == false)
    }

    @Test("The journal is where JOURNAL_STREAM names the file, and nowhere else")
    func journal() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("hotfix-\(UUID().uuidString)")
        #expect(FileManager.default.createFile(atPath: file.path, contents: nil))
        defer { try? FileManager.default.removeItem(at: file) }
        let handle = try FileHandle(forReadingFrom: file)
        var facts = stat()
        #expect(stat(file.path, &facts) == 0)
        let stream = "\(facts.st_dev):\(facts.st_ino)"
        func isIt(_ value: String?, _ descriptor: Int32) -> Bool {
            isJournal(environment: value.map { ["JOURNAL_STREAM": $0] } ?? [:], descriptor: descriptor)
        }
        #expect(isIt(stream, handle.fileDescriptor))
        #expect(!isIt(nil, handle.fileDescriptor))
        #expect(!isIt("\(facts.st_dev):\(facts.st_ino + 1)", handle.fileDescriptor))
        #expect(!isIt("\(stream) ", handle.fileDescriptor))
        #expect(!isIt(stream, -1))
        try handle.close()
    }
}
