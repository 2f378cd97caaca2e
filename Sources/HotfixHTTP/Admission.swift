/// Who may go next: a queue per origin with a cap each, and a cap on all together.
struct Admission<Item> {
    private let perOrigin: Int
    private let total: Int
    private var waiting: [(origin: String, item: Item)] = []
    private var inFlight: [String: Int] = [:]
    private var inFlightInAll = 0

    init(perOrigin: Int, total: Int) {
        self.perOrigin = perOrigin
        self.total = total
    }

    /// Queues an item behind all others of its origin.
    mutating func enqueue(_ item: Item, for origin: String) {
        waiting.append((origin, item))
    }

    /// Takes the longest waiting item that no cap holds back; it counts as in flight until ``leave(_:)``.
    mutating func next() -> Item? {
        guard inFlightInAll < total,
            let index = waiting.firstIndex(where: { inFlight[$0.origin, default: 0] < perOrigin })
        else { return nil }
        let (origin, item) = waiting.remove(at: index)
        inFlight[origin, default: 0] += 1
        inFlightInAll += 1
        return item
    }

    /// Frees the place of an item that was in flight.
    mutating func leave(_ origin: String) {
        let left = inFlight[origin, default: 1] - 1
        inFlight[origin] = left > 0 ? left : nil
        inFlightInAll -= 1
    }

    /// Removes the first waiting item that matches.
    mutating func withdraw(where matches: (Item) -> Bool) -> Item? {
        guard let index = waiting.firstIndex(where: { matches($0.item) }) else { return nil }
        return waiting.remove(at: index).item
    }

    /// Removes every waiting item.
    mutating func withdrawAll() -> [Item] {
        defer { waiting = [] }
        return waiting.map(\.item)
    }
}
