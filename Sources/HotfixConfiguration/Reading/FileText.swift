import Foundation

/// Why a file could not be read, as the end of a sentence: "does not exist".
struct FileProblem: Error, CustomStringConvertible {
    var description: String
}

/// What an error of reading a file says, as the end of a sentence that begins with the file.
func reason(_ error: any Error) -> String {
    (error as? FileProblem)?.description ?? "could not be read: \(error)"
}

/// More than any configuration has: a file above it is another one.
private let largestFile = 4 << 20

/// The text of a file.
///
/// - Throws: `FileProblem` where it is missing, a directory, unreadable, too large or not UTF-8.
package func fileText(at path: String) throws -> String {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
        throw FileProblem(description: "does not exist")
    }
    guard !isDirectory.boolValue else { throw FileProblem(description: "is a directory") }
    guard let handle = FileHandle(forReadingAtPath: path) else {
        throw FileProblem(description: "may not be read by this user")
    }
    defer { try? handle.close() }
    let data = try handle.read(upToCount: largestFile + 1) ?? Data()
    guard data.count <= largestFile else { throw FileProblem(description: "is larger than 4 MiB") }
    return try utf8Text(data)
}

/// The text that bytes stand for.
///
/// - Throws: `FileProblem` with the line, where they are not UTF-8.
func utf8Text(_ data: Data) throws -> String {
    if let text = String(validating: data, as: UTF8.self) { return text }
    let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    throw FileProblem(description: "is not UTF-8 text (line \(line + 1)); save it as UTF-8")
}
