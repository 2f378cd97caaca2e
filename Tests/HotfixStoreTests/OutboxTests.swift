import Foundation
import GRDB
import HotfixCore
import HotfixTestSupport
import Testing

@testable import HotfixStore

@Suite("The outbox in a ledger", .heavy)
struct OutboxTests {
    @Test("holds what one in memory holds, whatever is done to both, and after a restart", arguments: 0..<20)
    func model(seed: Int) throws {
        try withLedgerPath { path in
            var random = RandomContent(seed: UInt64(seed))
            var ledger = try SQLiteLedger.open(path: path, createIfMissing: true)
            let memory = MemoryLedger()
            for round in 0..<12 {
                try change([ledger, memory], &random)
                if round % 4 == 3 { ledger = try SQLiteLedger.open(path: path, createIfMissing: false) }
                #expect(try ledger.waiting() == memory.waiting())
                #expect(try ledger.waitingCounts() == memory.waitingCounts())
                for channel in ["chat", "it's"] {
                    #expect(try ledger.waiting(of: channel) == memory.waiting(of: channel))
                }
                #expect(try ledger.messages([1, 3, 99]) == memory.messages([1, 3, 99]))
                #expect(
                    try ledger.facts().deliveries.sorted { ($0.message, $0.channel) < ($1.message, $1.channel) }
                        == memory.facts().deliveries.sorted { ($0.message, $0.channel) < ($1.message, $1.channel) })
                #expect(try ledger.told(limit: 99) == memory.told(limit: 99))
                #expect(try ledger.told(limit: 2) == memory.told(limit: 2))
                #expect(try ledger.facts().messages == memory.facts().messages)
                #expect(try ledger.facts().generation == memory.facts().generation)
                for display in ["gate", "charts", ""] {
                    #expect(try ledger.receipts(of: display) == memory.receipts(of: display))
                }
            }
            try ledger.verifyIntegrity()
        }
    }

    /// Commits messages, adds some, makes attempts, settles deliveries, keeps receipts, and prunes.
    private func change(_ ledgers: [any Ledger & Outbox], _ random: inout RandomContent) throws {
        let facts = try ledgers[1].facts()
        var outcome = Outcome(at: random.instant())
        for number in 0..<random.below(4) {
            let id = (facts.messages.map(\.id).max() ?? 0) + number + 1
            let known = facts.messages + outcome.messages.map(\.head)
            outcome.messages.append(random.message(id, known: known))
            for channel in ["chat", "mail", "it's"] where random.flag() {
                outcome.deliveries.append(NewDelivery(message: id, channel: channel))
            }
        }
        // Openings of before are told anew, or to others.
        for head in facts.messages where head.kind.isOpening && random.below(4) == 0 {
            outcome.deliveries.append(NewDelivery(message: head.id, channel: random.pick(["chat", "mail"])))
        }
        var added = random.message(0, known: facts.messages)
        added.thread = "added/\(random.below(3))"
        let rules = random.many(2) { _ in "chat" }.prefix(1).map { ChannelRule(name: $0, kinds: []) }
        var steps: [(any Ledger & Outbox) throws -> Void] = [
            { ledger in
                let isWritten = try ledger.commit(outcome, generation: facts.generation)
                #expect(isWritten)
            },
            { try $0.add([added, added], for: rules) },
        ]
        for _ in 0..<random.below(6) {
            let (pick, state, now) = (random.below(99), random.deliveryState(), random.instant())
            let begins = random.flag()
            steps.append { ledger in
                let waiting = try ledger.waiting()
                guard !waiting.isEmpty else { return }
                let delivery = waiting[pick % waiting.count].id
                if begins {
                    try ledger.begin(delivery, at: now)
                } else {
                    try ledger.settle(delivery, as: state, at: now)
                }
            }
        }
        let (subject, display) = (random.text(), random.pick(["gate", "charts", ""]))
        let receipt = random.maybe {
            DisplayReceipt(content: $0.text(), isIntent: $0.flag(), at: $0.instant())
        }
        steps.append { try $0.keep(receipt, of: subject, for: display) }
        let instant = random.instant()
        if random.below(3) == 0 { steps.append { try $0.prune(before: instant, keepFrom: [:]) } }
        for step in steps { for ledger in ledgers { try step(ledger) } }
    }

    @Test("refuses to begin or settle what is settled or not there", arguments: [false, true])
    func settled(isInMemory: Bool) throws {
        let ledger: any Ledger & Outbox = isInMemory ? MemoryLedger() : try SQLiteLedger.inMemory()
        try tell(ledger, 1, .breach, "a")
        let delivery = try #require(try ledger.waiting().first).id
        try ledger.settle(delivery, as: .delivered(receipt: "r", isRepeat: false), at: .start)
        for id in [delivery, 99] {
            let first = #expect(throws: LedgerError.self) { try ledger.begin(id, at: .start) }
            let second = #expect(throws: LedgerError.self) { try ledger.settle(id, as: .inFlight, at: .start) }
            #expect(first?.code == .rejected && second?.code == .rejected)
        }
    }

    @Test("knows of each attempt whether it may have been received", arguments: [false, true])
    func doubt(isInMemory: Bool) throws {
        let ledger: any Ledger & Outbox = isInMemory ? MemoryLedger() : try SQLiteLedger.inMemory()
        try tell(ledger, 1, .breach, "a")
        func now() throws -> QueuedDelivery { try #require(try ledger.waiting().first) }
        let id = try now().id
        try ledger.begin(id, at: .start)
        try ledger.settle(id, as: .pending(notBefore: .start + 30, reason: "refused"), at: .start + 1)
        #expect(try !now().mayHaveArrived && now().attempts == 1 && now().firstAttempt == .start)
        #expect(try now().state == .pending(notBefore: .start + 30, reason: "refused"))
        try ledger.begin(id, at: .start + 30)
        #expect(try !now().mayHaveArrived && now().state == .inFlight)
        // No result was written, and another attempt begins.
        try ledger.begin(id, at: .start + 60)
        #expect(try now().mayHaveArrived && now().attempts == 3 && now().firstAttempt == .start)
        try ledger.settle(id, as: .pending(notBefore: nil, reason: nil), at: .start)
        #expect(try now().mayHaveArrived)
        try tell(ledger, 2, .breach, "b")
        let second = try #require(try ledger.waiting().last).id
        try ledger.doubt(second, notBefore: .start + 9, reason: "lost", at: .start)
        let queued = try #require(try ledger.waiting().last)
        #expect(queued.mayHaveArrived && queued.state == .pending(notBefore: .start + 9, reason: "lost"))
    }

    @Test("tells an end what became of its opening at the same channel", arguments: [false, true])
    func openings(isInMemory: Bool) throws {
        let ledger: any Ledger & Outbox = isInMemory ? MemoryLedger() : try SQLiteLedger.inMemory()
        try tell(ledger, 1, .breach, "a", channels: ["chat", "mail"])
        try tell(ledger, 2, .recovered, "a", opening: 1, channels: ["chat", "mail", "pager"])
        func end(_ channel: String) throws -> QueuedDelivery {
            try #require(try ledger.waiting().first { $0.message.id == 2 && $0.channel == channel })
        }
        let openings = try ledger.waiting().filter { $0.message.id == 1 }
        try ledger.begin(openings[0].id, at: .start)
        try ledger.settle(openings[0].id, as: .delivered(receipt: "r", isRepeat: true), at: .start)
        try ledger.begin(openings[1].id, at: .start)
        #expect(try end("chat").opening == .delivered(receipt: "r", isRepeat: true))
        #expect(try end("mail").opening == .inFlight && end("pager").opening == nil)
        #expect(try !end("mail").openingMayHaveArrived)
        try ledger.settle(openings[1].id, as: .dropped(reason: "overtaken"), at: .start)
        #expect(try end("mail").opening == .dropped(reason: "overtaken") && end("mail").openingMayHaveArrived)
    }

    @Test("is pruned of threads that are over, and of nothing else", arguments: [false, true])
    func prune(isInMemory: Bool) throws {
        let ledger: any Ledger & Outbox = isInMemory ? MemoryLedger() : try SQLiteLedger.inMemory()
        try tell(ledger, 1, .breach, "over")
        try tell(ledger, 2, .recovered, "over", opening: 1)
        try tell(ledger, 3, .breach, "open")
        try tell(ledger, 4, .reminder, "open", opening: 3)
        try tell(ledger, 5, .breach, "waiting")
        try tell(ledger, 6, .recovered, "waiting", opening: 5)
        try tell(ledger, 7, .neverSeen, "never")
        try tell(ledger, 8, .deployed, "deployed")
        try tell(ledger, 9, .ready, "ready")
        try tell(ledger, 10, .lost, "ready", opening: 9)
        try tell(ledger, 11, .ready, "ready")
        try tell(ledger, 12, .recovered, "never told")
        try tell(ledger, 13, .blind, "late")
        try tell(ledger, 14, .sighted, "late", opening: 13, at: .start + 1000)
        try tell(ledger, 15, .deployed, "newest")
        for delivery in try ledger.waiting() where delivery.message.id != 6 {
            try ledger.settle(delivery.id, as: .delivered(receipt: "r", isRepeat: false), at: .start)
        }
        let generation = try ledger.facts().generation
        try ledger.prune(before: .start, keepFrom: [:])
        #expect(try ledger.facts().messages.count == 15 && ledger.facts().generation == generation)
        try ledger.prune(before: .start + 1000, keepFrom: [:])
        let kept = [3, 4, 5, 6, 7, 9, 10, 11, 13, 14, 15]
        #expect(try ledger.facts().messages.map(\.id) == kept)
        #expect(try ledger.told(limit: 99).map(\.message.id) == kept.reversed())
        #expect(try ledger.told(limit: 99).allSatisfy { $0.lines.count == 1 })
        #expect(try ledger.facts().generation == generation + 1)
        try ledger.prune(before: .distantFuture, keepFrom: [:])
        #expect(try ledger.facts().messages.map(\.id) == [3, 4, 5, 6, 7, 9, 10, 11, 15])
    }

    @Test("is pruned of the readiness of a hotfix that is completed", arguments: [false, true])
    func pruneReady(isInMemory: Bool) throws {
        let ledger: any Ledger & Outbox = isInMemory ? MemoryLedger() : try SQLiteLedger.inMemory()
        for _ in 1...2 {
            try ledger.record(
                .deployment(
                    Deployment(
                        id: 0, hotfix: 0, branch: nil, commit: "abc", version: nil, at: .start, recordedAt: .start,
                        services: ["checkout"], pairs: []), excluding: []))
            let hotfix = try #require(try ledger.facts().deployments.last).hotfix
            try tell(ledger, hotfix, .ready, "ready/\(hotfix)")
            if hotfix == 1 { try ledger.record(.close(hotfix: 1, at: .start)) }
        }
        try tell(ledger, 3, .deployed, "newest")
        for delivery in try ledger.waiting() {
            try ledger.settle(delivery.id, as: .delivered(receipt: nil, isRepeat: false), at: .start)
        }
        try ledger.prune(before: .distantFuture, keepFrom: [:])
        #expect(try ledger.facts().messages.map(\.thread) == ["ready/2", "newest"])
    }

    @Test(
        "lets wait again what was given up, with nothing of what was tried, and nothing else", arguments: [false, true])
    func renew(isInMemory: Bool) throws {
        let ledger: any Ledger & Outbox = isInMemory ? MemoryLedger() : try SQLiteLedger.inMemory()
        try tell(ledger, 1, .breach, "a", channels: ["chat", "mail"])
        let first = try ledger.waiting()
        try ledger.begin(first[0].id, at: .start)
        try ledger.settle(first[0].id, as: .dead(reason: "400"), at: .start + 9)
        try ledger.begin(first[1].id, at: .start)
        try ledger.settle(first[1].id, as: .delivered(receipt: nil, isRepeat: false), at: .start + 9)
        #expect(try ledger.facts().deliveries.map(\.abandonedAt) == [.start + 9, nil])
        var outcome = Outcome(at: .start + 60)
        outcome.deliveries = ["chat", "mail", "pager"].map { NewDelivery(message: 1, channel: $0) }
        #expect(try ledger.commit(outcome, generation: ledger.facts().generation))
        let waiting = try ledger.waiting()
        #expect(waiting.map(\.channel) == ["chat", "pager"] && waiting.map(\.id).first == first[0].id)
        #expect(waiting.allSatisfy { $0.attempts == 0 && $0.firstAttempt == nil && $0.queuedAt == .start + 60 })
        #expect(waiting.allSatisfy { $0.state == .pending(notBefore: nil, reason: nil) })
        #expect(try ledger.facts().deliveries.map(\.abandonedAt) == [nil, nil, nil])
    }

    @Test("tells an end and a reminder what became of other reminders at the same channel", arguments: [false, true])
    func reminders(isInMemory: Bool) throws {
        let ledger: any Ledger & Outbox = isInMemory ? MemoryLedger() : try SQLiteLedger.inMemory()
        try tell(ledger, 1, .breach, "a", channels: [])
        try tell(ledger, 2, .reminder, "a", opening: 1, channels: ["chat", "mail"])
        try tell(ledger, 3, .recovered, "a", opening: 1, channels: ["chat", "mail"])
        func end(_ channel: String) throws -> QueuedDelivery {
            try #require(try ledger.waiting().first { $0.message.id == 3 && $0.channel == channel })
        }
        #expect(try ledger.waiting().allSatisfy { !$0.isReminded && !$0.openingMayHaveArrived && $0.opening == nil })
        for delivery in try ledger.waiting() where delivery.message.id == 2 {
            try ledger.begin(delivery.id, at: .start)
        }
        #expect(try end("chat").openingMayHaveArrived && !end("chat").isReminded)
        let chat = try #require(try ledger.waiting(of: "chat").first)
        try ledger.settle(chat.id, as: .delivered(receipt: nil, isRepeat: false), at: .start)
        #expect(try end("chat").isReminded && !end("mail").isReminded && end("mail").openingMayHaveArrived)
    }

    @Test("has a place in a ledger of schema 3, which goes on with what it holds")
    func schema3() throws {
        try withLedgerPath { path in
            do {
                let old = try DatabaseQueue(path: path)
                try old.write { db in
                    for migration in LedgerSchema.migrations.prefix(3) { try db.execute(sql: migration) }
                    try db.execute(sql: "PRAGMA application_id = \(LedgerSchema.applicationID)")
                    try db.execute(sql: "PRAGMA user_version = 3")
                    try db.execute(
                        sql: """
                            INSERT INTO ledger (id, ledgerID, generation) VALUES (1, 'old', 7);
                            INSERT INTO episode VALUES ('checkout', 'cpu', 1795161600, 1795161900, 1795161600, 1, 2.5, NULL, NULL);
                            """)
                }
                try old.close()
            }
            let ledger = try SQLiteLedger.open(path: path, createIfMissing: false)
            #expect(try ledger.facts().episodes.map(\.peak) == [2.5])
            #expect(try ledger.facts().ledgerID == "old" && ledger.facts().messages.isEmpty)
            #expect(try ledger.waiting().isEmpty && ledger.told(limit: 9).isEmpty)
            try tell(ledger, 1, .breach, "a")
            #expect(try SQLiteLedger.open(path: path, createIfMissing: false).waiting().map(\.message.thread) == ["a"])
            try ledger.verifyIntegrity()
        }
    }
}

/// Commits a message for channels.
private func tell(
    _ ledger: any Ledger, _ id: Int, _ kind: MessageKind, _ thread: String, opening: Int? = nil,
    at instant: Instant = .start, channels: [String] = ["chat"]
) throws {
    var outcome = Outcome(at: instant)
    outcome.messages = [
        Message(
            id: id, kind: kind, thread: thread, opening: opening, at: instant, createdAt: instant,
            facts: MessageFacts(ledgerID: "ledger", severity: .error))
    ]
    outcome.deliveries = channels.map { NewDelivery(message: id, channel: $0) }
    #expect(try ledger.commit(outcome, generation: ledger.facts().generation))
}
