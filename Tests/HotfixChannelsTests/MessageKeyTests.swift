import HotfixChannels
import Testing

@Suite struct MessageKeyTests {
    @Test("The key of a thread is the beginning of a SHA-256, and another in another ledger")
    func key() {
        // printf 'L\ncheckout/cpu/2026-11-20T10:00:00Z' | sha256sum
        #expect(
            messageKey(ledgerID: "L", thread: "checkout/cpu/2026-11-20T10:00:00Z")
                == "hotfix:8d5bc84d79ff5db5fdfc08ca301bdee0")
        #expect(messageKey(ledgerID: "L", thread: "a") != messageKey(ledgerID: "M", thread: "a"))
    }
}
