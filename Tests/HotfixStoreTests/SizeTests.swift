import Foundation
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

@Suite("A verdict at rest", .heavy)
struct SizeTests {
    @Test("makes the file grow by less than 40 bytes, check by check", arguments: Filling.allCases)
    func size(filling: Filling) throws {
        let sizes = try [0, 2880].map { checks in
            try withLedgerPath { path in
                try filling.fill(path, checks: checks, atOnce: 6)
                return try Data(contentsOf: URL(fileURLWithPath: path)).count
            }
        }
        #expect(Double(sizes[1] - sizes[0]) / (2880 * 4) < filling.most)
    }
}
