import Foundation
import GRDB
import HotfixCore

extension Database {
    /// Every row of a query, in its order.
    func all<Value>(
        _ sql: String, _ arguments: StatementArguments = [], _ value: (Row) throws -> Value
    ) throws -> [Value] {
        var values: [Value] = []
        let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        while let row = try rows.next() { values.append(try value(row)) }
        return values
    }

    /// Runs one statement.
    func run(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws {
        try cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
    }
}

extension Row {
    /// The instant in a column.
    func instant(_ index: Int) -> Instant { Instant(self[index]) }

    /// The instant in a column, nil where it is NULL.
    func optionalInstant(_ index: Int) -> Instant? { (self[index] as Int?).map { Instant($0) } }

    /// The interval in a column and the next one.
    func interval(_ index: Int) -> Interval { Interval(start: instant(index), end: optionalInstant(index + 1)) }
}

/// The values of a stored baseline as bytes: how many, then each.
enum BaselineBytes {
    /// The bytes of values.
    static func data(_ values: [BaselineValue]) -> Data {
        var writer = ByteWriter()
        writer.write(values.count)
        for value in values { writer.write(value) }
        return Data(writer.bytes)
    }

    /// The values of bytes.
    static func values(_ data: Data) throws -> [BaselineValue] {
        var reader = ByteReader(data)
        let count = try reader.readInt()
        guard count >= 0 else { throw ByteReader.Malformed() }
        var values: [BaselineValue] = []
        for _ in 0..<count { values.append(try reader.readBaselineValue()) }
        guard reader.isAtEnd else { throw ByteReader.Malformed() }
        return values
    }
}
