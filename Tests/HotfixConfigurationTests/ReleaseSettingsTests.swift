import Testing

@testable import HotfixConfiguration

@Suite struct ReleaseSettingsTests {
    private static let sparkleKey = "JOubnur/P6aQCWX39ERPyEViLE31y++P0eYP3mXb1fc="
    private static let tauriKey = "RWQBAgMEBQYHCCTrm57q/z+mkAll9/RET8hFYixN9cvvj9HmD95l29X3"

    @Test func releasesAreRead() throws {
        let read = try settings(
            small + """
                release:
                  artifacts: ["Shop-{version}.dmg", "*-{tag}.zip"]
                  workflow: .github/workflows/release.yml
                  prerelease: true
                  feeds:
                    - {type: sparkle, url: "https://example.com/appcast.xml", public_key: "\(Self.sparkleKey)"}
                    - {type: electron, url: "http://localhost:8080/{tag}/{version}/latest.yml"}
                    - type: tauri
                      url: "https://example.com/{{target}}/{{arch}}/{{current_version}}"
                      public_key: "\(Self.tauriKey)"
                      platforms: [darwin-aarch64, linux-x86_64-appimage]
                """, files: smallFiles)
        var expected = ReleaseSettings()
        expected.artifacts = ["Shop-{version}.dmg", "*-{tag}.zip"]
        expected.workflow = "release.yml"
        expected.isPrerelease = true
        expected.feeds = [
            .init(.sparkle, "https://example.com/appcast.xml", publicKey: Self.sparkleKey),
            .init(.electron, "http://localhost:8080/{tag}/{version}/latest.yml"),
            .init(
                .tauri, "https://example.com/{{target}}/{{arch}}/{{current_version}}", publicKey: Self.tauriKey,
                platforms: ["darwin-aarch64", "linux-x86_64-appimage"]),
        ]
        #expect(read.release == expected)
        #expect(try settings(small, files: smallFiles).release == ReleaseSettings())
    }

    @Test(
        "What is wrong with a release is said where it stands",
        arguments: [
            ("artifacts: Shop.dmg", "release.artifacts: must be a list, not a single value."),
            (#"artifacts: ["Shop-{versoin}.dmg"]"#, "holds another word in braces than {version} and {tag}."),
            (#"artifacts: ["dist/Shop.dmg"]"#, "'dist/Shop.dmg' is not the name of a file."),
            (#"artifacts: ["*"]"#, "'*' is not the name of a file."),
            ("artifacts: [a.dmg, a.dmg]", "release.artifacts[1]: 'a.dmg' is written more than once here."),
            ("workflow: release", "'release' is not the file of a workflow."),
            ("prerelease: maybe", "'maybe' is neither true nor false."),
            ("feeds: [{type: appcast, url: \"https://x.example\"}]", "'appcast' is not a type of feed."),
            (
                "feeds: [{type: sparkle, url: \"https://x.example\"}]",
                "'public_key' is missing. Signatures are verified with it."
            ),
            (
                "feeds: [{type: sparkle, url: \"https://x.example\", public_key: abc}]",
                "'abc' is not a public key of Sparkle."
            ),
            ("feeds: [{type: electron, url: \"https://x.example\", public_key: abc}]", "unknown key 'public_key'."),
            ("feeds: [{type: electron, url: \"http://x.example/latest.yml\"}]", "is plain http to another machine"),
            (
                "feeds: [{type: electron, url: \"https://x.example/{{arch}}.yml\"}]",
                "has braces that mean nothing here."
            ),
            ("feeds: [{type: electron}]", "'url' is missing."),
            (
                "feeds: [{type: electron, url: \"https://x.example/a.yml\"}, {type: electron, url: \"https://x.example/a.yml\"}]",
                "a feed of this address is there already."
            ),
            (
                "feeds: [{type: tauri, url: \"https://x.example/{{target}}\", public_key: \"\(tauriKey)\"}]",
                "'platforms' names none."
            ),
            (
                "feeds: [{type: tauri, url: \"https://x.example/a.json\", public_key: \"\(tauriKey)\", platforms: [macos]}]",
                "'macos' is not a platform."
            ),
            ("artefacts: []", "unknown key 'artefacts'. Did you mean 'artifacts'?"),
        ])
    func problemsAreSaid(line: String, expected: String) {
        let found = problems(small + "release:\n  " + line + "\n", files: smallFiles)
        #expect(found.count == 1 && found.first?.contains(expected) == true, "\(found)")
    }
}
