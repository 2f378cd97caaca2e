import Crypto
import Foundation
import HotfixCore
import HotfixHTTP
import Synchronization

/// Asks for files as an updater does.
struct FileCaller: Sendable {
    /// The client.
    let client: HTTPClient
    /// Where downloads are kept whose signature is of all of their bytes.
    let scratch: String

    /// Above this, no feed is read.
    static let feedLimit = 8 << 20
    /// Above this, nothing is downloaded that did not announce its size.
    static let fileLimit = 16 << 30

    /// Who asks and how, beside the address.
    struct Access: Sendable {
        var headers: [(name: String, value: String)] = []
        var credentials = HTTPCall.Credentials.none
    }

    /// Reads a feed, fresh.
    ///
    /// - Returns: The answer: 200 with a body, or 204.
    /// - Throws: ``FileFailure``.
    func feed(_ url: String, accept: String? = nil) async throws(FileFailure) -> HTTPAnswer {
        var headers = [(name: "Cache-Control", value: "no-cache")]
        if let accept { headers.append((name: "Accept", value: accept)) }
        let call = HTTPCall(.get, url, headers: headers, bodyLimit: Self.feedLimit)
        let answer = try await answer(to: call)
        guard answer.status == 200 || answer.status == 204 else { throw failure(answer) }
        return answer
    }

    /// Asks whether something answers, without reading it.
    func probe(_ url: String) async throws(FileFailure) { _ = try await size(url) }

    /// Asks how large a file is, by its first byte.
    ///
    /// - Returns: Its size in bytes; nil where the server does not say.
    /// - Throws: ``FileFailure``.
    func size(_ url: String, access: Access = Access()) async throws(FileFailure) -> Int? {
        var call = HTTPCall(
            .get, url, headers: plain(access) + [(name: "Range", value: "bytes=0-0")],
            credentials: access.credentials, bodyLimit: 4096)
        call.cutsBody = true
        let answer = try await answer(to: call)
        switch answer.status {
        case 206:
            return answer.headers["Content-Range"]?.split(separator: "/").last.flatMap { Int($0) }
        case 200:
            guard answer.headers["Content-Encoding"].map({ $0.lowercased() == "identity" }) ?? true else { return nil }
            return answer.headers["Content-Length"].flatMap { Int($0) }
        // Only an empty file has no first byte.
        case 416: return answer.headers["Content-Range"]?.split(separator: "/").last.flatMap { Int($0) } ?? 0
        default: throw failure(answer)
        }
    }

    /// Downloads a file and reckons its digests as it comes.
    ///
    /// - Parameters:
    ///   - url: Its address.
    ///   - announced: How large it should be, in bytes; a byte more says that there is more, and no more is taken.
    ///   - needs: What is needed beside size, SHA-256 and SHA-512.
    ///   - access: Who asks.
    /// - Returns: Its digests.
    /// - Throws: ``FileFailure``.
    func digests(
        _ url: String, announced: Int?, needs: FileNeeds = [], access: Access = Access()
    ) async throws(FileFailure) -> FileDigests {
        var last = FileFailure.unreachable("It was not asked for.")
        for _ in 0..<3 {
            do {
                return try await download(url, announced: announced, needs: needs, access: access)
            } catch {
                last = error
                guard case .unreachable = error else { throw error }
            }
        }
        throw last
    }

    private func download(
        _ url: String, announced: Int?, needs: FileNeeds, access: Access
    ) async throws(FileFailure) -> FileDigests {
        let spool = needs.contains(.spool) ? try SpooledFile(in: scratch) : nil
        let limit = announced.map { min(max($0, 0), Self.fileLimit) + 1 } ?? Self.fileLimit
        let intake = FileIntake(limit: limit, blake2b: needs.contains(.blake2b), spool: spool)
        var call = HTTPCall(
            .get, url, headers: plain(access), credentials: access.credentials, deadline: .seconds(3600),
            bodyLimit: 1 << 20, retry: .none)
        // The body of a redirect is none of the file, nor is that of a refusal.
        call.sink = HTTPSink(wants: { status, _ in status == 200 }, take: { intake.take($0) })
        let answer: HTTPAnswer
        do {
            answer = try await self.answer(to: call)
        } catch {
            switch intake.refusal {
            case .tooLong: throw .tooLarge("\(shownAddress(url)) brought more than \(limit) bytes.")
            case .diskFull:
                throw .unreachable("There is no room for \(shownAddress(url)) in '\(scratch)'. Set TMPDIR.")
            case nil: throw error
            }
        }
        guard answer.status == 200 else { throw failure(answer) }
        return intake.digests()
    }

    /// A file's own bytes are wanted, never packed ones.
    private func plain(_ access: Access) -> [(name: String, value: String)] {
        access.headers + [(name: "Accept-Encoding", value: "identity"), (name: "Cache-Control", value: "no-cache")]
    }

    private func answer(to call: HTTPCall) async throws(FileFailure) -> HTTPAnswer {
        do {
            return try await client.send(call)
        } catch let error as HTTPError {
            switch error.code {
            case .tls where !error.isTransient, .redirectRefused, .invalidURL, .protocolError:
                throw .dead("\(error)")
            case .tooLarge: throw .tooLarge("\(error)")
            default: throw .unreachable("\(error)")
            }
        } catch {
            throw .unreachable("The request was given up before its answer. Run the command again.")
        }
    }

    /// What a refusal means: one that passes by itself, or one that every client gets.
    private func failure(_ answer: HTTPAnswer) -> FileFailure {
        let isPassing = [408, 425, 429].contains(answer.status) || answer.status >= 500
        let said = "It answered \(answer.status)."
        return isPassing ? .unreachable(said + " Run the command again later.") : .dead(said)
    }
}

/// Takes the bytes of a download as they come.
private final class FileIntake: Sendable {
    enum Refusal: Sendable { case tooLong, diskFull }

    private struct State {
        var size = 0
        var sha256 = SHA256()
        var sha512 = SHA512()
        var blake2b = Blake2b()
        var refusal: Refusal?
    }

    private let state = Mutex(State())
    private let limit: Int
    private let hashesBlake2b: Bool
    private let spool: SpooledFile?

    init(limit: Int, blake2b: Bool, spool: SpooledFile?) {
        self.limit = limit
        hashesBlake2b = blake2b
        self.spool = spool
    }

    var refusal: Refusal? { state.withLock { $0.refusal } }

    func take(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            guard bytes.count <= limit - state.size else {
                state.refusal = .tooLong
                return false
            }
            if let spool, !spool.write(bytes) {
                state.refusal = .diskFull
                return false
            }
            state.size += bytes.count
            state.sha256.update(data: bytes)
            state.sha512.update(data: bytes)
            if hashesBlake2b { state.blake2b.update(bytes) }
            return true
        }
    }

    func digests() -> FileDigests {
        state.withLock { state in
            FileDigests(
                size: state.size, sha256: Array(state.sha256.finalize()), sha512: Array(state.sha512.finalize()),
                blake2b: hashesBlake2b ? state.blake2b.finalize() : [], spool: spool)
        }
    }
}
