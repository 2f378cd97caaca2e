import Foundation
package import HotfixCore

/// A page that a browser shows.
package struct ChromiumPage: Sendable {
    let browser: Chromium
    let session: String

    /// A key that is pressed.
    package enum Key: String, Sendable {
        case tab = "Tab"
        case enter = "Enter"
        case space = " "
        case down = "ArrowDown"
        case left = "ArrowLeft"
        case end = "End"

        fileprivate var code: Int {
            switch self {
            case .tab: 9
            case .enter: 13
            case .space: 32
            case .end: 35
            case .left: 37
            case .down: 40
            }
        }
    }

    /// Asks the page for something.
    @discardableResult
    package func send(_ method: String, _ parameters: JSONObject = [:]) async throws -> JSONObject {
        try await browser.send(method, parameters, session: session)
    }

    /// Opens another page in the same browser.
    package func beside(_ url: String) async throws -> ChromiumPage { try await browser.open(url) }

    /// Goes to an address, and waits until the page is there.
    package func visit(_ url: String) async throws {
        try await send("Page.navigate", ["url": JSONValue(url)])
        try await waits(for: "location.href !== 'about:blank' && document.readyState === 'complete'")
    }

    /// Goes to an address as somebody does who lets no script run, and waits until the page is there.
    package func visitWithoutScript(_ url: String) async throws {
        try await send("Emulation.setScriptExecutionDisabled", ["value": .boolean(true)])
        try await send("Page.navigate", ["url": JSONValue(url)])
        var isThere = false
        // Without scripts nothing in the page can tell when.
        for _ in 0..<1000 where !isThere {
            let state = "location.href === \(JSONValue(url).line) && document.readyState === 'complete'"
            isThere = (try? await value(state)) == .boolean(true)
            if !isThere { try await Task.sleep(for: .milliseconds(30)) }
        }
        try await send("Emulation.setScriptExecutionDisabled", ["value": .boolean(false)])
        guard isThere else { throw Chromium.Failure(description: "\(url) was not loaded.") }
    }

    /// Sets the size of the screen, and what whoever sits before it prefers.
    package func show(width: Int, height: Int, isDark: Bool) async throws {
        try await send(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": JSONValue(width), "height": JSONValue(height), "deviceScaleFactor": JSONValue(1),
                "mobile": .boolean(false),
            ])
        let scheme: JSONValue = .object([
            "name": JSONValue("prefers-color-scheme"), "value": JSONValue(isDark ? "dark" : "light"),
        ])
        try await send("Emulation.setEmulatedMedia", ["features": .array([scheme])])
    }

    /// The value of an expression.
    package func value(_ expression: String) async throws -> JSONValue {
        let answer = try await send(
            "Runtime.evaluate",
            ["expression": JSONValue(expression), "returnByValue": .boolean(true), "awaitPromise": .boolean(true)])
        if let exception = answer["exceptionDetails"] {
            throw Chromium.Failure(description: "'\(expression)' failed: \(exception.line)")
        }
        return answer["result"]?.object?["value"] ?? .null
    }

    /// The text that an expression gives.
    package func text(_ expression: String) async throws -> String {
        guard case .string(let text) = try await value(expression) else {
            throw Chromium.Failure(description: "'\(expression)' is no text.")
        }
        return text.text
    }

    /// Waits until an expression holds.
    ///
    /// - Throws: ``Chromium/Failure`` where it does not within 30 seconds.
    package func waits(for condition: String) async throws {
        let promise = """
            new Promise((told) => {
              const look = setInterval(() => {
                let holds = false;
                try { holds = Boolean(\(condition)); } catch { holds = false; }
                if (holds) { clearInterval(look); told(true); }
              }, 30);
              setTimeout(() => { clearInterval(look); told(false); }, 30000);
            })
            """
        for _ in 0..<20 {
            do {
                guard try await value(promise) == .boolean(true) else { break }
                return
            } catch let error as Chromium.Failure
                where ["context", "navigat", "collected"].contains(where: error.description.contains)
            {
                // The page was left while it was looked at.
                continue
            }
        }
        throw Chromium.Failure(description: "This did not become so: \(condition)")
    }

    /// Presses a key and lets it go.
    package func press(_ key: Key) async throws {
        var event: JSONObject = [
            "type": JSONValue("keyDown"), "key": JSONValue(key.rawValue),
            "code": JSONValue(key == .space ? "Space" : key.rawValue), "windowsVirtualKeyCode": JSONValue(key.code),
        ]
        if key == .enter { event["text"] = JSONValue("\r") }
        if key == .space { event["text"] = JSONValue(" ") }
        try await send("Input.dispatchKeyEvent", event)
        event["type"] = JSONValue("keyUp")
        event["text"] = nil
        try await send("Input.dispatchKeyEvent", event)
    }

    /// Types a text where the focus is.
    package func type(_ text: String) async throws {
        try await send("Input.insertText", ["text": JSONValue(text)])
    }

    /// Presses the tab key until what has the focus fits, as an expression of `it` says.
    ///
    /// - Throws: ``Chromium/Failure`` where nothing among the next 400 does.
    package func tab(to condition: String) async throws {
        for _ in 0..<400 {
            try await press(.tab)
            if try await value("(() => { const it = document.activeElement; return Boolean(\(condition)); })()")
                == .boolean(true)
            {
                return
            }
        }
        throw Chromium.Failure(description: "The tab key does not lead to: \(condition)")
    }

    /// Errors and warnings so far: of scripts, of policies, of what could not be loaded.
    package var complaints: [String] { browser.complaints }

    /// A picture of all of the page, as a PNG file.
    package func picture() async throws -> [UInt8] {
        let answer = try await send(
            "Page.captureScreenshot", ["format": JSONValue("png"), "captureBeyondViewport": .boolean(true)])
        guard case .string(let text)? = answer["data"], let data = Data(base64Encoded: text.text) else {
            throw Chromium.Failure(description: "Chromium took no picture.")
        }
        return Array(data)
    }
}
