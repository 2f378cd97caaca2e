import Foundation
import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Testing

@Suite("Proxies", .timeLimit(.minutes(1)))
struct ProxyTests {
    // The environment belongs to the whole process, so each test has one of its own.
    @Test("The proxy of the environment is used, and no_proxy leaves hosts out of it")
    func environment() async throws {
        await #expect(processExitsWith: .success) {
            try await withLoopbackServer({ _ in .json("\"by proxy\"") }) { proxy in
                try await withLoopbackServer({ _ in .json("\"direct\"") }) { server in
                    setenv("http_proxy", proxy.url, 1)
                    setenv("no_proxy", "127.0.0.1", 1)
                    try await withClient { client in
                        let far = try await client.send(HTTPCall(.get, "http://metrics.invalid/x?a=1"))
                        try #require(text(far) == "\"by proxy\"")
                        try #require(proxy.requests().map(\.path) == ["http://metrics.invalid/x"])
                        let near = try await client.send(HTTPCall(.get, server.url))
                        try #require(text(near) == "\"direct\"")
                        try #require(proxy.requests().count == 1)
                    }
                }
            }
        }
    }

    @Test("What goes to this machine goes by no proxy, in whatever form it is addressed")
    func loopback() async throws {
        await #expect(processExitsWith: .success) {
            try await withLoopbackServer({ _ in .json("\"by proxy\"") }) { proxy in
                try await withLoopbackServer({ _ in .json("\"direct\"") }) { server in
                    setenv("http_proxy", proxy.url, 1)
                    setenv("all_proxy", proxy.url, 1)
                    unsetenv("no_proxy")
                    unsetenv("NO_PROXY")
                    try await withClient { client in
                        for host in ["127.0.0.1", "localhost", "127.1", "0x7f.0.0.1", "LOCALHOST"] {
                            let answer = try await client.send(HTTPCall(.get, "http://\(host):\(server.port)/"))
                            try #require(text(answer) == "\"direct\"", "\(host)")
                        }
                        let far = try await client.send(HTTPCall(.get, "http://127.0.0.1.invalid/"))
                        try #require(text(far) == "\"by proxy\"")
                        try #require(proxy.requests().count == 1)
                    }
                }
            }
        }
    }

    @Test("A proxy that is away, or refuses to tunnel, is an error without its password")
    func errors() async throws {
        await #expect(processExitsWith: .success) {
            try await withLoopbackServer({ _ in .answer(status: 407) }) { proxy in
                let canary = "CaNaRy-9f31c2"
                setenv("https_proxy", "http://user:\(canary)@127.0.0.1:\(proxy.port)", 1)
                setenv("http_proxy", "http://user:\(canary)@127.0.0.1:1", 1)
                try await withClient { client in
                    for (url, isTransient) in [("https://metrics.invalid/", false), ("http://metrics.invalid/", true)] {
                        let error = try await failure(of: HTTPCall(.get, url, retry: .none), with: client)
                        try #require(error.code == .unreachable && error.isTransient == isTransient, "\(error)")
                        try #require(error.message.contains("the proxy refused") != isTransient)
                        try #require(!RedactionTests.printed(error).contains(canary))
                    }
                }
            }
        }
    }

    @Test("A process that never shuts its client down still exits")
    func exit() async throws {
        await #expect(processExitsWith: .success) {
            try await withLoopbackServer({ _ in .json("{}") }) { server in
                let client = HTTPClient()
                _ = try await client.send(HTTPCall(.get, server.url))
            }
        }
    }
}
