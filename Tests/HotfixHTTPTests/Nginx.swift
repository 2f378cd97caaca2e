import Foundation
import HotfixHTTP
import HotfixTestSupport
import Testing

/// A real nginx with TLS, HTTP/2, gzip and client certificates, in the foreground as a child process.
struct Nginx {
    /// Plain HTTP.
    let plain: Int
    /// HTTPS for `localhost` that asks for no certificate.
    let secure: Int
    /// HTTPS for `localhost` that demands a client certificate.
    let mutual: Int
    let certificates: Certificates

    /// The text behind `/data.json`.
    static let data = "[" + (0..<20_000).map(String.init).joined(separator: ",") + "]"

    func url(_ port: Int, _ path: String = "/echo") -> String {
        "\(port == plain ? "http" : "https")://localhost:\(port)\(path)"
    }

    func call(_ port: Int, _ path: String = "/echo", tls: HTTPTLS? = nil, bodyLimit: Int = 1 << 20) -> HTTPCall {
        let tls = tls ?? HTTPTLS(caFile: certificates.authority)
        return HTTPCall(.get, url(port, path), tls: tls, bodyLimit: bodyLimit, retry: .none)
    }

    fileprivate var settings: String {
        let base = certificates.directory
        let seen = "$server_protocol $connection $ssl_client_verify"
        let echo = "location /echo { default_type text/plain; return 200 \"\(seen)\"; }"
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(base)/\($0);" }
        let tls = "server_name localhost; ssl_certificate \(base)/server.pem; ssl_certificate_key \(base)/server.key;"
        return """
            daemon off; master_process off; pid \(base)/nginx.pid; error_log stderr crit;
            events { worker_connections 512; }
            http {
                access_log off; keepalive_requests 100000; root \(base);
                gzip on; gzip_types application/json; types { application/json json; }
                \(paths.joined(separator: " "))
                server {
                    listen 127.0.0.1:\(plain); \(echo)
                    location /who { return 200 "\(base)"; }
                }
                server {
                    listen 127.0.0.1:\(secure) ssl http2; \(tls) \(echo)
                    ssl_verify_client optional; ssl_client_certificate \(base)/ca.pem;
                    location /down { return 302 http://localhost:\(plain)/echo; }
                }
                server {
                    listen 127.0.0.1:\(mutual) ssl; \(tls) \(echo)
                    ssl_verify_client on; ssl_client_certificate \(base)/ca.pem;
                    location /away { return 302 https://localhost:\(secure)/echo; }
                }
            }
            """
    }
}

/// Runs a body with an nginx and a client; both end with it.
func withNginx<T>(_ body: (Nginx, HTTPClient) async throws -> T) async throws -> T {
    let program = "/usr/sbin/nginx"
    try #require(FileManager.default.isExecutableFile(atPath: program), "Install nginx-light to run this test.")
    return try await withTemporaryDirectory { directory in
        let certificates = try await Certificates(in: directory)
        try Nginx.data.write(toFile: directory + "/data.json", atomically: true, encoding: .utf8)
        return try await withClient { client in
            // Another process may take a free port before nginx does.
            for _ in 0..<5 {
                let ports = try freePorts(3)
                let nginx = Nginx(plain: ports[0], secure: ports[1], mutual: ports[2], certificates: certificates)
                try nginx.settings.write(toFile: directory + "/nginx.conf", atomically: true, encoding: .utf8)
                let process = Process()
                process.executableURL = URL(fileURLWithPath: program)
                process.arguments = ["-p", directory, "-e", "stderr", "-c", directory + "/nginx.conf"]
                try process.run()
                // A child inherits the signals blocked on the thread that starts it, SIGTERM among them.
                defer { kill(process.processIdentifier, SIGKILL) }
                let isUp = HTTPRetry(attempts: 200, base: .milliseconds(20), cap: .milliseconds(20))
                let up = try? await client.send(HTTPCall(.get, nginx.url(nginx.plain, "/who"), retry: isUp))
                guard up.map(text) == directory else { continue }
                return try await body(nginx, client)
            }
            throw HTTPError(.unreachable, "nginx did not start.")
        }
    }
}

/// Ports that were free a moment ago, below the range that the system gives to outgoing connections.
func freePorts(_ count: Int) throws -> [Int] {
    var ports: Set<Int> = []
    while ports.count < count {
        let port = Int.random(in: 15_000...30_000)
        if try isFree(port) { ports.insert(port) }
    }
    return Array(ports)
}

private func isFree(_ port: Int) throws -> Bool {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(socket >= 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = UInt16(port).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
