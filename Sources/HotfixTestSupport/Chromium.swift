import Foundation
import Glibc
package import HotfixCore
import Synchronization

/// A real Chromium without a window, driven over a pipe.
package final class Chromium: Sendable {
    /// Why there is no browser, or what it refused.
    package struct Failure: Error, CustomStringConvertible {
        /// What happened.
        package let description: String
    }

    private struct State {
        var number = 0
        var waiters: [Int: CheckedContinuation<JSONObject, any Error>] = [:]
        var complaints: [String] = []
        var isGone = false
    }

    private static let program = "/usr/bin/chromium"

    private let state = Mutex(State())
    private let pid: Int32
    private let toBrowser: Int32

    private init(pid: Int32, toBrowser: Int32, fromBrowser: Int32) {
        self.pid = pid
        self.toBrowser = toBrowser
        Thread.detachNewThread { [self] in listen(fromBrowser) }
    }

    /// Starts a browser.
    ///
    /// - Parameter directory: An empty directory for its profile.
    /// - Returns: The browser, which has to be stopped.
    /// - Throws: ``Failure`` where `chromium` is missing or does not start.
    package static func start(in directory: String) throws -> Chromium {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw Failure(description: "\(program) is missing. Install the package `chromium`.")
        }
        let (theirInput, ourOutput) = try pipe()
        let (ourInput, theirOutput) = try pipe()
        defer { for descriptor in [theirInput, theirOutput] { close(descriptor) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "\(directory)/log", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, theirInput, 3)
        posix_spawn_file_actions_adddup2(&actions, theirOutput, 4)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        let arguments = [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-extensions",
            "--remote-debugging-pipe", "--user-data-dir=\(directory)/profile", "about:blank",
        ]
        var argv = arguments.map { strdup($0) } + [nil]
        let environment = ["HOME": directory, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": directory]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, program, &actions, &attributes, &argv, &envp)
        guard status == 0 else {
            throw Failure(description: "\(program) could not be started: \(String(cString: strerror(status)))")
        }
        return Chromium(pid: pid, toBrowser: ourOutput, fromBrowser: ourInput)
    }

    /// Opens a page.
    package func open(_ url: String, width: Int = 1600, height: Int = 1200) async throws -> ChromiumPage {
        let target = try await send("Target.createTarget", ["url": JSONValue("about:blank")])
        let attached = try await send(
            "Target.attachToTarget", ["targetId": target["targetId"] ?? .null, "flatten": .boolean(true)])
        guard case .string(let session)? = attached["sessionId"] else {
            throw Failure(description: "Chromium gave no session: \(attached)")
        }
        let page = ChromiumPage(browser: self, session: session.text)
        for domain in ["Page", "Runtime", "Log", "Network"] { try await page.send("\(domain).enable") }
        try await page.show(width: width, height: height, isDark: false)
        try await page.visit(url)
        return page
    }

    /// Errors and warnings of all pages so far: of scripts, of policies, of what could not be loaded.
    package var complaints: [String] { state.withLock { $0.complaints } }

    /// Ends the browser and waits until it is gone.
    package func stop() async {
        _ = try? await send("Browser.close")
        close(toBrowser)
        let pid = pid
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            Thread.detachNewThread {
                var status: Int32 = 0
                for _ in 0..<500 {
                    if waitpid(pid, &status, WNOHANG) != 0 {
                        kill(-pid, SIGKILL)
                        return continuation.resume()
                    }
                    usleep(10_000)
                }
                kill(-pid, SIGKILL)
                waitpid(pid, &status, 0)
                continuation.resume()
            }
        }
    }

    /// Asks the browser for something, and waits for what it says.
    @discardableResult
    package func send(
        _ method: String, _ parameters: JSONObject = [:], session: String? = nil
    ) async throws -> JSONObject {
        try await withCheckedThrowingContinuation { continuation in
            let number: Int? = state.withLock { state in
                guard !state.isGone else { return nil }
                state.number += 1
                state.waiters[state.number] = continuation
                return state.number
            }
            guard let number else { return continuation.resume(throwing: Failure(description: "Chromium is gone.")) }
            var message: JSONObject = [
                "id": JSONValue(number), "method": JSONValue(method), "params": .object(parameters),
            ]
            if let session { message["sessionId"] = JSONValue(session) }
            write(Array(JSONValue.object(message).line.utf8) + [0])
        }
    }

    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(toBrowser, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private func listen(_ descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var message: [UInt8] = []
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for byte in buffer[..<count] {
                guard byte == 0 else {
                    message.append(byte)
                    continue
                }
                take(message)
                message = []
            }
        }
        close(descriptor)
        let waiters = state.withLock { state in
            state.isGone = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume(throwing: Failure(description: "Chromium ended.")) }
    }

    private func take(_ bytes: [UInt8]) {
        guard let message = (try? JSONParser.value(of: bytes))?.object else { return }
        if case .number(let spelling)? = message["id"], let number = Int(spelling) {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
            if let error = message["error"] {
                waiter?.resume(throwing: Failure(description: "Chromium refused: \(error.line)"))
            } else {
                waiter?.resume(returning: message["result"]?.object ?? [:])
            }
        } else if let complaint = Self.complaint(message) {
            state.withLock { $0.complaints.append(complaint) }
        }
    }

    private static func complaint(_ message: JSONObject) -> String? {
        guard case .string(let method)? = message["method"], let parameters = message["params"]?.object else {
            return nil
        }
        switch method.text {
        case "Runtime.exceptionThrown": return JSONValue.object(parameters).line
        case "Runtime.consoleAPICalled":
            guard case .string(let kind)? = parameters["type"], ["error", "warning", "assert"].contains(kind.text)
            else {
                return nil
            }
            return JSONValue.object(parameters).line
        case "Log.entryAdded":
            guard let entry = parameters["entry"]?.object, case .string(let level)? = entry["level"],
                ["error", "warning"].contains(level.text)
            else { return nil }
            return JSONValue.object(entry).line
        default: return nil
        }
    }

    /// A pipe whose ends no other child inherits, and whose numbers are none of those that a child is given.
    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else {
            throw Failure(description: "No pipe could be made: \(String(cString: strerror(errno)))")
        }
        let high = ends.map { fcntl($0, F_DUPFD_CLOEXEC, 20) }
        for end in ends { close(end) }
        return (high[0], high[1])
    }
}

/// Runs a body with a browser that ends with it.
package func withChromium<T>(_ body: (Chromium) async throws -> T) async throws -> T {
    try await withTemporaryDirectory { directory in
        let browser = try Chromium.start(in: directory)
        do {
            let value = try await body(browser)
            await browser.stop()
            return value
        } catch {
            await browser.stop()
            throw error
        }
    }
}
