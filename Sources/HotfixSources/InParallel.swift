/// Does something with every item, with at most `limit` of them under way at once.
///
/// - Returns: What came of each, in the order of the items.
func inParallel<Item: Sendable, Result: Sendable>(
    _ items: [Item], limit: Int = 4, _ body: @escaping @Sendable (Item) async -> Result
) async -> [Result] {
    await withTaskGroup(of: (Int, Result).self) { group in
        var results: [Result?] = Array(repeating: nil, count: items.count)
        var waiting = items.enumerated().makeIterator()
        for _ in 0..<limit {
            guard let (index, item) = waiting.next() else { break }
            group.addTask { (index, await body(item)) }
        }
        while let (index, result) = await group.next() {
            results[index] = result
            if let (index, item) = waiting.next() { group.addTask { (index, await body(item)) } }
        }
        return results.compactMap(\.self)
    }
}
