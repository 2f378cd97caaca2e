/// Takes the body of an answer piece by piece, as it comes, so that no more than a piece is in memory.
///
/// Both functions are called on the client's own thread, which does nothing else meanwhile.
package struct HTTPSink: Sendable {
    /// Whether it wants the body of an answer with this status and these headers.
    package var wants: @Sendable (Int, HTTPHeaders) -> Bool
    /// Takes a piece; false ends the transfer.
    package var take: @Sendable ([UInt8]) -> Bool

    /// Makes a sink.
    package init(
        wants: @escaping @Sendable (Int, HTTPHeaders) -> Bool, take: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.wants = wants
        self.take = take
    }
}
