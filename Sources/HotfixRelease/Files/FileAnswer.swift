/// Why a file could not be had.
enum FileFailure: Error, Sendable, Hashable {
    /// Whoever asks for it does not get it.
    case dead(String)
    /// It could not be asked for from here, now.
    case unreachable(String)
    /// It is larger than was announced, or than anybody would take.
    case tooLarge(String)

    /// What happened, a sentence.
    var reason: String {
        switch self {
        case .dead(let reason), .unreachable(let reason), .tooLarge(let reason): reason
        }
    }
}

/// The bytes of a file as far as they were needed.
struct FileDigests: Sendable {
    /// How many bytes it has.
    var size: Int
    /// The SHA-256 of the file.
    var sha256: [UInt8]
    /// The SHA-512 of the file.
    var sha512: [UInt8]
    /// The BLAKE2b-512 of the file, empty where it was not asked for.
    var blake2b: [UInt8]
    /// The file itself, where a signature is of the whole of it.
    var spool: SpooledFile?
}

/// What of a file is needed beside its digests.
struct FileNeeds: OptionSet, Sendable {
    let rawValue: Int
    static let blake2b = FileNeeds(rawValue: 1)
    static let spool = FileNeeds(rawValue: 2)
}

/// Bytes as hexadecimal digits.
func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
