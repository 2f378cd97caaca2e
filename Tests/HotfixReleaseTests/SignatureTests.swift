import Crypto
import Foundation
import HotfixRelease
import HotfixTestSupport
import Testing

@Suite("Signatures and the digests that they are of")
struct SignatureTests {
    /// What Python's hashlib.blake2b says of `bytes((i * 7 + n) & 255 for i in range(n))`.
    static let digests = [
        (
            0,
            "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce"
        ),
        (
            1,
            "9545ba37b230d8a2e716c4707586542780815b7c4088edcb9af6a9452d50f32474d5ba9aab52a67aca864ef2696981c2eadf49020416136afd838fb048d21653"
        ),
        (
            127,
            "a9369c8a2827275c57528cb4720695b44d170dfda386b9d0ea424fc607fdd34971f1a81d3cefd520ef40921e996ac76ef24b8bda2dca27904dff6a2b295b87e2"
        ),
        (
            128,
            "a7b57dba995e20f757a9793ebc8e7cba952c60edddb5bd5e7ffeeb9aa4f36f2cefd66df22deecb664428c45f5cde5756a944f2478efaac33c5faae5683b08f04"
        ),
        (
            129,
            "19d0ad91b99eaac8253dc6b6bc3dce6b769e76976c956ac3051169847681b2c9677c399c73a3602e787962cb773ec69d01a968216d3c0f5085c397809c229fc0"
        ),
        (
            256,
            "f8517f3d1accbf944ef17fc76662f7d91e6bbff44a7c5a0ed63bc52d177810f5dee0881ae4541269f230ae91b0c4f8d8c9fa1fd094280e5ed38bc7da95427820"
        ),
        (
            1000,
            "eee729ae72452db92c8475b12e4cebd336e3a6761b4b83399221f4a890611e86a6b62efe82240bc0ec06417c02aadb54a37bbb5f659984cc0b8b7e1cafa573ec"
        ),
    ]

    @Test("BLAKE2b is that of Python's hashlib, in whatever pieces the bytes come", arguments: digests)
    func blake2b(count: Int, expected: String) {
        let bytes = (0..<count).map { UInt8(($0 * 7 + count) & 255) }
        for piece in [1, 64, 128, 2000] {
            var digest = Blake2b()
            for start in stride(from: 0, to: count, by: piece) {
                digest.update(bytes[start..<min(count, start + piece)])
            }
            #expect(digest.finalize().map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined() == expected)
        }
    }

    @Test("A signature of openssl pkeyutl -sign -rawin holds, and no other does")
    func openssl() throws {
        let key = try bytes("JOubnur/P6aQCWX39ERPyEViLE31y++P0eYP3mXb1fc=")
        let signature = try bytes(
            "XTWcly+r/hbfyWE/DJqug3ddXfkj7daMwq+RlWXjvls7B2eQlXo6VIB0BvZr5V7ZziYVcnXJfL74jIuufG++Bw==")
        let archive = Data("the archive of the release\n".utf8)
        #expect(isSignature(signature, of: archive, by: key))
        #expect(!isSignature(signature, of: archive + [0], by: key))
        #expect(!isSignature(Array(signature.reversed()), of: archive, by: key))
        #expect(!isSignature(signature, of: archive, by: Array(key.reversed())))
        #expect(!isSignature([], of: archive, by: key) && !isSignature(signature, of: archive, by: []))
    }

    private func bytes(_ base64: String) throws -> [UInt8] { Array(try #require(Data(base64Encoded: base64))) }

    /// Signs a file with the real minisign; what is signed, its signature file, the key and another key.
    private func signed(
        _ options: [String] = []
    ) async throws -> (file: [UInt8], signature: String, key: String, otherKey: String) {
        try await withTemporaryDirectory { directory in
            let file = (0..<3000).map { UInt8($0 % 251) }
            try Data(file).write(to: URL(fileURLWithPath: "\(directory)/app.tar.gz"))
            func minisign(_ arguments: [String]) async throws {
                let ending = try await SpawnedCommand.start(
                    "/usr/bin/minisign", arguments, environment: ["HOME": directory], outputFile: "\(directory)/output"
                ).ending()
                #expect(ending.exitStatus == 0, "\(ending.output)")
            }
            for name in ["one", "other"] {
                try await minisign(["-G", "-W", "-p", "\(directory)/\(name).pub", "-s", "\(directory)/\(name).key"])
            }
            try await minisign(
                ["-S", "-s", "\(directory)/one.key", "-m", "\(directory)/app.tar.gz", "-t", "version 1.0.1"] + options)
            func text(_ name: String) throws -> String {
                try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
            }
            return (file, try text("app.tar.gz.minisig"), try text("one.pub"), try text("other.pub"))
        }
    }

    @Test("What minisign signs holds, as it is and in base64, and nothing else does", arguments: [false, true])
    func minisign(isLegacy: Bool) async throws {
        let (file, text, keyText, otherText) = try await signed(isLegacy ? ["-l"] : [])
        let key = try #require(MinisignKey(keyText))
        let other = try #require(MinisignKey(otherText))
        let wrapped = Data(text.utf8).base64EncodedString()
        let wrappedKey = try #require(MinisignKey(Data(keyText.utf8).base64EncodedString()))
        #expect(wrappedKey == key)
        #expect(keyText.contains(key.name))
        for text in [text, wrapped] {
            let signature = try #require(MinisignSignature(text))
            #expect(signature.isPrehashed == !isLegacy)
            #expect(signature.objection(to: key, of: signedBytes(file, signature)) == nil)
            #expect(signature.objection(to: key, of: signedBytes(file + [0], signature)) == .otherBytes)
            #expect(signature.objection(to: other, of: signedBytes(file, signature)) == .otherKey)
        }
        let changed = try #require(MinisignSignature(text.replacing("version 1.0.1", with: "version 9.9.9")))
        #expect(changed.objection(to: key, of: signedBytes(file, changed)) == .changedComment)
    }

    private func signedBytes(_ file: [UInt8], _ signature: MinisignSignature) -> Data {
        guard signature.isPrehashed else { return Data(file) }
        var digest = Blake2b()
        digest.update(file)
        return Data(digest.finalize())
    }

    @Test(
        "What is no signature and no key of minisign is none",
        arguments: [
            "", "untrusted comment: x", "untrusted comment: x\nAAAA\ntrusted comment: y\nAAAA\n",
            "https://example.com/a.sig",
            "dW50cnVzdGVkIGNvbW1lbnQ6IHgK",
        ])
    func none(text: String) {
        #expect(MinisignSignature(text) == nil)
        #expect(MinisignKey(text) == nil)
    }
}
