/// The keys that a mapping of a configuration may have.
///
/// One table serves both the reader, which can ask for no other key, and the published schema, so that they cannot drift.
protocol KeySet: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// What the schema calls the mapping.
    static var title: String { get }
    /// What the key is for, and what it may hold.
    var entry: KeyEntry { get }
}

/// What is known of a key.
struct KeyEntry {
    var shape: Shape
    /// A sentence for whoever edits the file.
    var summary: String
    var isRequired: Bool

    init(_ shape: Shape, _ summary: String, isRequired: Bool = false) {
        self.shape = shape
        self.summary = summary
        self.isRequired = isRequired
    }
}

/// What a value may be, as far as a schema can say it.
indirect enum Shape {
    case text, url, path, secret, duration, share, number, limit, boolean
    /// A whole number of at least this.
    case count(Int)
    /// One of these words.
    case choice([String])
    /// Exactly this word.
    case constant(String)
    case list(Shape)
    /// A value of one of these shapes.
    case any([Shape])
    /// The address of a mail server.
    case mailServer
    /// Any names, each with a value of one of these shapes.
    case map([Shape])
    /// A mapping with known keys.
    case keyed(any KeySet.Type)
    /// A mapping with known keys, and under other names one of these shapes.
    case open(any KeySet.Type, [Shape])
    /// A known key of a later version: whatever it holds is refused.
    case unsupported

    /// A choice between the cases of an enumeration.
    static func cases<Choice: CaseIterable & RawRepresentable<String>>(of _: Choice.Type) -> Shape {
        .choice(Choice.allCases.map(\.rawValue))
    }
}
