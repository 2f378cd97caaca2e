import Crypto
package import HotfixCore

/// What receivers that know repeats by a key are given for a thread: `hotfix:` and the first 32 hexadecimal digits of
/// SHA-256 over the ledger's identity, a line feed, and the thread.
///
/// The same in every message of a thread, for as long as the ledger lives, and different in every other ledger.
package func messageKey(ledgerID: String, thread: String) -> String {
    "hotfix:" + hexadecimal(SHA256.hash(data: Array("\(ledgerID)\n\(thread)".utf8))).prefix(32)
}

extension Message {
    /// The key of its thread.
    package var key: String { messageKey(ledgerID: facts.ledgerID, thread: thread) }
}

/// The hexadecimal digits of bytes, in lower case.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef")
    return bytes.reduce(into: "") { text, byte in
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
}
