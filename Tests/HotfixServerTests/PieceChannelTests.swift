import Foundation
import HotfixTestSupport
import Testing

@testable import HotfixServer

@Suite("A text on its way to a socket")
struct PieceChannelTests {
    @Test("is given up when all of it takes too long, however steadily it is taken")
    func limit() async throws {
        let channel = PieceChannel(limit: .milliseconds(100))
        let putter = Task.detached {
            var count = 0
            // Far more than can be taken in that time without a limit's end.
            while count < 5_000_000 {
                do { try channel.put("piece") } catch {
                    channel.end(.failure(error))
                    return true
                }
                count += 1
            }
            channel.end(.success(()))
            return false
        }
        await #expect(throws: PieceChannel.Abandoned.self) { while try await channel.next() != nil {} }
        #expect(await putter.value)
    }

    @Test("is given up when nobody takes it, and a text that is taken comes whole")
    func patience() async throws {
        let stuck = PieceChannel(room: 1, patience: .milliseconds(1))
        try stuck.put("a")
        #expect(throws: PieceChannel.Abandoned.self) { try stuck.put("b") }
        let taken = PieceChannel()
        for piece in ["a", "b", "c"] { try taken.put(piece) }
        taken.end(.success(()))
        var text = ""
        while let piece = try await taken.next() { text += piece }
        #expect(text == "abc")
    }
}
