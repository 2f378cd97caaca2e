/// The beginning of a text that has no more than so many UTF-16 units, cut between characters and ended with `…` where it was cut.
///
/// UTF-16 units are at least as many as code points and as characters, so the result fits whichever of them a receiver counts.
///
/// - Parameters:
///   - text: The text.
///   - units: The most UTF-16 units, 1 or more.
/// - Returns: The beginning.
package func clipped(_ text: String, units: Int) -> String {
    clipped(text, to: units) { $0.utf16.count }
}

/// The beginning of a text that has no more than so many bytes of UTF-8, cut between characters and ended with `…` where it was cut.
///
/// - Parameters:
///   - text: The text.
///   - bytes: The most bytes, 3 or more.
/// - Returns: The beginning.
package func clipped(_ text: String, bytes: Int) -> String {
    clipped(text, to: bytes) { $0.utf8.count }
}

private func clipped(_ text: String, to most: Int, size: (Substring) -> Int) -> String {
    guard size(text[...]) > most else { return text }
    let room = most - size("…"[...])
    var used = 0
    var end = text.startIndex
    while end < text.endIndex {
        let next = text.index(after: end)
        used += size(text[end..<next])
        guard used <= room else { break }
        end = next
    }
    return room < 0 ? "" : text[..<end] + "…"
}
