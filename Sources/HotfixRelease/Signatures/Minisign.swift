import Crypto
package import Foundation

/// A public key of minisign, which Tauri's updater is built with.
package struct MinisignKey: Sendable, Hashable {
    /// The eight bytes by which a signature names its key.
    let id: [UInt8]
    private let key: [UInt8]

    /// Reads a key; nil where the text is none.
    ///
    /// - Parameter text: What `minisign -G` wrote, its second line alone, or either of them once more in base64, as `tauri.conf.json` has it.
    package init?(_ text: String) {
        let text = unwrapped(text, beginning: "untrusted comment:")
        let line = lines(text).last { !$0.hasPrefix("untrusted comment:") } ?? ""
        guard let bytes = Data(base64Encoded: line).map(Array.init), bytes.count == 42, bytes[..<2] == [0x45, 0x64]
        else { return nil }
        id = Array(bytes[2..<10])
        key = Array(bytes[10...])
    }

    /// The key's id as minisign shows it.
    package var name: String { shownID(id) }

    func isValid(_ signature: [UInt8], for message: some DataProtocol) -> Bool {
        isSignature(signature, of: message, by: key)
    }
}

/// A signature file of minisign.
package struct MinisignSignature: Sendable, Hashable {
    /// Whether it is of the BLAKE2b-512 of the file, as those of today are, and not of the file itself.
    package let isPrehashed: Bool
    let id: [UInt8]
    private let signature: [UInt8]
    private let trustedComment: String
    private let globalSignature: [UInt8]

    /// Reads a signature; nil where the text is none.
    ///
    /// - Parameter text: The whole text of a `.sig` or `.minisig`, or that once more in base64, as `latest.json` has it.
    package init?(_ text: String) {
        let lines = lines(unwrapped(text, beginning: "untrusted comment:"))
        let prefix = "trusted comment: "
        guard lines.count == 4, lines[0].hasPrefix("untrusted comment:"), lines[2].hasPrefix(prefix),
            let bytes = Data(base64Encoded: lines[1]).map(Array.init), bytes.count == 74,
            let global = Data(base64Encoded: lines[3]).map(Array.init), global.count == 64,
            bytes[0] == 0x45, bytes[1] == 0x64 || bytes[1] == 0x44
        else { return nil }
        isPrehashed = bytes[1] == 0x44
        id = Array(bytes[2..<10])
        signature = Array(bytes[10...])
        trustedComment = String(lines[2].dropFirst(prefix.count))
        globalSignature = global
    }

    /// Reads a signature as `latest.json` has it; nil where clients would not read it.
    ///
    /// - Parameter text: The whole text of a `.sig` in base64, without anything around it.
    package init?(wrapped text: String) {
        guard let data = Data(base64Encoded: text), let inner = String(bytes: data, encoding: .utf8) else { return nil }
        self.init(inner)
    }

    /// The id of the key that it was made with, as minisign shows it.
    package var keyName: String { shownID(id) }

    /// What of it does not hold.
    package enum Objection: Sendable, Hashable {
        /// It was made with another key.
        case otherKey
        /// It is not of these bytes.
        case otherBytes
        /// Its trusted comment was changed.
        case changedComment
    }

    /// Says what does not hold of its key and its comment, for which the file is not needed; nil where all does.
    package func objection(to key: MinisignKey) -> Objection? {
        guard id == key.id else { return .otherKey }
        return key.isValid(globalSignature, for: Data(signature + Array(trustedComment.utf8))) ? nil : .changedComment
    }

    /// Says what does not hold; nil where all does.
    ///
    /// - Parameters:
    ///   - key: The key that it has to be made with.
    ///   - signed: The BLAKE2b-512 of the file where it is prehashed, else the file.
    /// - Returns: What does not hold.
    package func objection(to key: MinisignKey, of signed: some DataProtocol) -> Objection? {
        if let objection = objection(to: key) { return objection }
        return key.isValid(signature, for: signed) ? nil : .otherBytes
    }
}

/// Whether 64 bytes are the Ed25519 signature of a message by the key of 32 bytes.
package func isSignature(_ signature: [UInt8], of message: some DataProtocol, by key: [UInt8]) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key) else { return false }
    return key.isValidSignature(signature, for: message)
}

/// A text that may have been wrapped in base64 once more.
private func unwrapped(_ text: String, beginning: String) -> String {
    guard !text.contains(beginning), let data = Data(base64Encoded: text.filter { !$0.isWhitespace }),
        let inner = String(bytes: data, encoding: .utf8), inner.contains(beginning)
    else { return text }
    return inner
}

private func lines(_ text: String) -> [String] {
    var lines = text.split(separator: /\r?\n/, omittingEmptySubsequences: false).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
}

/// The id as minisign prints it: a number that is kept with its lowest byte first.
private func shownID(_ id: [UInt8]) -> String {
    String(id.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }, radix: 16, uppercase: true)
}
