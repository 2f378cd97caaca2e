import Foundation
import Testing

@testable import HotfixOTLP

struct QuantileTests {
    struct Vector: Decodable, Sendable {
        var type: String
        var name: String?
        var q: Double?
        var bounds: [Double]?
        var counts: [UInt64]?
        var scale: Int?
        var zeroCount: UInt64?
        var zeroThreshold: Double?
        var positive: [String: UInt64]?
        var negative: [String: UInt64]?
        var expect: Double?
    }

    private func side(_ counts: [String: UInt64]) throws -> ExponentialCounts.Side {
        let indexed = counts.compactMap { key, count in Int(key).map { ($0, count) } }
        guard let first = indexed.map(\.0).min(), let last = indexed.map(\.0).max() else { return .init() }
        var dense = [UInt64](repeating: 0, count: last - first + 1)
        for (index, count) in indexed { dense[index - first] = count }
        return try #require(ExponentialCounts.Side(offset: first, counts: dense))
    }

    @Test func `Quantiles are those that Prometheus gives, to a billionth`() throws {
        let parsed = try JSONSerialization.jsonObject(with: testData("quantile_vectors.json"))
        let all = try #require(parsed as? [[String: Any]]).filter { $0["type"] as? String != "downscale" }
        let vectors = try JSONDecoder().decode([Vector].self, from: JSONSerialization.data(withJSONObject: all))
        #expect(vectors.count == 15)
        for vector in vectors {
            let share = try #require(vector.q)
            let value: Double?
            if let bounds = vector.bounds, let counts = vector.counts {
                value = ExplicitCounts(bounds: bounds, counts: counts).quantile(share)
            } else {
                let counts = ExponentialCounts(
                    scale: try #require(vector.scale), zeroCount: vector.zeroCount ?? 0,
                    zeroThreshold: vector.zeroThreshold ?? 0, positive: try side(vector.positive ?? [:]),
                    negative: try side(vector.negative ?? [:]))
                value = counts.quantile(share)
            }
            guard let expected = vector.expect else {
                #expect(value == nil, "\(vector)")
                continue
            }
            let got = try #require(value, "\(vector)")
            #expect(abs(got - expected) <= 1e-9 * max(1, abs(expected)), "\(vector): \(got)")
        }
    }

    @Test func `A coarser scale joins neighbours, below 1 as above`() throws {
        let fine = try side(["-279": 1, "-237": 2, "-1": 3, "0": 4, "7": 5, "8": 6])
        #expect(try fine.downscaled(by: 3) == side(["-35": 1, "-30": 2, "-1": 3, "0": 9, "1": 6]))
    }

    @Test func `Histograms of different scales are added and compared at the smaller`() throws {
        var sum = ExponentialCounts(scale: 3, positive: try side(["8": 5, "9": 1]))
        sum.add(ExponentialCounts(scale: 2, positive: try side(["4": 7])))
        #expect(sum == ExponentialCounts(scale: 2, positive: try side(["4": 13])))
        let later = ExponentialCounts(scale: 1, positive: try side(["2": 20]))
        #expect(later.grown(from: sum)?.positive == (try side(["2": 7])))
        #expect(sum.grown(from: later) == nil)
    }

    @Test func `A sum that would spread too far becomes coarser, and keeps every observation`() throws {
        var sum = ExponentialCounts(scale: 20, positive: try side(["-20000000": 3]))
        sum.add(ExponentialCounts(scale: 20, positive: try side(["20000000": 4])))
        #expect(sum.total == 7)
        #expect(sum.width <= ExponentialCounts.mostBuckets)
    }
}
