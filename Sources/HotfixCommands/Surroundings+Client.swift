import HotfixHTTP

extension Surroundings {
    /// The client of a command, which says who asks: servers that are asked want to know the version.
    func client() -> HTTPClient {
        HTTPClient(agent: "hotfix/\(Version.text)", wallClock: clock, sleep: sleep)
    }
}
