import HotfixCalls
package import HotfixCore
package import HotfixHTTP

/// Verifies that a release is really out: at GitHub, and in the update feeds that clients ask.
package struct ReleaseVerifier: Sendable {
    /// How the repository at GitHub is reached.
    package struct Forge: Sendable {
        /// `OWNER/NAME`.
        package var repository: String
        /// A token that may read contents and actions.
        package var token: Secret
        /// The base of the API, without a slash at its end.
        package var url: String

        /// Makes an access.
        package init(repository: String, token: Secret, url: String = "https://api.github.com") {
            self.repository = repository
            self.token = token
            self.url = url
        }
    }

    private let forge: Forge
    private let expectation: ReleaseExpectation
    private let caller: FileCaller
    private let client: HTTPClient
    private let now: Instant

    /// Makes a verifier.
    ///
    /// - Parameters:
    ///   - expectation: What the release has to be.
    ///   - forge: How the repository is reached.
    ///   - client: The client; feeds and their files are asked without the token.
    ///   - scratch: A directory with room for a download whose signature is of all of its bytes.
    ///   - now: The instant now.
    package init(
        _ expectation: ReleaseExpectation, at forge: Forge, through client: HTTPClient, scratch: String, now: Instant
    ) {
        self.expectation = expectation
        self.forge = forge
        self.client = client
        self.now = now
        caller = FileCaller(client: client, scratch: scratch)
    }

    /// Looks at everything.
    ///
    /// - Returns: What is wrong, what could not be asked, and what holds.
    package func findings() async -> ReleaseFindings {
        var findings = ReleaseFindings()
        findings.isFull = expectation.isFull
        let release = await lookAtRelease(&findings)
        for feed in expectation.feeds {
            let inspection = FeedInspection(
                feed: feed, expectation: expectation, previous: release.previous, assets: release.assets, caller: caller
            )
            await inspection.look(&findings)
        }
        if !expectation.isFull {
            findings.skipped.append("Files were not downloaded: without --quick, digests and signatures are verified.")
        }
        return findings
    }

    private var place: String { "release '\(clipped(oneLine(expectation.tag), bytes: 200))'" }

    private func lookAtRelease(
        _ findings: inout ReleaseFindings
    ) async -> (assets: [ReleaseAsset], previous: String?) {
        let api = GitHubAPI(url: forge.url, repository: forge.repository, token: forge.token, client: client)
        let hub = ReleaseForge(api: api, now: now)
        let checks = ReleaseChecks(expectation: expectation)
        var assets: [ReleaseAsset] = []
        var previous = expectation.previous.map(version(ofTag:))
        do throws(ForgeFailure) {
            guard let release = try await hub.release(expectation.tag) else {
                findings.faults.append(checks.missing)
                return ([], previous)
            }
            let faults = checks.faults(of: release)
            findings.faults += faults
            if faults.isEmpty { findings.held.append("\(place): it is published, with notes.") }
            assets = try await hub.assets(release.id)
            let artifacts = checks.artifacts(among: assets)
            findings.faults += artifacts.faults
            for asset in artifacts.found where asset.state == "uploaded" && asset.size > 0 {
                guard let digest = await look(at: asset, &findings) else { continue }
                for index in assets.indices where assets[index].id == asset.id { assets[index].sha256 = digest }
            }
            if previous == nil, !expectation.feeds.isEmpty {
                previous = PreviousRelease(of: release).version(among: try await hub.releases())
            }
        } catch {
            findings.add(error, place)
        }
        await lookAtCommit(hub, checks, &findings)
        return (assets, previous)
    }

    private func lookAtCommit(
        _ hub: ReleaseForge, _ checks: ReleaseChecks, _ findings: inout ReleaseFindings
    ) async {
        do throws(ForgeFailure) {
            let commit = try await hub.commit(ofTag: expectation.tag)
            let faults = checks.faults(ofCommit: commit)
            findings.faults += faults
            guard let commit else { return }
            if faults.isEmpty {
                findings.held.append(
                    "tag '\(oneLine(expectation.tag))': it leads to \(clipped(oneLine(commit), bytes: 80)).")
            }
            let runs = try await hub.runs(ofTag: expectation.tag, commit: commit, workflow: expectation.workflow)
            let runFaults = checks.faults(of: runs)
            findings.faults += runFaults
            if runs.isEmpty, runFaults.isEmpty {
                findings.notes.append(
                    "No workflow ran for the tag; where one should have, name it as 'release.workflow'.")
            } else if runFaults.isEmpty {
                findings.held += runs.map { "\($0.place): its run for the tag succeeded." }
            }
        } catch {
            findings.add(error, "tag '\(oneLine(expectation.tag))'")
        }
    }

    /// Downloads an artifact where only its bytes tell whether it is what it should be.
    ///
    /// - Returns: Its SHA-256 where GitHub did not say one and its bytes were seen.
    private func look(at asset: ReleaseAsset, _ findings: inout ReleaseFindings) async -> [UInt8]? {
        guard expectation.isFull || asset.sha256 == nil else {
            findings.held.append("\(asset.place): \(count(asset.size, "byte")), uploaded.")
            return nil
        }
        let access = FileCaller.Access(
            headers: [(name: "Accept", value: "application/octet-stream")], credentials: .bearer(forge.token.value))
        let path = forge.repository.split(separator: "/").map { percentEncoded(String($0)) }.joined(separator: "/")
        let url = "\(forge.url)/repos/\(path)/releases/assets/\(asset.id)"
        do throws(FileFailure) {
            let digests = try await caller.digests(url, announced: asset.size, access: access)
            let before = findings.faults
            if digests.size != asset.size {
                findings.faults.append(
                    ReleaseFault(
                        .size, asset.place, "It is not as large as GitHub says.", expected: "\(asset.size) bytes",
                        found: "\(digests.size) bytes", remedy: "Delete it from the release, and upload it again."))
            }
            if let expected = asset.sha256, expected != digests.sha256 {
                findings.faults.append(
                    ReleaseFault(
                        .digest, asset.place, "Its bytes are not those that GitHub took.",
                        expected: "sha256:\(hexadecimal(expected))", found: "sha256:\(hexadecimal(digests.sha256))",
                        remedy: "Delete it from the release, and upload it again."))
            }
            if findings.faults == before {
                findings.held.append("\(asset.place): it was downloaded, sha256:\(hexadecimal(digests.sha256)).")
            }
            return asset.sha256 == nil && findings.faults == before ? digests.sha256 : nil
        } catch {
            findings.add(
                error, asset.place, "It cannot be downloaded.",
                remedy: "Delete it from the release, and upload it again.")
            return nil
        }
    }
}

extension ReleaseFindings {
    /// Adds why GitHub could not be asked.
    fileprivate mutating func add(_ failure: ForgeFailure, _ place: String) {
        unasked.append(Unasked(place, failure.message, isMisconfigured: failure.isMisconfigured))
    }
}
