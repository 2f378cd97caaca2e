import Crypto
import Foundation
package import HotfixCore

/// A secret of [Standard Webhooks](https://www.standardwebhooks.com): what a message to a webhook is signed with.
package struct WebhookSecret: Sendable {
    private let key: SymmetricKey

    /// Reads a secret: `whsec_`, which may be left out, and the key in Base64.
    ///
    /// It is nil where what follows `whsec_` is empty or not Base64.
    ///
    /// - Parameter secret: The secret as the receiver gave it out.
    package init?(_ secret: Secret) {
        let prefix = "whsec_"
        let text = secret.value.hasPrefix(prefix) ? String(secret.value.dropFirst(prefix.count)) : secret.value
        guard let key = Data(base64Encoded: text), !key.isEmpty else { return nil }
        self.key = SymmetricKey(data: key)
    }

    /// Whether the key is as long as Standard Webhooks wants it: 24 to 64 bytes.
    package var isOfUsualLength: Bool { (24...64).contains(key.bitCount / 8) }

    /// The signature of a message, with its version: `v1,` and Base64.
    ///
    /// - Parameters:
    ///   - id: The identity of the message, without a `.`.
    ///   - timestamp: The instant of the attempt.
    ///   - body: What is sent, byte by byte.
    /// - Returns: One signature of the header `webhook-signature`.
    package func signature(id: String, timestamp: Instant, body: [UInt8]) -> String {
        let signed = Array("\(id).\(timestamp.seconds).".utf8) + body
        return "v1," + Data(HMAC<SHA256>.authenticationCode(for: signed, using: key)).base64EncodedString()
    }
}
