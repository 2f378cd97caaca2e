import Testing

@testable import HotfixTracker

@Suite("What is said of git's errors")
struct GitErrorTests {
    @Test(
        "an address shows no user, no password and no query",
        arguments: [
            ("at 'https://token@git.example/x.git/': gone", "at 'https://***@git.example/x.git/': gone"),
            ("https://user:p@ssw0rd@127.0.0.1:9/x.git", "https://***@127.0.0.1:9/x.git"),
            (
                "unable to access 'https://git.example/x.git?private_token=SECRET/': no",
                "unable to access 'https://git.example/x.git?***': no"
            ),
            ("https://git.example/x.git#SECRET and ssh://a@b/c", "https://git.example/x.git#*** and ssh://***@b/c"),
            ("https://u:p@git.example/x?a=SECRET@home", "https://***@git.example/x?***"),
            ("git@git.example:x.git? and mail@example.com", "git@git.example:x.git? and mail@example.com"),
        ])
    func credentials(text: String, shown: String) {
        #expect(withoutCredentials(text) == shown)
    }

    @Test("a password that would be cut in the middle is gone before")
    func cut() {
        for length in 900..<1010 {
            let said = String(repeating: "x", count: length) + " https://captain:swordfish@git.example/shop.git"
            let error = GitError(["fetch"], GitAnswer(status: 1, output: "", said: said))
            #expect(!error.description.contains("capt"), "\(length)")
        }
    }

    @Test(
        "a refusal of git says what to do next",
        arguments: [
            ("fatal: Unable to create '/x/.git/index.lock': File exists.", "remove the lock file"),
            ("fatal: detected dubious ownership in repository at '/x'", "safe.directory"),
            (
                "error: Your local changes to the following files would be overwritten by checkout:\n\ta",
                "Commit the files that are named"
            ),
            ("fatal: 'main' is already checked out at '/x'", "Another work tree"),
            ("error: gpg failed to sign the data", "Mend what signs"),
            ("fatal: write error: No space left on device", "Make room"),
            ("fatal: something new", "Mend what git says, and run the command again."),
        ])
    func advice(said: String, next: String) {
        let error = GitError(["switch", "main"], GitAnswer(status: 128, output: "", said: said))
        #expect(error.reason.contains(next) && error.reason.hasSuffix("run the command again."), "\(error)")
    }
}
