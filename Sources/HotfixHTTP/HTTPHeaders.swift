/// The headers of an answer, in the order they came; names are compared without regard to case.
package struct HTTPHeaders: Sendable {
    /// All headers, as they came.
    package let fields: [(name: String, value: String)]

    /// Creates headers.
    package init(_ fields: [(name: String, value: String)] = []) {
        self.fields = fields
    }

    /// The first value of a header.
    package subscript(name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.value
    }

    /// Every value of a header, in order.
    package func all(_ name: String) -> [String] {
        let wanted = name.lowercased()
        return fields.filter { $0.name.lowercased() == wanted }.map(\.value)
    }
}
