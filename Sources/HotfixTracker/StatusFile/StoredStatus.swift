import Glibc
import HotfixCore

/// A status file as it lay on the disk at one moment.
struct StoredStatus {
    /// What it held; the defaults where there was none.
    var status: StatusFile
    /// What `stat` said; nil where there was none.
    var facts: stat?

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - shown: What errors call it.
    /// - Throws: ``StatusFileError`` where it cannot be read or is not an object of JSON.
    init(reading path: String, shown: String) throws(StatusFileError) {
        guard let stored = try StoredFile(reading: path, shown: shown) else {
            status = StatusFile()
            return
        }
        facts = stored.facts
        let value: JSONValue
        do throws(JSONSyntaxError) { value = try JSONParser.value(of: stored.bytes) } catch {
            throw StatusFileError(path: shown, error)
        }
        guard let root = value.object else {
            throw StatusFileError(path: shown, JSONSyntaxError(line: 1, column: 1, message: "this is not an object"))
        }
        status = StatusFile(root: root)
        try refuseLineEnds(stored.bytes, shown: shown)
        _ = try TrackerRecord(status, path: shown)
    }
}

/// Refuses line ends that no text of the script's or of hotfix has, and that a whole file of changes would replace.
private func refuseLineEnds(_ bytes: [UInt8], shown: String) throws(StatusFileError) {
    // Within strings they are always escaped.
    guard let place = bytes.firstIndex(of: 0x0D) else { return }
    let before = bytes[..<place]
    let line = before.count { $0 == 0x0A } + 1
    let column = before.reversed().prefix { $0 != 0x0A }.count { $0 & 0xC0 != 0x80 } + 1
    throw StatusFileError(
        path: shown,
        JSONSyntaxError(
            line: line, column: column,
            message: "a carriage return: the lines end as those of Windows do (CRLF), and the script's end with LF. "
                + "`sed -i 's/\\r$//'` on the file mends it; `git config core.autocrlf input` keeps git from making them"
        ))
}
