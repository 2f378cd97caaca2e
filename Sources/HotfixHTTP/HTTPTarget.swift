import CCurl

/// A checked address, without user information and fragment.
struct HTTPTarget: Sendable {
    let url: String
    let scheme: String
    /// Scheme, host and port: credentials are for one of these alone.
    let origin: String
    /// Whether the host is this machine.
    let isLoopback: Bool
    let user: String?
    let password: String?

    var redacted: String { HotfixHTTP.redacted(address: url) }

    /// Checks an address.
    ///
    /// - Throws: ``HTTPError`` that does not repeat the address, which may hold a password anywhere.
    init(_ text: String) throws(HTTPError) {
        try self.init(base: nil, text)
    }

    /// The address that a `Location` header leads to; user information in it is dropped.
    func redirected(to location: String) throws(HTTPError) -> HTTPTarget {
        do {
            return try HTTPTarget(base: url, location)
        } catch {
            throw HTTPError(
                .redirectRefused,
                "The redirect of '\(redacted)' leads to an address that is not http or https. Configure the address that answers.",
                cause: error.message
            )
        }
    }

    /// Checks an address, or what leads from one to the next.
    ///
    /// - Parameters:
    ///   - base: Where `text` is found; nil where it is a full address.
    ///   - text: The address.
    ///   - schemes: Those that are taken.
    ///   - adjust: Completes the parts before they are written down.
    /// - Throws: ``HTTPError`` that does not repeat the address.
    init(
        base: String?, _ text: String, schemes: [String] = ["http", "https"],
        adjust: (_ parts: OpaquePointer, _ scheme: String) -> Void = { _, _ in }
    ) throws(HTTPError) {
        func invalid(_ reason: String) -> HTTPError {
            HTTPError(
                .invalidURL,
                "The address is not valid: \(reason). Give a full \(schemes.joined(separator: " or ")) address.")
        }
        // A NUL would end the text early for curl.
        guard text.utf8.allSatisfy({ $0 > 0x1F && $0 != 0x7F }) else {
            throw invalid("it holds a control character")
        }
        guard let parts = curl_url() else { throw Self.unavailable }
        defer { curl_url_cleanup(parts) }

        var flags: UInt32 = 0
        if let base {
            flags = UInt32(CURLU_URLENCODE | CURLU_ALLOW_SPACE)
            _ = curl_url_set(parts, CURLUPART_URL, base, 0)
        }
        let result = curl_url_set(parts, CURLUPART_URL, text, flags)
        guard result == CURLUE_OK else { throw invalid(String(cString: curl_url_strerror(result))) }

        func part(_ which: CURLUPart, _ flags: Int32 = 0) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            guard curl_url_get(parts, which, &value, UInt32(flags)) == CURLUE_OK, let value else { return nil }
            defer { curl_free(value) }
            return String(cString: value)
        }
        guard let scheme = part(CURLUPART_SCHEME)?.lowercased(), schemes.contains(scheme) else {
            throw invalid("its scheme is neither \(schemes.joined(separator: " nor "))")
        }
        user = part(CURLUPART_USER, CURLU_URLDECODE)
        password = part(CURLUPART_PASSWORD, CURLU_URLDECODE)
        for which in [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_FRAGMENT] {
            _ = curl_url_set(parts, which, nil, 0)
        }
        adjust(parts, scheme)
        guard let host = part(CURLUPART_HOST)?.lowercased(), let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT),
            let url = part(CURLUPART_URL)
        else { throw invalid("it names no host") }
        self.url = url
        self.scheme = scheme
        self.origin = "\(scheme)://\(host):\(port)"
        // libcurl has written every form of an address as four numbers by now.
        isLoopback = host == "localhost" || host == "[::1]" || host.wholeMatch(of: /127(\.\d{1,3}){3}/) != nil
    }
}

extension HTTPTarget {
    /// Every request, and every mail, begins with an address: here it shows where libcurl is missing.
    private static var unavailable: HTTPError {
        guard let missing = hotfix_curl_missing() else {
            return HTTPError(.resources, "libcurl could not allocate an address. Check the free memory.")
        }
        return HTTPError(
            .resources, "libcurl could not be loaded. Install it (Debian: apt-get install libcurl4).",
            cause: String(cString: missing), isUnsent: true)
    }
}

/// What may be shown of an address that is a secret as a whole: its scheme, host and port.
///
/// - Parameter address: An http or https address.
/// - Returns: For example `https://hooks.slack.com`, without the port where it is the scheme's own; nil where it is no address.
package func shownOrigin(of address: String) -> String? {
    guard let target = try? HTTPTarget(address) else { return nil }
    for suffix in ["https:443", "http:80"].map({ $0.split(separator: ":") })
    where target.scheme == suffix[0] && target.origin.hasSuffix(":\(suffix[1])") {
        return String(target.origin.dropLast(suffix[1].count + 1))
    }
    return target.origin
}
