import Foundation

/// Whether what is written to a file goes straight to systemd's journal, which then takes priorities from the beginnings of lines.
///
/// systemd says so by `JOURNAL_STREAM`; children inherit the variable also where their output goes elsewhere, so the file has to be
/// the one that it names.
///
/// - Parameters:
///   - environment: The variables of the process.
///   - descriptor: The file, such as 2 for standard error.
/// - Returns: Whether it goes there; false where the file can not be asked.
package func isJournal(environment: [String: String], descriptor: Int32) -> Bool {
    guard let stream = environment["JOURNAL_STREAM"] else { return false }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { return false }
    return stream == "\(facts.st_dev):\(facts.st_ino)"
}
