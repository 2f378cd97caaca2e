import HotfixRelease
import Testing

@Test(
    "A tag names its version",
    arguments: [
        ("v1.0.1-hotfix1", "1.0.1-hotfix1"), ("1.0.1", "1.0.1"), ("version-2", "version-2"), ("v", "v"), ("", ""),
    ])
func tagNamesVersion(tag: String, named: String) {
    #expect(version(ofTag: tag) == named)
}
