package import HotfixCore

extension StatusFile {
    /// Changes a status file and records in its history who did so; a change that changes nothing is no deed, and writes nothing.
    ///
    /// Only a check of what it says is a deed all the same.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - at: When it is done.
    ///   - by: Who does it.
    ///   - step: The command, as it is typed.
    ///   - reason: Why, where a reason was given.
    ///   - isVerified: Whether what the file says was verified, which is recorded also where it changes nothing.
    ///   - apply: The change; it says what was done, in sentences in the past tense.
    /// - Returns: What was done; nil where the file said so already.
    /// - Throws: ``StatusFileError``, or what `apply` throws; the file is then left as it was.
    package static func change(
        path: String, at: Instant, by: String, step: String, reason: String? = nil,
        isVerified: Bool = false, apply: (inout StatusFile) throws -> String
    ) throws -> String? {
        var done: String?
        try update(path: path, at: at) { status in
            let before = status
            let did = try apply(&status)
            done = status == before && !isVerified ? nil : did
            guard done != nil else { return }
            status.record(HistoryEntry(at: at, by: by, step: step, did: did, reason: reason))
        }
        return done
    }

    /// Adds an element to the list at a path of keys; what stands there and is no list is replaced.
    package mutating func append(_ element: JSONValue, to section: JSONString, _ key: JSONString) {
        var elements: [JSONValue] = []
        if case .array(let old) = self[section, key] { elements = old }
        set(section, key, to: .array(elements + [element]))
    }
}
