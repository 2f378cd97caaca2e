import HotfixTracker
import Testing

@Suite("The version of a release")
struct ReleaseVersionTests {
    @Test("versions stand in the order of SemVer, and a hotfix behind what it mends")
    func order() throws {
        let texts = [
            "0.0.0", "0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
            "1.0.0-beta.11", "1.0.0-hotfix", "1.0.0-rc.1", "1.0.0", "1.0.0-hotfix1", "1.0.0-hotfix2", "1.0.0-hotfix10",
            "1.0.1-rc.1", "1.0.1", "1.0.10", "1.2.0", "1.10.0", "2.0.0", "18446744073709551616.0.0",
            "18446744073709551617.0.0",
        ]
        let versions = try texts.map { try #require(ReleaseVersion($0), "\($0)") }
        for (index, version) in versions.enumerated() {
            for (other, later) in versions.enumerated() {
                #expect((version < later) == (index < other), "\(version) \(later)")
                #expect((version == later) == (index == other), "\(version) \(later)")
            }
        }
    }

    @Test("a v before it, build metadata and the spelling hotfix.1 make no other version")
    func same() {
        #expect(ReleaseVersion("v1.2.3") == ReleaseVersion("1.2.3+build.7"))
        #expect(ReleaseVersion("V1.2.3-hotfix.1") == ReleaseVersion("1.2.3-hotfix1"))
        #expect(ReleaseVersion("1.2.3+build.7")?.hashValue == ReleaseVersion("v1.2.3")?.hashValue)
        #expect(ReleaseVersion("v1.2.3-hotfix1")?.description == "1.2.3-hotfix1")
        #expect(ReleaseVersion("1.2.3-rc.1")?.isPreRelease == true)
        #expect(ReleaseVersion("1.2.3-hotfix1")?.isPreRelease == false)
    }

    @Test(
        "what is no version is none",
        arguments: [
            "", "v", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3-a..b", "1.2.3+", "1.2.3-ä", "١.2.3",
            " 1.2.3", "1.2.3\n", "1.2.x", "vv1.2.3", "-1.2.3", "milestone/1.2.3",
        ])
    func none(text: String) {
        #expect(ReleaseVersion(text) == nil)
    }

    @Test("only names of hotfix branches hold one")
    func inNames() {
        #expect(ReleaseVersion.inName(ofBranch: "hotfix/v1.0.1-hotfix1")?.description == "1.0.1-hotfix1")
        #expect(ReleaseVersion.inName(ofBranch: "hotfix/shop/1.0.1")?.description == "1.0.1")
        #expect(ReleaseVersion.inName(ofBranch: "release/hotfix-20261122") == nil)
        #expect(ReleaseVersion.inName(ofBranch: "hotfix/login") == nil)
    }
}
