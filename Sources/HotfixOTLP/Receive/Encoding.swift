import HotfixCore
import SwiftProtobuf
import Synchronization

/// A message in a format; none that is sent from here can fail to be written.
func encoded(_ message: some SwiftProtobuf.Message, _ format: OTLPFormat) -> [UInt8] {
    do {
        switch format {
        case .protobuf: return try message.serializedBytes()
        case .json: return try message.jsonUTF8Bytes()
        }
    } catch {
        return format == .json ? Array("{}".utf8) : []
    }
}

/// Tells what happens again and again once a minute.
final class NoticeGate: Sendable {
    private let told = Mutex<[String: Instant]>([:])
    private let notice: @Sendable (String) -> Void

    init(_ notice: @escaping @Sendable (String) -> Void) {
        self.notice = notice
    }

    /// Tells, unless the same kind was told in the minute before.
    func tell(_ kind: String, _ text: String, at now: Instant) {
        let isDue = told.withLock { told in
            if let last = told[kind], now >= last, now - last < 60 { return false }
            told[kind] = now
            return true
        }
        if isDue { notice(text) }
    }
}

/// Keeps how much is read at a time within bounds.
final class ReadingDesk: Sendable {
    private let places: Int
    private let taken = Mutex(0)

    init(places: Int) {
        self.places = places
    }

    /// Takes places, if there are as many, or none is taken.
    func take(_ count: Int) -> Bool {
        taken.withLock { taken in
            guard taken == 0 || taken + count <= places else { return false }
            taken += count
            return true
        }
    }

    func giveBack(_ count: Int) { taken.withLock { $0 -= count } }
}

extension PointBatch {
    /// Follows this batch by another of the same origin.
    mutating func merge(_ other: PointBatch) {
        origin = other.origin
        cells += other.cells
        newest.merge(other.newest) { max($0, $1) }
        log += other.log
        forgetsLogBefore = other.forgetsLogBefore ?? forgetsLogBefore
    }
}
