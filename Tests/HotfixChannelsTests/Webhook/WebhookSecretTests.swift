import HotfixChannels
import HotfixCore
import Testing

@Suite("A webhook's secret")
struct WebhookSecretTests {
    @Test("signs as Standard Webhooks' own example", arguments: ["whsec_", ""])
    func vector(_ prefix: String) throws {
        let secret = try #require(WebhookSecret(Secret(prefix + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")))
        let signature = secret.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: Instant(1_614_265_330),
            body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        #expect(secret.isOfUsualLength)
    }

    @Test("is refused where it is no Base64", arguments: ["", "whsec_", "whsec_not base64!", "whsec_abc"])
    func refused(_ text: String) {
        #expect(WebhookSecret(Secret(text)) == nil)
    }

    @Test("is told from one of an unusual length")
    func length() throws {
        #expect(try #require(WebhookSecret(Secret("whsec_c2hvcnQ="))).isOfUsualLength == false)
    }
}
