/// What somebody has to say to the readers of a channel, in their own words.
package struct Announcement: Sendable, Hashable, Codable {
    /// The most UTF-16 units of a title.
    package static let longestTitle = 200
    /// The most bytes of UTF-8 that title and text may have together, so that every channel can tell it whole.
    package static let mostBytes = 8000

    /// What it is about, on one line.
    package var title: String
    /// The words, of as many lines as they have; may be empty.
    package var text: String

    /// Makes an announcement; nothing is checked, and characters that are not to be seen are shown as `�`.
    package init(title: String, text: String) {
        self.title = oneLine(title)
        // A line feed behind a carriage return is none as a `Character`.
        self.text = text.replacing("\r\n", with: "\n").unicodeScalars
            .split(separator: "\n", omittingEmptySubsequences: false).map { oneLine(String(Substring($0))) }
            .joined(separator: "\n")
    }
}
