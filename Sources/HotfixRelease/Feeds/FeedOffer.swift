import Foundation

/// What a feed offers to its clients.
struct FeedOffer: Sendable {
    /// What the client compares, as it stands in the feed.
    var version: String
    /// What people read, where that is another.
    var shownVersion: String?
    /// What clients download.
    var files: [FeedFile] = []
    /// Pages that the client shows.
    var pages: [String] = []
    /// What is good to know, sentences.
    var notes: [String] = []
    /// What of it is not looked at, sentences.
    var skipped: [String] = []

    /// The version that the release's is compared with.
    var released: String { shownVersion ?? version }
}

/// A file that a feed names.
struct FeedFile: Sendable {
    /// Its absolute address.
    var url: String
    /// What the feed says how large it is, in bytes.
    var size: Int?
    /// What the feed says its SHA-512 is.
    var sha512: [UInt8]?
    /// How the feed signs it.
    var signature: FeedSignature?
    /// Whether it leads from one version to the next only; it need not be among a release's artifacts.
    var isDelta = false

    /// The last part of its address, decoded.
    var name: String {
        let path = url.prefix { $0 != "?" && $0 != "#" }
        let last = path.split(separator: "/").last.map(String.init) ?? ""
        return last.removingPercentEncoding ?? last
    }

    /// The tag of another release of GitHub that its address leads to; nil where it leads to none, or to the given one.
    func otherRelease(than tag: String) -> String? {
        guard let match = url.firstMatch(of: /\/releases\/download\/([^\/?#]+)\/[^\/?#]+/) else { return nil }
        let found = String(match.output.1).removingPercentEncoding ?? String(match.output.1)
        return found == tag ? nil : found
    }

    /// What findings call it.
    var place: String { "file \(shownAddress(url))" }
}

/// How a feed signs a file.
enum FeedSignature: Sendable, Hashable {
    /// Ed25519 over the bytes of the file.
    case plain([UInt8])
    case minisign(MinisignSignature)
}

/// Why a feed cannot be used, or what of it is wrong.
struct FeedReading: Sendable {
    /// What it offers; nil where that cannot be read.
    var offer: FeedOffer?
    /// What is wrong.
    var faults: [ReleaseFault] = []
}

/// An address that a feed names, made absolute; blanks in it are tolerated.
///
/// - Parameters:
///   - text: What stands in the feed.
///   - base: The address of the feed.
/// - Returns: An http or https address; nil where it is none.
func absoluteAddress(_ text: String, at base: String) -> String? {
    let spaced = text.split(separator: /[\r\n\t]+/).joined().replacing(" ", with: "%20")
    guard let url = URL(string: spaced, relativeTo: URL(string: base))?.absoluteURL,
        ["http", "https"].contains(url.scheme?.lowercased() ?? ""), url.host?.isEmpty == false
    else { return nil }
    return url.absoluteString
}

/// A whole number of bytes as feeds write it; nil where the text is none, or more than any file has.
func byteCount(_ text: String?) -> Int? {
    guard let text, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(text),
        count <= FileCaller.fileLimit
    else { return nil }
    return count
}
